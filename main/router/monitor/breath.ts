/** Long work in turns of the event loop, so that messages do not wait for somebody's monitoring page. */
import { setImmediate } from 'node:timers/promises';

/** What is done at most before others get their turn, ms. */
const SHARE_MS = 3;

export class Breath {
  #until = performance.now() + SHARE_MS;

  /** Whether it is time to await `take`. */
  get due(): boolean {
    return performance.now() >= this.#until;
  }

  async take(): Promise<void> {
    await setImmediate();
    this.#until = performance.now() + SHARE_MS;
  }
}
