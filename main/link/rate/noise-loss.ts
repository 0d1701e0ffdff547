/**
 * What a line loses although nothing waits on it, as radio does: that is no sign of too much, and so much more has to be
 * sent for the line to be full.
 */
import type { SinceLast } from './delivery-log.ts';

/** A share is taken of so many bytes, and the lowest of some counts: losses of a full queue come and go. */
const WINDOW_BYTES = 1_000_000;
const WINDOWS = { least: 3, most: 6 } as const;
/** More is not made up for: who drops packets without a queue may mean it. */
const MOST = 0.1;

export class NoiseLoss {
  #shares: number[] = [];
  #sent = 0;
  #missing = 0;

  /** There was enough to tell. */
  get isKnown(): boolean {
    return this.#shares.length >= WINDOWS.least;
  }

  /** Of 1; 0 as long as it is not known. */
  get share(): number {
    return this.isKnown ? Math.min(...this.#shares) : 0;
  }

  /** Bytes that were sent while nothing waited on the line, and those of them that did not come. */
  add({ sentBytes, missing }: Pick<SinceLast, 'sentBytes' | 'missing'>): void {
    this.#sent += sentBytes;
    this.#missing += missing;
    if (this.#sent < WINDOW_BYTES) return;
    this.#shares.push(Math.min(Math.max(this.#missing / this.#sent, 0), MOST));
    if (this.#shares.length > WINDOWS.most) this.#shares.shift();
    this.#sent = 0;
    this.#missing = 0;
  }
}
