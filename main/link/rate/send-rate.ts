/**
 * How fast a link sends, and how much may be under way: from what the network was seen to deliver, not from
 * what it loses. After BBR (draft-ietf-ccwg-bbr), with reports instead of acknowledgements. No clock, no I/O.
 */
import type { Delivery } from './delivery-log.ts';
import { NoiseLoss } from './noise-loss.ts';

/** Sent in the first round trip, bytes. */
const FIRST_BYTES = 128 * 1024;
/** Each round trip of the start sends so many times what the one before delivered. */
const START_GAIN = 2.5;
/** Rounds that brought less than a quarter more, and the line is full. */
const FULL_AFTER = 3;
const GROWTH = 1.25;
/** Less than this part of what was sent came, while round trips grew: the line is full. */
const CHOKED = 0.75;
/** A round trip so much longer than the shortest has waited somewhere. */
const QUEUED_MS = 5;
const DRAIN_GAIN = 0.5;
/** Until less than this part of what fits on the line is under way, or for so many rounds. */
const DRAINED = 0.8;
const DRAIN_ROUNDS = 3;
/**
 * Now and then more is tried, and then the queue is let go that it made: parts of the rate that are added. As long as
 * nothing waits on the line, more is tried every other time, and twice as much each time. What is added at first makes a
 * queue of so many ms at the most.
 */
const CYCLE = [1, -1, 0, 0, 0, 0, 0, 0] as const;
const FREE_CYCLE = [1, 0, 1, 0, 1, 0, 1, 0] as const;
const PUSH = { part: 0.25, ms: 4 } as const;
const MOST_BOLD = 32;
/** So many parts of the cycle in which something waited all the time, although the queue was let go: it is others'. */
const CROWDED_PHASES = 16;
/** More than this part is lost of what is sent beyond the rate: there is no room for more, for so many parts of the cycle. */
const PUSH_LOSS = 0.02;
const TIGHT_PHASES = 32;
/** That is looked at each so many bytes. */
const PUSHED_BYTES = 200_000;
/** The best rate of so many round trips counts, and of so many ms. */
const BEST_OF = { rtts: 10, ms: 500 } as const;
/** The shortest round trip of so long counts, ms; and then of the time it takes to let the queue go. */
const MIN_RTT_MS = 10_000;
const DRAINED_MS = 100;
/** Under way: so many times what fits on the line, and beside that so many bytes and ms for processors that are late. */
const WINDOW_GAIN = 2;
const LATE_BYTES = 32 * 1024;
const LATE_MS = 10;
/** A part of the cycle lasts a round trip, and at least so long, ms. */
const PHASE_MS = 10;
/** What rates are measured over: while the line is looked for soon rather than exactly. */
const SPAN_MS = {
  start: { rtts: 1 / 4, least: 10, most: 50 },
  drain: { rtts: 1 / 2, least: 20, most: 100 },
  cruise: { rtts: 1, least: 50, most: 200 },
} as const;
const RTT_WEIGHT = 1 / 8;
/** Whatever was measured, bytes a millisecond: or nothing would be sent to measure with. */
const LEAST_RATE = 2;

type State = 'start' | 'drain' | 'cruise';

export class SendRate {
  #state: State = 'start';
  /** Bytes a millisecond: the best of the last rounds. */
  #rate: number;
  #rates: { at: number; rate: number }[] = [];
  /** A report on this mark or a later one ends the round. */
  #roundEnds = 0;
  #roundsSinceState = 0;
  #fullRate = 0;
  #fullRounds = 0;
  #minRttMs: number;
  #minRttAt = -Infinity;
  /** Whether the round trip has become longer for good. */
  #proof: { readonly until: number; leastMs: number } | undefined;
  #rttMs: number | undefined;
  #phase = 2;
  #phaseAt = 0;
  #isMeasured = false;
  /** When something was seen to wait on the line. */
  #queuedAt = -Infinity;
  /** Until then it is believed that there is no room for packets to wait. */
  #tightUntil = -Infinity;
  /** When nothing was seen to wait on it. */
  #clearAt = -Infinity;
  #isCrowded = false;
  #isFree = false;
  #boldness = 1;
  readonly #noise = new NoiseLoss();
  /** Of what was sent beyond the rate lately. */
  #pushed = { sentBytes: 0, missing: 0 };

