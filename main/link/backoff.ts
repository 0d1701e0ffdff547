export interface BackoffOptions {
  /** 0 ≤ random() < 1. */
  readonly random?: () => number;
  readonly firstMs?: number;
  readonly maxMs?: number;
  /** A link must have been up so long before failures are forgotten. */
  readonly stableMs?: number;
}

/**
 * How long to wait before the next attempt: doubling, with up to half of it taken off at random, so that
 * peers that lost each other at one moment do not meet at one moment again and again.
 */
export class Backoff {
  readonly #random: () => number;
  readonly #firstMs: number;
  readonly #maxMs: number;
  readonly #stableMs: number;
  #failures = 0;
  #upAt: number | undefined;

  constructor(options: BackoffOptions = {}) {
    this.#random = options.random ?? Math.random;
    this.#firstMs = options.firstMs ?? 500;
    this.#maxMs = options.maxMs ?? 30_000;
    this.#stableMs = options.stableMs ?? 60_000;
  }

  /** Milliseconds to wait now; longer the next time. */
  next(): number {
    const whole = Math.min(this.#maxMs, this.#firstMs * 2 ** this.#failures);
    if (whole < this.#maxMs) this.#failures += 1;
    return whole * (1 - this.#random() / 2);
  }

  /** Hopeless for now: from here on the longest wait. */
  exhaust(): void {
    while (this.#firstMs * 2 ** this.#failures < this.#maxMs) this.#failures += 1;
  }

  /** @param now milliseconds */
  noteUp(now: number): void {
    this.#upAt = now;
  }

  /** @param now milliseconds */
  noteDown(now: number): void {
    if (this.#upAt !== undefined && now - this.#upAt >= this.#stableMs) this.#failures = 0;
    this.#upAt = undefined;
  }
}
