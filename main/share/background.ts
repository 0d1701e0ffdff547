import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';

/** Work that nobody waits for at once: its failures are logged, and the end can be waited for. */
export class Background {
  readonly #running = new Set<Promise<void>>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Starts it. @param what for the log, e.g. `deleting an unshared share` */
  run(what: string, work: () => Promise<void>): void {
    const running: Promise<void> = work()
      .catch((error: unknown) => {
        this.#log.error({ err: error }, `${what} failed: ${messageOf(error)}`);
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Settles when all that was started has ended. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
