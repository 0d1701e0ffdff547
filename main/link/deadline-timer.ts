/**
 * The one timer of a connection. QUIC moves its next deadline with nearly every packet, mostly further
 * away: a timer that is set earlier is left alone and looks again when it fires.
 */
export class DeadlineTimer {
  readonly #onDue: () => void;
  #handle: NodeJS.Timeout | undefined;
  #firesAt = Infinity;
  #dueAt = Infinity;

  constructor(onDue: () => void) {
    this.#onDue = onDue;
  }

  /** @param delayMs from now; null: nothing is due */
  set(delayMs: number | null): void {
    if (delayMs === null) {
      this.clear();
      return;
    }
    this.#dueAt = performance.now() + delayMs;
    if (this.#firesAt <= this.#dueAt + 1) return;
    clearTimeout(this.#handle);
    this.#arm(delayMs);
  }

  clear(): void {
    clearTimeout(this.#handle);
    this.#handle = undefined;
    this.#firesAt = Infinity;
    this.#dueAt = Infinity;
  }

  #arm(delayMs: number): void {
    // QUIC's own clock is finer than milliseconds and rounds down: one more, or the timer fires in vain.
    const delay = Math.ceil(delayMs) + 1;
    this.#firesAt = performance.now() + delay;
    this.#handle = setTimeout(this.#fire, delay);
  }

  readonly #fire = (): void => {
    this.#handle = undefined;
    this.#firesAt = Infinity;
    const left = this.#dueAt - performance.now();
    if (left > 0.5) this.#arm(left);
    else this.#onDue();
  };
}
