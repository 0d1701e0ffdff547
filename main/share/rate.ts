/** Smoothing time, seconds: what people read should not jump. */
const WINDOW_SECONDS = 5;

/** Bytes a second, smoothed over about five seconds (exponentially weighted by elapsed time). */
export class Rate {
  #bytesPerSecond = 0;
  #pending = 0;
  #since: number;
  #warm = 0;

  /** @param now milliseconds */
  constructor(now: number) {
    this.#since = now;
  }

  add(bytes: number): void {
    this.#pending += bytes;
  }

  /** @param now milliseconds */
  perSecond(now: number): number {
    const seconds = (now - this.#since) / 1000;
    if (seconds < 0.1) return this.#bytesPerSecond;
    const measured = this.#pending / seconds;
    this.#warm += seconds;
    // In the first seconds the mean so far, so that the first shown rate is not an echo of zero.
    const weight = Math.max(
      1 - Math.exp(-seconds / WINDOW_SECONDS),
      Math.min(1, seconds / this.#warm),
    );
    this.#bytesPerSecond += (measured - this.#bytesPerSecond) * weight;
    this.#pending = 0;
    this.#since = now;
    return this.#bytesPerSecond;
  }
}
