/** Whether there is room for more on a line: what waits on it, whose that is, and what it loses. */
import type { SinceLast } from './delivery-log.ts';
import { NoiseLoss } from './noise-loss.ts';

/** So many phases in which something waited all the time, although the queue was let go: it is others'. */
const CROWDED_PHASES = 16;
/** More than this part is lost of what is sent beyond the rate: for so many phases there is no room for more. */
const PUSH_LOSS = 0.02;
const TIGHT_PHASES = 32;
/** That is looked at each so many bytes. */
const PUSHED_BYTES = 200_000;

/** Round trips have to be long for so many ms, and this part of a phase: one may have waited for a processor. */
const LONG = { ms: 10, phases: 1 / 8 } as const;

export class LineRoom {
  readonly #noise = new NoiseLoss();
  /** Since when round trips are long; undefined: they are not. */
  #longSince: number | undefined;
  #isQueued = false;
  /** When something was last seen to wait on the line, and when not, ms. */
  #queuedAt = -Infinity;
  #clearAt = -Infinity;
  #tightUntil = -Infinity;
  /** What was sent beyond the rate lately, and what did not come of it. */
  #pushed = { sentBytes: 0, missing: 0 };

  /** The share that the line loses by itself, of 1. */
  get noise(): number {
    return this.#noise.share;
  }

  /** Something waits on the line. */
  get isQueued(): boolean {
    return this.#isQueued;
  }

  /**
   * @param isLong the round trip was longer than that of the line alone
   * @param phaseMs a round trip, about
   */
  add(since: SinceLast, isLong: boolean, now: number, phaseMs: number): void {
    this.#longSince = isLong ? (this.#longSince ?? now) : undefined;
    const leastMs = Math.max(LONG.ms, phaseMs * LONG.phases);
    this.#isQueued = this.#longSince !== undefined && now - this.#longSince >= leastMs;
    if (this.#isQueued) this.#queuedAt = now;
    if (isLong) return;
    this.#clearAt = now;
    if (since.isPushing) this.#addPushed(since, now + phaseMs * TIGHT_PHASES);
    else this.#noise.add(since);
  }

  /** Nothing waits on the line. */
  isFree(now: number, phaseMs: number): boolean {
    return now > this.#tightUntil && now - this.#queuedAt > phaseMs;
  }

  /** Others share the line. */
  isCrowded(now: number, phaseMs: number): boolean {
    return now - this.#clearAt > phaseMs * CROWDED_PHASES;
  }

  /** A line without room for packets to wait shows by what it loses that it is full. */
  #addPushed({ sentBytes, missing }: SinceLast, tightUntil: number): void {
    this.#pushed.sentBytes += sentBytes;
    this.#pushed.missing += missing;
    if (this.#pushed.sentBytes < PUSHED_BYTES) return;
    const lost = this.#pushed.missing / this.#pushed.sentBytes;
    if (this.#noise.isKnown && lost > this.noise + PUSH_LOSS) this.#tightUntil = tightUntil;
    this.#pushed = { sentBytes: 0, missing: 0 };
  }
}
