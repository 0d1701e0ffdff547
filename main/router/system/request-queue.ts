import { messageOf } from '../../base/errors.ts';
import type { RouterLog } from '../log.ts';

/** Requests that wait; more are not answered. */
const MAX_WAITING = 4_096;

/** Answers one request after the other, each after the message that asked for it has been delivered. */
export class RequestQueue {
  readonly #log: RouterLog;
  #waiting: (() => void | Promise<void>)[] = [];
  #working = false;
  #dropped = 0;

  constructor(log: RouterLog) {
    this.#log = log;
  }

  push(work: () => void | Promise<void>): void {
    if (this.#waiting.length >= MAX_WAITING) {
      if (this.#dropped++ === 0) this.#log.warn('Too many system requests: some are not answered');
      return;
    }
    this.#waiting.push(work);
    if (this.#working) return;
    this.#working = true;
    queueMicrotask(() => void this.#work());
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting = [];
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      for (const work of batch) {
        try {
          const done = work();
          if (done !== undefined) await done;
        } catch (error) {
          this.#log.error(`system request: ${messageOf(error)}`);
        }
      }
    }
    this.#dropped = 0;
    this.#working = false;
  }
}
