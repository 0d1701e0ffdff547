/**
 * How long the datagrams of a path may be: tried with pings of that length, as RFC 8899 has it. Routers are not asked:
 * those that drop what is too long for them often say nothing.
 */
/** So many probes are sent before the longest length is left alone for a while. */
const PROBES = 3;
/** After that one at a time: how often, ms. A route may have become better. */
const RAISE_MS = 60_000;

export class PathSize {
  /** What arrives on every path that QUIC can use, bytes (RFC 8899: BASE_PLPMTU). */
  readonly base: number;
  /** The most that is ever sent, bytes. */
  readonly #most: number;
  #isMost: boolean;
  #left = PROBES;
  /** ms of `performance.now`. */
  #probedAt = -Infinity;

  constructor(base: number, most: number) {
    this.base = base;
    this.#most = most;
    this.#isMost = base >= most;
  }

  /** What may be sent now, bytes. */
  get bytes(): number {
    return this.#isMost ? this.#most : this.base;
  }

  /** What is longest was tried, and did not arrive. */
  get isNarrow(): boolean {
    return !this.#isMost && this.#left === 0;
  }

  /** Length of the probe that is due; undefined: none is. @param now ms of `performance.now` */
  probe(now: number): number | undefined {
    if (this.#isMost || (this.#left === 0 && now - this.#probedAt < RAISE_MS)) return undefined;
    this.#left = Math.max(0, this.#left - 1);
    this.#probedAt = now;
    return this.#most;
  }

  /** A datagram of this length has arrived. */
  carried(bytes: number): void {
    if (bytes >= this.#most) this.#isMost = true;
  }

  /** One of this length has not, as far as can be told: perhaps because of its length (RFC 8899 section 4.3). */
  missed(bytes: number): void {
    if (bytes <= this.base || !this.#isMost) return;
    this.#isMost = false;
    this.restart();
  }

  /** The way that datagrams take may be another one. */
  restart(): void {
    this.#left = PROBES;
  }
}
