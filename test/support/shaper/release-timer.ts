/** The least that Node's timers can wait, ms. */
const TICK_MS = 1;

/**
 * Calls `release` with the time of now when something is due, never before it. Timers are good to a millisecond
 * or two: what became due meanwhile goes in one batch, by the monotonic clock and not by counting ticks, so that
 * the rate is right though the grain is coarse. Whoever is woken by something else should call `look` too.
 */
export class ReleaseTimer {
  readonly #nextDue: () => number | undefined;
  readonly #release: (now: number) => void;
  #timer: NodeJS.Timeout | undefined;
  /** Milliseconds of `performance.now`. */
  #firesAt = Infinity;

  /** @param nextDue milliseconds of `performance.now` */
  constructor(nextDue: () => number | undefined, release: (now: number) => void) {
    this.#nextDue = nextDue;
    this.#release = release;
  }

  look(): void {
    const now = performance.now();
    const due = this.#nextDue();
    if (due !== undefined && due <= now) this.#release(now);
    const next = this.#nextDue();
    if (next === undefined || next >= this.#firesAt) return;
    // What is due in a fraction of a millisecond waits for the next tick: spinning would take a core.
    const delay = Math.max(TICK_MS, Math.floor(next - now));
    clearTimeout(this.#timer);
    this.#firesAt = now + delay;
    this.#timer = setTimeout(() => {
      this.#firesAt = Infinity;
      this.look();
    }, delay);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#firesAt = Infinity;
  }
}
