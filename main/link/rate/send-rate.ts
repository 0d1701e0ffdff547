/**
 * How fast a link sends, and how much may be under way: from what the network was seen to deliver, not from
 * what it loses. After BBR (draft-ietf-ccwg-bbr), with reports instead of acknowledgements. No clock, no I/O.
 */
import type { Delivery } from './delivery-log.ts';
import { LineRoom } from './line-room.ts';
import { QUEUED_MS, RoundTrip } from './round-trip.ts';

/** Sent in the first round trip, bytes. */
const FIRST_BYTES = 128 * 1024;
/** Each round trip of the start sends so many times what the one before delivered. */
const START_GAIN = 2.5;
/** Rounds that brought less than a quarter more, and the line is full. */
const FULL_AFTER = 3;
const GROWTH = 1.25;
/** Less than this part of what was sent came, while round trips grew: the line is full. */
const CHOKED = 0.75;
const DRAIN_GAIN = 0.5;
/** Until less than this part of what fits on the line is under way, or for so many rounds. */
const DRAINED = 0.8;
const DRAIN_ROUNDS = 3;
/**
 * Now and then more is tried, and then the queue is let go that it made: parts of the rate that are added. As long as
 * nothing waits on the line, more is tried every other time, and twice as much each time. What is added at first makes a
 * queue of so many ms at the most, unless others are there as well.
 */
const CYCLE = [1, -1, 0, 0, 0, 0, 0, 0] as const;
const FREE_CYCLE = [1, 0, 1, 0, 1, 0, 1, 0] as const;
/** The first phase in which nothing is added. */
const CALM = 2;
const PUSH = { part: 0.25, ms: 4 } as const;
const MOST_BOLD = 32;
/** A phase of the cycle lasts a round trip, and at least so long, ms. */
const PHASE_MS = 10;
/** The best rate of so many round trips counts, and of so many ms. */
const BEST_OF = { rtts: 10, ms: 500 } as const;
/** Under way: so many times what fits on the line, and beside that so many bytes and ms for processors that are late. */
const WINDOW_GAIN = 2;
const LATE_BYTES = 32 * 1024;
const LATE_MS = 10;
/** What rates are measured over: while the line is looked for soon rather than exactly. */
const SPAN_MS = {
  start: { rtts: 1 / 4, least: 10, most: 50 },
  drain: { rtts: 1 / 2, least: 20, most: 100 },
  cruise: { rtts: 1, least: 50, most: 200 },
} as const;
/** Whatever was measured, bytes a millisecond: or nothing would be sent to measure with. */
const LEAST_RATE = 2;

export class SendRate {
  #state: 'start' | 'drain' | 'cruise' = 'start';
  readonly #roundTrip: RoundTrip;
  readonly #room = new LineRoom();
  /** Bytes a millisecond: the best of the last rounds. */
  #rate: number;
  #rates: { readonly at: number; readonly rate: number }[] = [];
  #isMeasured = false;
  /** A report on this mark or a later one ends the round. */
  #roundEnds = 0;
  #roundsSinceState = 0;
  #fullRate = 0;
  #fullRounds = 0;
  #phase: number = CALM;
  #phaseAt = 0;
  #isFree = false;
  #isCrowded = false;
  #boldness = 1;

  /** @param rttMs the round trip as far as it is known */
  constructor(rttMs: number) {
    this.#roundTrip = new RoundTrip(rttMs);
    this.#rate = FIRST_BYTES / this.#roundTrip.shortestMs;
  }

  /** Bytes a millisecond. */
  get bytesPerMs(): number {
    const rate = this.#rate * this.#gain;
    return this.#state === 'cruise' ? rate / (1 - this.#room.noise) : rate;
  }

  /** Bytes that may be under way. */
  get window(): number {
    const gain = this.#state === 'start' ? START_GAIN : WINDOW_GAIN;
    const line = gain * this.#line + this.#rate * LATE_MS + LATE_BYTES;
    return this.#isMeasured ? line : Math.max(line, FIRST_BYTES);
  }

  /** More is sent than the line is known to carry. */
  get isPushing(): boolean {
    return this.#gain > 1;
  }

  /** Smoothed, ms; undefined: not measured yet. */
  get rttMs(): number | undefined {
    return this.#roundTrip.smoothedMs;
  }

