/** The round trips of a line: the smoothed one, and the shortest, which is the line without anything that waits on it. */

/** A round trip so much longer than the shortest has waited somewhere. */
export const QUEUED_MS = 5;
/** The shortest of so long counts, ms; and then of the time it takes to let the queue go: that many round trips and ms. */
const COUNTS_MS = 10_000;
const PROOF = { rtts: 3, ms: 100 } as const;
/** Weight of a new sample (RFC 6298). */
const WEIGHT = 1 / 8;
const LEAST_MS = 0.1;

export class RoundTrip {
  #smoothedMs: number | undefined;
  #shortestMs: number;
  /** When it was measured, ms; undefined: it was not. */
  #shortestAt: number | undefined;
  /** Whether it has become longer for good is being found out. */
  #proof: { readonly until: number; leastMs: number } | undefined;

  /** @param guessMs before anything was measured */
  constructor(guessMs: number) {
    this.#shortestMs = Math.max(guessMs, 1);
  }

  /** Undefined: not measured yet. */
  get smoothedMs(): number | undefined {
    return this.#smoothedMs;
  }

  get shortestMs(): number {
    return this.#shortestMs;
  }

  /** @returns the queue is to be let go: maybe something has waited on the line for so long that nothing shorter is seen */
  add(rttMs: number, now: number): boolean {
    this.#smoothedMs =
      this.#smoothedMs === undefined
        ? rttMs
        : this.#smoothedMs + (rttMs - this.#smoothedMs) * WEIGHT;
    if (this.#shortestAt === undefined || rttMs <= this.#shortestMs) {
      this.#take(rttMs, now);
      return false;
    }
    if (now - this.#shortestAt < COUNTS_MS) return false;
    const proof = this.#proof;
    if (proof === undefined) {
      this.#proof = { until: now + PROOF.ms + rttMs * PROOF.rtts, leastMs: rttMs };
      return true;
    }
    proof.leastMs = Math.min(proof.leastMs, rttMs);
    if (now >= proof.until) this.#take(proof.leastMs, now);
    return false;
  }

  /** The line, or somebody on the way, has let it wait. */
  isLong(rttMs: number): boolean {
    return rttMs > this.#shortestMs + QUEUED_MS;
  }

  #take(rttMs: number, now: number): void {
    this.#shortestMs = Math.max(rttMs, LEAST_MS);
    this.#shortestAt = now;
    this.#proof = undefined;
  }
}
