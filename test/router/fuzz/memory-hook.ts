/** Loaded into the router's process (`--import`): tells its memory after a garbage collection when asked. */

process.on('message', (message) => {
  if (message !== 'memory') return;
  globalThis.gc?.();
  process.send?.(process.memoryUsage());
});
// The question must not keep the router alive.
process.channel?.unref();