  /** What rates are measured over, ms. */
  get spanMs(): number {
    const { least, most, rtts } = SPAN_MS[this.#state];
    return Math.min(Math.max(this.#roundTrip.shortestMs * rtts, least), most);
  }

  /** @param nextMark the next mark's number: a round ends when it was reported on */
  onDelivery(delivery: Delivery, now: number, nextMark: number): void {
    const { rttMs, since, rate, isIdle } = delivery;
    if (this.#roundTrip.add(rttMs, now) && this.#state === 'cruise') this.#enter('drain');
    this.#room.add(since, this.#roundTrip.isLong(rttMs), now, this.#phaseMs);
    const isRound = isAfter(delivery.mark, this.#roundEnds);
    if (isRound) {
      this.#roundEnds = nextMark;
      this.#roundsSinceState += 1;
    }
    if (rate !== undefined) this.#measure(rate, isIdle, now);
    if (this.#state === 'start') this.#lookForFull(delivery, isRound, now);
    if (this.#state === 'drain') this.#lookForDrained(delivery, now);
    if (this.#state === 'cruise') this.#advance(delivery, now);
  }

  /** The line may be another one than before. */
  startAgain(): void {
    this.#enter('start');
    this.#fullRate = 0;
    this.#fullRounds = 0;
    this.#isMeasured = false;
    this.#rates = [];
    this.#rate = Math.min(this.#rate, FIRST_BYTES / Math.max(this.#roundTrip.shortestMs, 1));
  }

  get #gain(): number {
    if (this.#state === 'start') return this.#isMeasured ? START_GAIN : 1;
    if (this.#state === 'drain') return DRAIN_GAIN;
    const push = this.#push;
    if (push <= 0 || this.#isCrowded) return 1 + push * PUSH.part;
    const part = Math.min(PUSH.part, PUSH.ms / this.#roundTrip.shortestMs) * this.#boldness;
    return 1 + push * Math.min(part, START_GAIN - 1);
  }

  /** Above 0: more is tried; below: the queue is let go. */
  get #push(): number {
    return (this.#isFree ? FREE_CYCLE : CYCLE)[this.#phase] ?? 0;
  }

  get #phaseMs(): number {
    return Math.max(this.#roundTrip.shortestMs, PHASE_MS);
  }

  /** What fits on the line, bytes. */
  get #line(): number {
    return this.#rate * this.#roundTrip.shortestMs;
  }

  #measure(rate: number, isIdle: boolean, now: number): void {
    if (isIdle && rate < this.#rate) return;
    this.#isMeasured = true;
    const since = now - Math.max(this.#roundTrip.shortestMs * BEST_OF.rtts, BEST_OF.ms);
    this.#setRates([
      ...this.#rates.filter((one) => one.rate > rate && one.at > since),
      { at: now, rate },
    ]);
  }

  /** @param rates the best one first */
  #setRates(rates: { at: number; rate: number }[]): void {
    this.#rates = rates;
    this.#rate = Math.max(rates[0]?.rate ?? 0, LEAST_RATE);
  }

  #lookForFull({ rate, sentRate, isIdle }: Delivery, isRound: boolean, now: number): void {
    if (!this.#isMeasured || isIdle) return;
    const { isQueued } = this.#room;
    if (isQueued && rate !== undefined && sentRate !== undefined && rate < sentRate * CHOKED) {
      this.#setRates([{ at: now, rate }]);
      this.#enter('drain');
      return;
    }
    if (!isRound) return;
    if (this.#rate >= this.#fullRate * GROWTH) {
      this.#fullRate = this.#rate;
      this.#fullRounds = 0;
      return;
    }
    this.#fullRounds += 1;
    if (this.#fullRounds < FULL_AFTER) return;
    if (isQueued) this.#enter('drain');
    else this.#cruise(now);
  }

  #lookForDrained({ underWay }: Delivery, now: number): void {
    if (underWay > this.#line * DRAINED && this.#roundsSinceState < DRAIN_ROUNDS) return;
    this.#cruise(now);
  }

  #cruise(now: number): void {
    this.#enter('cruise');
    this.#phase = CALM;
    this.#phaseAt = now;
  }

  #advance({ underWay, isIdle }: Delivery, now: number): void {
    this.#isCrowded = this.#room.isCrowded(now, this.#phaseMs);
    this.#isFree = this.#room.isFree(now, this.#phaseMs);
    if (!this.#isFree) this.#boldness = 1;
    const phases = (now - this.#phaseAt) / this.#phaseMs;
    // Reports are late by a little, too.
    const isDrained = underWay <= this.#line + (this.#rate * QUEUED_MS) / 2;
    if (this.#push < 0 ? !isDrained && phases < DRAIN_ROUNDS : phases < 1) return;
    // The round trip after a push has shown what came of it.
    const isPushKnown = this.#isFree && this.#push === 0 && !isIdle;
    if (isPushKnown) this.#boldness = Math.min(this.#boldness * 2, MOST_BOLD);
    this.#phase = (this.#phase + 1) % CYCLE.length;
    this.#phaseAt = now;
  }

  #enter(state: 'start' | 'drain' | 'cruise'): void {
    this.#state = state;
    this.#roundsSinceState = 0;
  }
}

/** Of numbers modulo 2^32. */
function isAfter(mark: number, other: number): boolean {
  return (mark - other) >>> 0 < 2 ** 31;
}
