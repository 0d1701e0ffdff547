/** Counters that are looked back for. */
const SIZE = 1_024;

/** Each counter passes once, in any order that is not too far off (as RFC 4303 section 3.4.3 has it). */
export class ReplayWindow {
  readonly #seen = new Uint8Array(SIZE);
  #highest = -1;

  /** False for a counter that was there before, or that is older than the window. */
  take(counter: number): boolean {
    if (counter > this.#highest) {
      const from = Math.max(this.#highest + 1, counter - SIZE + 1);
      for (let skipped = from; skipped < counter; skipped += 1) this.#seen[skipped % SIZE] = 0;
      this.#highest = counter;
    } else if (counter <= this.#highest - SIZE || this.#seen[counter % SIZE] === 1) {
      return false;
    }
    this.#seen[counter % SIZE] = 1;
    return true;
  }
}
