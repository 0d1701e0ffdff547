/** npm, a launcher and the terminal may all pass on one Ctrl-C: within this time it counts once. */
const ONE_PRESS_MS = 300;

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/**
 * Two steps to stop: the first of the signals calls `stop`, a later one calls `abort` (which
 * exits). Returns the end of listening, for a process that goes on.
 */
export function onStopSignals(
  stop: (signal: StopSignal) => void,
  abort: (signal: StopSignal) => void,
  signals: readonly StopSignal[] = ['SIGINT', 'SIGTERM'],
): () => void {
  let first: number | null = null;
  const listener = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (first === null) {
      first = now;
      stop(signal as StopSignal);
    } else if (now - first > ONE_PRESS_MS) {
      abort(signal as StopSignal);
    }
  };
  for (const signal of signals) process.on(signal, listener);
  return () => {
    // After a first signal the process is on its way out; the second half of one press must not kill it there.
    if (first !== null) return;
    for (const signal of signals) process.off(signal, listener);
  };
}
