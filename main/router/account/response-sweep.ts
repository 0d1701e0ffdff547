/**
 * Ends requests that nobody answers or waits for any more. One timer for all accounts, set to when the
 * first of them is due; work is done in slices, so that others get their turn.
 */
import type { PendingReplies } from './pending-replies.ts';
import type { Responses } from './responses.ts';

/** Requests that are looked at in one go. */
const SLICE = 1_000;
/** A sweep is not worth less than this many ms. */
const SHORTEST_WAIT = 10;

export class ResponseSweep {
  readonly #waiting = new Set<Responses>();
  /** Accounts whose interest has shrunk, with what is still to be looked at. */
  readonly #unsure = new Map<PendingReplies, Iterator<string>>();
  #timer: NodeJS.Timeout | undefined;
  #due = Infinity;
  #checking: NodeJS.Immediate | undefined;

  /** @param due monotonic ms when one of them expires */
  watch(responses: Responses, due: number): void {
    this.#waiting.add(responses);
    if (due < this.#due) this.#schedule(due);
  }

  /** Looks whether anybody still waits for this account's replies. */
  check(replies: PendingReplies): void {
    this.#unsure.set(replies, replies.subjects());
    this.#checking ??= setImmediate(() => this.#checkSlice());
  }

  close(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#checking);
    this.#waiting.clear();
    this.#unsure.clear();
    this.#checking = this.#timer = undefined;
    this.#due = Infinity;
  }

  #schedule(due: number): void {
    clearTimeout(this.#timer);
    this.#due = due;
    const wait = Math.max(due - performance.now(), SHORTEST_WAIT);
    this.#timer = setTimeout(() => this.#sweep(), wait);
    this.#timer.unref();
  }

  #sweep(): void {
    this.#due = Infinity;
    let next = Infinity;
    const now = performance.now();
    for (const responses of this.#waiting) {
      const due = responses.expire(now, SLICE);
      if (due === Infinity) this.#waiting.delete(responses);
      next = Math.min(next, due);
    }
    if (next < this.#due) this.#schedule(next);
  }

  #checkSlice(): void {
    this.#checking = undefined;
    let left = SLICE;
    for (const [replies, subjects] of this.#unsure) {
      for (; left > 0; left--) {
        const { value, done } = subjects.next();
        if (done === true) {
          this.#unsure.delete(replies);
          break;
        }
        replies.check(value);
      }
    }
    if (this.#unsure.size > 0) this.#checking = setImmediate(() => this.#checkSlice());
  }
}
