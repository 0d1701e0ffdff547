/** The sender's account of what it sent and what came of it, from marks and the reports on them. No clock, no I/O. */
import type { Report } from './delivery-wire.ts';

/** What one report says. */
export interface Delivery {
  /** From the mark to the report on it, ms. */
  readonly rttMs: number;
  /** Sent after the mark, bytes: all that can be under way. */
  readonly underWay: number;
  /** Bytes that came a millisecond, lately; undefined: nothing to compare with yet. */
  readonly rate: number | undefined;
  /** What was sent a millisecond meanwhile; undefined with `rate`. */
  readonly sentRate: number | undefined;
  /** The sender had nothing more to send some of the time: the network may carry more than `rate`. */
  readonly isIdle: boolean;
  /** The mark's number. */
  readonly mark: number;
  /** Bytes before the mark that had not come with it: lost, or late; below 0: some came twice. */
  readonly missing: number;
  readonly since: SinceLast;
}

/** Between the mark before and this one. */
export interface SinceLast {
  readonly sentBytes: number;
  /** Bytes of them that had not come. */
  readonly missing: number;
  /** More was sent than the line was known to carry. */
  readonly isPushing: boolean;
}

interface Mark {
  readonly number: number;
  readonly sentAt: number;
  readonly sentBytes: number;
  /** How often nothing waited to be sent, before it was made. */
  readonly idles: number;
  readonly isPushing: boolean;
}

interface Answered extends Mark {
  readonly receivedBytes: number;
  /** Of the receiver's clock, ms, not wrapped. */
  readonly receivedAt: number;
}

/** Marks that are waited for; of older ones nobody will tell. */
const MAX_MARKS = 4096;
/** In so many times the span that is measured over there are marks, if anything is sent. */
const PAUSE_SPANS = 10;
/** Reports that later ones are compared with. */
const MAX_ANSWERED = 256;

export class DeliveryLog {
  #next = 0;
  #idles = 0;
  /** In the order of their numbers. */
  #marks: Mark[] = [];
  #answered: Answered[] = [];

  /** The number of the next mark. */
  get next(): number {
    return this.#next;
  }

  /** When the first mark was made of those after the last that was reported on, ms; undefined: there is none. */
  get waitingSince(): number | undefined {
    return this.#marks[0]?.sentAt;
  }

  /** Nothing more waits to be sent. */
  idle(): void {
    this.#idles += 1;
  }

  /** @param sentBytes of all datagrams so far */
  mark(now: number, sentBytes: number, isPushing: boolean): number {
    const number = this.#next;
    this.#next = (number + 1) % 2 ** 32;
    this.#marks.push({ number, sentAt: now, sentBytes, idles: this.#idles, isPushing });
    if (this.#marks.length > MAX_MARKS) this.#marks = this.#marks.slice(MAX_MARKS / 2);
    return number;
  }

  /**
   * @param spanMs what is measured over, at the least
   * @returns undefined: on a mark that was reported on before, or never made
   */
  onReport(report: Report, now: number, sentBytes: number, spanMs: number): Delivery | undefined {
    const at = this.#marks.findIndex(({ number }) => number === report.mark);
    const mark = this.#marks[at];
    if (mark === undefined) return undefined;
    this.#marks = this.#marks.slice(at + 1);
    const last = this.#answered.at(-1);
    const answered: Answered = {
      ...mark,
      receivedBytes: unwrap(report.receivedBytes, last?.receivedBytes, 2 ** 48),
      receivedAt: unwrap(report.atUs, last && last.receivedAt * 1000, 2 ** 32) / 1000,
    };
    const before = this.#before(answered, spanMs);
    this.#answered.push(answered);
    if (this.#answered.length > MAX_ANSWERED)
      this.#answered = this.#answered.slice(MAX_ANSWERED / 2);
    const rates = before && compare(before, answered);
    const missing = mark.sentBytes - answered.receivedBytes;
    return {
      since: {
        sentBytes: mark.sentBytes - (last?.sentBytes ?? mark.sentBytes),
        isPushing: mark.isPushing || last?.isPushing === true,
        missing: missing - (last === undefined ? missing : last.sentBytes - last.receivedBytes),
      },
      rttMs: now - mark.sentAt,
      underWay: sentBytes - mark.sentBytes,
      rate: rates?.rate,
      sentRate: rates?.sentRate,
      isIdle: before !== undefined && mark.idles > before.idles,
      mark: mark.number,
      missing,
    };
  }

  /** Later reports are not compared with the ones before. */
  reset(): void {
    this.#answered = [];
  }

  /** Nor are marks waited for that were made before. */
  forget(): void {
    this.reset();
    this.#marks = [];
  }

  /** The latest that is far enough back, and not from before a pause. */
  #before({ sentAt, receivedAt }: Answered, spanMs: number): Answered | undefined {
    const before = this.#answered.findLast(
      (one) => receivedAt - one.receivedAt >= spanMs && sentAt - one.sentAt >= spanMs / 2,
    );
    return before !== undefined && sentAt - before.sentAt < spanMs * PAUSE_SPANS
      ? before
      : undefined;
  }
}

/** Over the longer of both times: what is held up and comes at once would look fast, and so would what was sent slowly. */
function compare(from: Answered, to: Answered): { rate: number; sentRate: number } | undefined {
  const sentMs = to.sentAt - from.sentAt;
  const ms = Math.max(sentMs, to.receivedAt - from.receivedAt);
  const sent = to.sentBytes - from.sentBytes;
  // More than was sent cannot have come, whatever the other side says.
  const bytes = Math.min(to.receivedBytes - from.receivedBytes, sent);
  if (sentMs <= 0 || bytes < 0) return undefined;
  return { rate: bytes / ms, sentRate: sent / sentMs };
}

/** A number that is told modulo something, the nearest one to the last. */
function unwrap(value: number, last: number | undefined, modulus: number): number {
  if (last === undefined) return value;
  const turns = Math.round((last - value) / modulus);
  return value + turns * modulus;
}
