import type { Log } from '../base/log.ts';

/** How long one part may take to stop before the next one is stopped all the same. */
const STOP_MS = 5000;

/** What was started, to be stopped in the opposite order, each with a bounded wait and whatever the others do. */
export class StopList {
  readonly #log: Log;
  readonly #parts: { readonly name: string; readonly stop: () => void | Promise<void> }[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  add(name: string, stop: () => void | Promise<void>): void {
    this.#parts.push({ name, stop });
  }

  /** Never rejects: a part that fails to stop is logged. */
  async stop(): Promise<void> {
    for (let part = this.#parts.pop(); part !== undefined; part = this.#parts.pop()) {
      const { name, stop } = part;
      try {
        if ((await withinTime(Promise.resolve(stop()))) === 'late') {
          this.#log.warn({ part: name }, 'still stopping; going on without it');
        }
      } catch (error) {
        this.#log.error({ err: error, part: name }, 'did not stop cleanly');
      }
    }
  }
}

function withinTime(work: Promise<void>): Promise<'done' | 'late'> {
  const { promise, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => resolve('late'), STOP_MS);
  return Promise.race([work.then(() => 'done' as const), promise]).finally(() =>
    clearTimeout(timer),
  );
}
