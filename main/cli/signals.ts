/** npm, a launcher and the terminal may all pass on one Ctrl-C: within this time it counts once. */
const ONE_PRESS_MS = 300;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export type StopSignal = (typeof SIGNALS)[number];

/**
 * Two steps to stop: the first SIGINT, SIGTERM or SIGHUP calls `stop`, a later one calls `abort` (which
 * exits). Returns the end of listening.
 */
export function onStopSignals(
  stop: (signal: StopSignal) => void,
  abort: (signal: StopSignal) => void,
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
  for (const signal of SIGNALS) process.on(signal, listener);
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener);
  };
}
