/**
 * Asks for a sign of life when the bytes of streams stand still and something may have been lost: the last packet of a
 * message, or the credit that the other side waits for. That a packet is lost QUIC sees by later ones that are
 * acknowledged. Its own timer for the case that there are none (RFC 9002 section 6.2) goes by a clock that quiche 0.18
 * keeps badly where little is sent (docs/link.md "Time").
 */
import type { RateControl } from '../rate/rate-control.ts';

/** Packets of each probe. A loss is seen after three later ones, after up to twenty on a line that reorders. */
const PROBES = [3, 6, 12] as const;
/** While nothing at all comes back: one more each so often, ms. */
const LONGEST_MS = 1_000;
/** Before anything was measured, ms. */
const PATIENCE_MS = 500;
/** Who has read less has moved no window (quiche), and given no credit. */
const GRANTED_BYTES = 16 * 1024;

/** What the streams of a link have done and wait for. */
export interface StreamProgress {
  /** Bytes that were read of all streams. */
  readonly readBytes: number;
  /** Bytes that were taken from writers, and are not known to have been sent. */
  readonly unsent: number;
  hasWaitingWriters(): boolean;
}

export interface StallProbeOptions {
  readonly rate: () => RateControl | undefined;
  readonly streams: StreamProgress;
  /** Sends so many packets that ask for an answer. */
  readonly send: (packets: number) => void;
}

export class StallProbe {
  readonly #options: StallProbeOptions;
  #timer: NodeJS.Timeout | undefined;
  #activeAt = 0;
  #round = 0;
  #readBytes = 0;
  /** Of them, when it was last asked. */
  #readWhenAsked = 0;
  #hasMoved = false;

  constructor(options: StallProbeOptions) {
    this.#options = options;
  }

  /** Streams were served. @param wrote bytes that were taken from writers */
  served(wrote: number): void {
    const { readBytes } = this.#options.streams;
    const hasRead = readBytes > this.#readBytes;
    this.#readBytes = readBytes;
    if (wrote === 0 && !(hasRead && this.#mayHaveGranted)) return;
    this.#activeAt = performance.now();
    this.#round = 0;
    this.#timer ??= setTimeout(this.#onTime, this.#patienceMs);
  }

  /** Packets go another way from now on: what was under way may be lost, and what was asked. */
  moved(): void {
    this.#hasMoved = true;
    this.#activeAt = -Infinity;
    this.#round = 0;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#onTime);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  readonly #onTime = (): void => {
    this.#timer = undefined;
    const patience = this.#patienceMs;
    const left = this.#round === 0 ? this.#activeAt + patience - performance.now() : 0;
    if (left > 1) {
      this.#timer = setTimeout(this.#onTime, left);
      return;
    }
    const isWaiting = this.#options.rate()?.isWaiting === true || this.#isOutOfCredit;
    const packets = PROBES[this.#round] ?? (isWaiting ? 1 : 0);
    if (this.#round === PROBES.length) this.#hasMoved = false;
    const isSuspect =
      this.#options.rate()?.isSuspect === true || this.#mayHaveGranted || this.#hasMoved;
    if (packets === 0 || !(isWaiting || isSuspect)) return;
    this.#round += 1;
    this.#readWhenAsked = this.#readBytes;
    const pause = Math.min(patience * 2 ** this.#round, LONGEST_MS);
    this.#timer = setTimeout(this.#onTime, Math.max(patience, pause));
    this.#options.send(packets);
  };

  get #patienceMs(): number {
    return this.#options.rate()?.patienceMs ?? PATIENCE_MS;
  }

  /** The other side has been given credit, which it may wait for. */
  get #mayHaveGranted(): boolean {
    return this.#readBytes - this.#readWhenAsked > GRANTED_BYTES;
  }

  /** Writers wait for credit: what gives it may be lost. */
  get #isOutOfCredit(): boolean {
    const { streams } = this.#options;
    return streams.unsent === 0 && streams.hasWaitingWriters();
  }
}
