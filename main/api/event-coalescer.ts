import type { AnyEvent } from './contract.ts';
import { EVENT_INTERVAL_MS, MAX_WAITING_EVENTS } from './limits.ts';

interface Subject {
  /** When the next event of the subject may go out, milliseconds of the monotonic clock. */
  due: number;
  /** Nothing; the newest value; `null`; or `null` and the newest value after it. In this order. */
  waiting: AnyEvent[];
}

export interface CoalescerOptions {
  /** Hands an event to the transport; false: it took the event but is congested until `drained`. */
  readonly send: (event: AnyEvent) => boolean;
  /** More events wait than a connection may cost; nothing is sent after this. Called at most once. */
  readonly onOverflow: () => void;
}

/**
 * Thins events out to ten a second for each (event, subject): the first at once, then the newest at the
 * interval's end. A subject's end (`null`) is never lost and never overtaken by an older value. Notices
 * are never merged and keep their order.
 *
 * `#subjects` is ordered by `due`, because every subject waits the same time and is put at the end when
 * it is sent: the first entry is always the next one, and one timer is enough.
 */
export class EventCoalescer {
  readonly #options: CoalescerOptions;
  readonly #subjects = new Map<string, Subject>();
  #notices: AnyEvent[] = [];
  #waitingCount = 0;
  #congested = false;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: CoalescerOptions) {
    this.#options = options;
  }

  push(event: AnyEvent): void {
    if (this.#closed) return;
    if (event.event === 'notice') this.#pushNotice(event);
    else this.#pushState(event);
    if (this.#waitingCount > MAX_WAITING_EVENTS) {
      this.close();
      this.#options.onOverflow();
    }
  }

  /** The transport was congested from outside (an answer filled it): hold events until `drained`. */
  hold(): void {
    this.#congested = true;
  }

  /** The transport takes events again. */
  drained(): void {
    this.#congested = false;
    while (!this.#congested && !this.#closed) {
      const notice = this.#notices.shift();
      if (!notice) break;
      this.#waitingCount -= 1;
      this.#send(notice);
    }
    this.#sendDue();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#subjects.clear();
    this.#notices = [];
  }

  #pushNotice(event: AnyEvent): void {
    if (!this.#congested) return this.#send(event);
    this.#notices.push(event);
    this.#waitingCount += 1;
  }

  #pushState(event: AnyEvent): void {
    const key = `${event.event} ${event.subject}`;
    const known = this.#subjects.get(key);
    if (!known && !this.#congested) {
      this.#subjects.set(key, { due: performance.now() + EVENT_INTERVAL_MS, waiting: [] });
      this.#send(event);
      this.#arm();
      return;
    }
    const subject = known ?? { due: performance.now() + EVENT_INTERVAL_MS, waiting: [] };
    if (!known) this.#subjects.set(key, subject);
    this.#waitingCount -= subject.waiting.length;
    const end = subject.waiting[0]?.data === null ? subject.waiting[0] : undefined;
    subject.waiting = end && event.data !== null ? [end, event] : [event];
    this.#waitingCount += subject.waiting.length;
    this.#arm();
  }

  #sendDue(): void {
    const now = performance.now();
    for (const [key, subject] of this.#subjects) {
      if (this.#closed || this.#congested || subject.due > now) break;
      this.#subjects.delete(key);
      const event = subject.waiting.shift();
      if (!event) continue;
      this.#waitingCount -= 1;
      subject.due = now + EVENT_INTERVAL_MS;
      this.#subjects.set(key, subject);
      this.#send(event);
    }
    this.#arm();
  }

  #send(event: AnyEvent): void {
    if (!this.#options.send(event)) this.#congested = true;
  }

  /** While congested no timer runs: `drained` looks at what is due. */
  #arm(): void {
    if (this.#timer || this.#closed || this.#congested) return;
    const first = this.#subjects.values().next().value;
    if (!first) return;
    const wait = Math.max(0, Math.ceil(first.due - performance.now()));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#sendDue();
    }, wait);
  }
}