  /** @param rttMs the round trip as far as it is known */
  constructor(rttMs: number) {
    this.#minRttMs = Math.max(rttMs, 1);
    this.#rate = FIRST_BYTES / this.#minRttMs;
  }

  /** Bytes a millisecond. */
  get bytesPerMs(): number {
    const rate = this.#rate * this.#gain;
    return this.#state === 'cruise' ? rate / (1 - this.#noise.share) : rate;
  }

  /** Bytes that may be under way. */
  get window(): number {
    const gain = this.#state === 'start' ? START_GAIN : WINDOW_GAIN;
    const line = this.#rate * (gain * this.#minRttMs + LATE_MS) + LATE_BYTES;
    return this.#isMeasured ? line : Math.max(line, FIRST_BYTES);
  }

  /** More is sent than the line is known to carry. */
  get isPushing(): boolean {
    return this.#gain > 1;
  }

  /** Smoothed, ms; undefined: not measured yet. */
  get rttMs(): number | undefined {
    return this.#rttMs;
  }

  /** What rates are measured over, ms. */
  get spanMs(): number {
    const { least, most, rtts } = SPAN_MS[this.#state];
    return Math.min(Math.max(this.#minRttMs * rtts, least), most);
  }

  get state(): State {
    return this.#state;
  }

  /** @param nextMark the next mark's number: a round ends when it was reported on */
  onDelivery(delivery: Delivery, now: number, nextMark: number): void {
    this.#measureRtt(delivery.rttMs, now);
    this.#lookForQueue(delivery, now);
    const isRound = isAfter(delivery.mark, this.#roundEnds);
    if (isRound) {
      this.#roundEnds = nextMark;
      this.#roundsSinceState += 1;
    }
    if (delivery.rate !== undefined) this.#measureRate(delivery.rate, delivery.isIdle, now);
    if (this.#state === 'start') this.#lookForFull(delivery, isRound, now);
    if (this.#state === 'drain') this.#lookForDrained(delivery, now);
    if (this.#state === 'cruise') this.#advance(delivery, now);
  }

  /** The line may be another one than before. */
  startAgain(): void {
    this.#start();
    this.#isMeasured = false;
    this.#rates = [];
    this.#rate = Math.min(this.#rate, FIRST_BYTES / Math.max(this.#minRttMs, 1));
  }

  get #gain(): number {
    if (this.#state === 'start') return this.#isMeasured ? START_GAIN : 1;
    if (this.#state === 'drain') return DRAIN_GAIN;
    const push = this.#push;
    if (push <= 0 || this.#isCrowded) return 1 + push * PUSH.part;
    const part = Math.min(PUSH.part, PUSH.ms / this.#minRttMs) * this.#boldness;
    return 1 + push * Math.min(part, START_GAIN - 1);
  }

  /** Above 0: more is tried; below: the queue is let go. */
  get #push(): number {
    return (this.#isFree ? FREE_CYCLE : CYCLE)[this.#phase] ?? 0;
  }

  get #phaseMs(): number {
    return Math.max(this.#minRttMs, PHASE_MS);
  }

  /** What fits on the line, bytes. */
  get #line(): number {
    return this.#rate * this.#minRttMs;
  }

  /** Packets wait on the line, or it has no room for any to wait; else what it loses is its own. */
  #lookForQueue({ rttMs, since }: Delivery, now: number): void {
    if (this.#isQueued(rttMs)) {
      this.#queuedAt = now;
      return;
    }
    this.#clearAt = now;
    if (!since.isPushing) {
      this.#noise.add(since);
    } else {
      this.#pushed.sentBytes += since.sentBytes;
      this.#pushed.missing += since.missing;
      if (this.#pushed.sentBytes < PUSHED_BYTES) return;
      const lost = this.#pushed.missing / this.#pushed.sentBytes;
      if (lost > this.#noise.share + PUSH_LOSS)
        this.#tightUntil = now + this.#phaseMs * TIGHT_PHASES;
      this.#pushed = { sentBytes: 0, missing: 0 };
    }
  }

  /** The line, or somebody on the way, lets packets wait. */
  #isQueued(rttMs: number): boolean {
    return rttMs > this.#minRttMs + QUEUED_MS;
  }

  #measureRtt(rttMs: number, now: number): void {
    this.#rttMs =
      this.#rttMs === undefined ? rttMs : this.#rttMs + (rttMs - this.#rttMs) * RTT_WEIGHT;
    if (rttMs > this.#minRttMs && this.#minRttAt > -Infinity) {
      if (now - this.#minRttAt < MIN_RTT_MS) return;
      // It may be that something has waited on the line all the time: that is let go before it is believed.
      this.#proof ??= this.#prove(now, rttMs);
      this.#proof.leastMs = Math.min(this.#proof.leastMs, rttMs);
      if (now < this.#proof.until) return;
      rttMs = this.#proof.leastMs;
    }
    this.#proof = undefined;
    this.#minRttMs = Math.max(rttMs, 0.1);
    this.#minRttAt = now;
  }

  #prove(now: number, rttMs: number): { readonly until: number; leastMs: number } {
    if (this.#state === 'cruise') this.#enter('drain');
    return { until: now + DRAINED_MS + rttMs * 3, leastMs: rttMs };
  }

  #measureRate(rate: number, isIdle: boolean, now: number): void {
    if (isIdle && rate < this.#rate) return;
    this.#isMeasured = true;
    const since = now - Math.max(this.#minRttMs * BEST_OF.rtts, BEST_OF.ms);
    this.#rates = this.#rates.filter((one) => one.rate > rate && one.at > since);
    this.#rates.push({ at: now, rate });
    this.#rate = Math.max(this.#rates[0]?.rate ?? rate, LEAST_RATE);
  }

  #lookForFull({ rate, sentRate, rttMs, isIdle }: Delivery, isRound: boolean, now: number): void {
    if (!this.#isMeasured || isIdle) return;
    const isQueued = this.#isQueued(rttMs);
    const isChoked = rate !== undefined && sentRate !== undefined && rate < sentRate * CHOKED;
    if (isQueued && isChoked) {
      this.#rates = [{ at: now, rate }];
      this.#rate = Math.max(rate, LEAST_RATE);
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
    this.#enter('drain');
    if (!isQueued) this.#cruise(now);
  }

  #lookForDrained({ underWay }: Delivery, now: number): void {
    if (underWay > this.#line * DRAINED && this.#roundsSinceState < DRAIN_ROUNDS) return;
    this.#cruise(now);
  }

  #cruise(now: number): void {
    this.#enter('cruise');
    this.#phase = 2;
    this.#phaseAt = now;
  }

  #advance({ underWay, isIdle }: Delivery, now: number): void {
    this.#isCrowded = now - this.#clearAt > this.#phaseMs * CROWDED_PHASES;
    this.#isFree = now > this.#tightUntil && now - this.#queuedAt > this.#phaseMs;
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

  #start(): void {
    this.#enter('start');
    this.#fullRate = 0;
    this.#fullRounds = 0;
  }

  #enter(state: State): void {
    this.#state = state;
    this.#roundsSinceState = 0;
  }
}

/** Of numbers modulo 2^32. */
function isAfter(mark: number, other: number): boolean {
  return (mark - other) >>> 0 < 2 ** 31;
}
