/** Long work in turns of the event loop, so that messages do not wait for somebody's monitoring page. */
import { setImmediate } from 'node:timers/promises';

/** What is done at most before others get their turn, ms. */
const SHARE_MS = 3;

/** What is looked at before the clock is. */
const LOOKED_AT = 512;

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

/** Those of a long list that are wanted, in its order. */
export async function gather<T>(
  from: Iterable<T>,
  wanted: (one: T) => boolean,
  into: T[] = [],
): Promise<T[]> {
  const breath = new Breath();
  let looked = 0;
  for (const one of from) {
    if (++looked % LOOKED_AT === 0 && breath.due) await breath.take();
    if (wanted(one)) into.push(one);
  }
  return into;
}
