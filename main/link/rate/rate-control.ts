/** When a link may send how much, and the marks and reports that this is learned from. */
import { DeliveryLog } from './delivery-log.ts';
import { type DeliveryMessage, encodeMark, encodeReport } from './delivery-wire.ts';
import { FragmentCount } from './fragment-count.ts';
import { SendRate } from './send-rate.ts';

/** What may be sent at once after a pause: so many ms of the rate, and at least so many bytes. */
const BURST_MS = 4;
const LEAST_BURST = 16 * 1024;
/** Marks are a 32nd of a round trip apart, within these bounds, ms; and the most when it is not the rate that limits. */
const MARKS_PER_RTT = 32;
const MARK_MS = { least: 3, most: 10 } as const;
/** Answers alone need no mark, until they are so many bytes. */
const UNMARKED_BYTES = 8 * 1024;
/** A report is waited for so many round trips and ms; then it, or what it is about, is taken for lost. */
const PATIENCE = { rtts: 1.5, ms: 30 } as const;
/** After so many times that something has come between. */
const SILENCE = 2;

export class RateControl {
  readonly #log = new DeliveryLog();
  #rate: SendRate;
  #fragments: FragmentCount;
  readonly #mostFragments: number;
  #sentBytes = 0;
  #receivedBytes = 0;
  #tokens = LEAST_BURST;
  #filledAt: number;
  #underWay = 0;
  #markedAt = -Infinity;
  #markedBytes = 0;
  /** What is to be reported on. */
  #heardMark: number | undefined;
  #missing: number | undefined;
  #isSuspect = false;

  /**
   * @param rttMs as far as it is known
   * @param mostFragments of a packet
   */
  constructor(now: number, rttMs: number, mostFragments = 1) {
    this.#rate = new SendRate(rttMs);
    this.#mostFragments = mostFragments;
    this.#fragments = new FragmentCount(mostFragments);
    this.#filledAt = now;
  }

  /** Of how many datagrams a packet is best made. */
  get fragments(): number {
    return this.#fragments.at(this.#rate.bytesPerMs);
  }

  /** Smoothed, ms; undefined: not measured yet. */
  get rttMs(): number | undefined {
    return this.#rate.rttMs;
  }

  /** At this rate it is sent now. */
  get bytesPerMs(): number {
    return this.#rate.bytesPerMs;
  }

  /** How long an answer may take, ms. */
  get patienceMs(): number {
    return (this.#rate.rttMs ?? 300) * PATIENCE.rtts + PATIENCE.ms;
  }

  /** Something did not come. */
  get isSuspect(): boolean {
    return this.#isSuspect;
  }

  /** A mark was sent and nothing was heard of it. */
  get isWaiting(): boolean {
    return this.#log.waitingSince !== undefined;
  }

  /** Bytes that may go now; below 1: none. */
  budget(now: number): number {
    const { bytesPerMs, window } = this.#rate;
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#filledAt) * bytesPerMs);
    this.#filledAt = now;
    return Math.min(this.#tokens, window - this.#underWay);
  }

  /** It waits for time to go by, not for reports. */
  get isPaced(): boolean {
    return this.#rate.window > this.#underWay;
  }

  /** As much as is done at a time has been sent: when that is little of what may go, it is not the line that is slow. */
  noteSpare(): void {
    if (this.#hasSpare) this.#log.idle();
  }

  sent(bytes: number): void {
    this.#sentBytes += bytes;
    this.#tokens -= bytes;
    this.#underWay += bytes;
  }

  received(bytes: number): void {
    this.#receivedBytes += bytes;
  }

  /** Nothing more waits to be sent. */
  idle(): void {
    this.#log.idle();
  }

  /** The next mark, if one is due. @param hasData something of a stream was sent, not only answers */
  mark(now: number, hasData: boolean): Buffer | undefined {
    if (!hasData && this.#sentBytes - this.#markedBytes < UNMARKED_BYTES) return undefined;
    if (now - this.#markedAt < this.#markGapMs) return undefined;
    return this.forceMark(now);
  }

  forceMark(now: number): Buffer {
    this.#markedAt = now;
    this.#markedBytes = this.#sentBytes;
    return encodeMark(this.#log.mark(now, this.#sentBytes, this.#rate.isPushing));
  }

  /** What the other side is to be told, if it asked. */
  report(now: number): Buffer | undefined {
    const mark = this.#heardMark;
    if (mark === undefined) return undefined;
    this.#heardMark = undefined;
    return encodeReport({ mark, receivedBytes: this.#receivedBytes, atUs: Math.floor(now * 1000) });
  }

  onMessage(message: DeliveryMessage, now: number): void {
    if (message.type === 'mark') {
      this.#heardMark = message.mark;
      return;
    }
    this.#noteSilence(now);
    const delivery = this.#log.onReport(message, now, this.#sentBytes, this.#rate.spanMs);
    if (delivery === undefined) return;
    this.#underWay = delivery.underWay;
    this.#isSuspect = this.#missing !== undefined && delivery.missing > this.#missing;
    this.#missing = delivery.missing;
    this.#fragments.add(delivery.since);
    this.#rate.onDelivery(delivery, now, this.#log.next);
  }

  /** Datagrams go another way from now on: nothing is known of it, and what is under way elsewhere does not count. */
  restart(now: number, rttMs: number): void {
    this.#rate = new SendRate(rttMs);
    this.#fragments = new FragmentCount(this.#mostFragments);
    this.#log.forget();
    this.#underWay = 0;
    this.#isSuspect = false;
    this.#missing = undefined;
    this.#tokens = LEAST_BURST;
    this.#filledAt = now;
  }

  get #markGapMs(): number {
    const gap = (this.#rate.rttMs ?? 0) / MARKS_PER_RTT;
    return this.#hasSpare ? MARK_MS.most : Math.min(Math.max(gap, MARK_MS.least), MARK_MS.most);
  }

  /** More may go than is wanted, or than the processor can do: it is not the rate that limits. */
  get #hasSpare(): boolean {
    const half = this.#burst / 2;
    return this.#tokens > half && this.#rate.window - this.#underWay > half;
  }

  get #burst(): number {
    return Math.max(LEAST_BURST, this.#rate.bytesPerMs * BURST_MS);
  }

  /** Nothing was carried for a while: the rate of that time says nothing, and that of before little. */
  #noteSilence(now: number): void {
    const since = this.#log.waitingSince;
    if (since === undefined || now - since < this.patienceMs * SILENCE) return;
    this.#log.reset();
    this.#rate.startAgain();
  }
}
