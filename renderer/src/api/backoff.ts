/** Delays between attempts: doubling, with jitter so that several pages do not come back in step. */
export class Backoff {
  readonly #first: number;
  readonly #most: number;
  readonly #random: () => number;
  #attempts = 0;

  /** `first` and `most` in milliseconds. */
  constructor(first: number, most: number, random: () => number = Math.random) {
    this.#first = first;
    this.#most = most;
    this.#random = random;
  }

  /** The next delay, milliseconds: between half and all of the doubled one. */
  next(): number {
    const delay = Math.min(this.#most, this.#first * 2 ** this.#attempts);
    this.#attempts += 1;
    return delay * (0.5 + this.#random() / 2);
  }

  reset(): void {
    this.#attempts = 0;
  }
}
