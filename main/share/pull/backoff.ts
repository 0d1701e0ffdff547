const FIRST_MS = 200;
const LAST_MS = 15_000;

/** Growing delays between attempts, with jitter; starts over when something was achieved. */
export class Backoff {
  readonly #random: () => number;
  #attempts = 0;

  /** @param random 0 (inclusive) to 1 */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Attempts since the last reset. */
  get attempts(): number {
    return this.#attempts;
  }

  /** Milliseconds to wait before the next attempt. */
  next(): number {
    const delay = Math.min(LAST_MS, FIRST_MS * 2 ** this.#attempts);
    this.#attempts += 1;
    return delay * (0.75 + 0.5 * this.#random());
  }

  reset(): void {
    this.#attempts = 0;
  }
}
