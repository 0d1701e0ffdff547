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
/** Now and then more is tried, and then the queue is let go that it made. */
const CYCLE = [1.25, 0.75, 1, 1, 1, 1, 1, 1] as const;
/** The best rate of so many round trips counts, and of so many ms. */
const BEST_OF = { rtts: 10, ms: 500 } as const;
/** As long as nothing waits on the line, more is tried all the time. */
const FREE_GAIN = 1.25;
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
  #isFree = false;
  readonly #noise = new NoiseLoss();

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
    if (this.#isQueued(delivery.rttMs)) this.#queuedAt = now;
    else this.#noise.add(delivery.since);
    this.#isFree = now - this.#queuedAt > Math.max(this.#minRttMs, PHASE_MS);
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
    this.#enter('start');
    this.#isMeasured = false;
    this.#rates = [];
    this.#rate = Math.min(this.#rate, FIRST_BYTES / Math.max(this.#minRttMs, 1));
    this.#fullRate = 0;
    this.#fullRounds = 0;
  }

  get #gain(): number {
    if (this.#state === 'start') return this.#isMeasured ? START_GAIN : 1;
    if (this.#state === 'drain') return DRAIN_GAIN;
    return this.#isFree ? FREE_GAIN : (CYCLE[this.#phase] ?? 1);
  }

  /** What fits on the line, bytes. */
  get #line(): number {
    return this.#rate * this.#minRttMs;
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
    this.#rate = this.#rates[0]?.rate ?? rate;
  }

  #lookForFull({ rate, sentRate, rttMs, isIdle }: Delivery, isRound: boolean, now: number): void {
    if (!this.#isMeasured || isIdle) return;
    const isQueued = this.#isQueued(rttMs);
    const isChoked = rate !== undefined && sentRate !== undefined && rate < sentRate * CHOKED;
    if (isQueued && isChoked) {
      this.#rates = [{ at: now, rate }];
      this.#rate = rate;
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
    if (this.#fullRounds >= FULL_AFTER) this.#enter('drain');
  }

  #lookForDrained({ underWay }: Delivery, now: number): void {
    if (underWay > this.#line * DRAINED && this.#roundsSinceState < DRAIN_ROUNDS) return;
    this.#enter('cruise');
    this.#phase = 2;
    this.#phaseAt = now;
  }

  #advance({ underWay }: Delivery, now: number): void {
    const isOver = now - this.#phaseAt > Math.max(this.#minRttMs, PHASE_MS);
    const isDrained = (CYCLE[this.#phase] ?? 1) < 1 && underWay <= this.#line;
    if (!isOver && !isDrained) return;
    this.#phase = (this.#phase + 1) % CYCLE.length;
    this.#phaseAt = now;
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
