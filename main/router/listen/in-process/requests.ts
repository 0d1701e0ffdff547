import { randomBytes } from 'node:crypto';
import { RouterError } from '../../errors.ts';
import { saysNoResponders } from './headers.ts';
import type { LocalMessage } from './local-message.ts';

/** Deadlines are looked at this often at most, ms. */
const GRAIN = 10;

export interface PendingRequest {
  readonly subject: string;
  readonly resolve: (message: LocalMessage) => void;
  readonly reject: (error: Error) => void;
  /** Monotonic, ms. */
  readonly deadline: number;
}

/** Requests that wait for their answer: one inbox for all of them, and one timer. */
export class Requests {
  /** `_INBOX.<random>.`; each request adds a token. */
  readonly prefix = `_INBOX.${randomBytes(16).toString('base64url')}.`;
  readonly #pending = new Map<string, PendingRequest>();
  #last = 0;
  #timer: NodeJS.Timeout | undefined;
  #wakesAt = Infinity;

  /** @returns the reply subject, and what comes in the end */
  open(subject: string, timeout: number): { reply: string; answer: Promise<LocalMessage> } {
    const token = (++this.#last).toString(36);
    const deadline = performance.now() + timeout;
    const answer = new Promise<LocalMessage>((resolve, reject) => {
      this.#pending.set(token, { subject, resolve, reject, deadline });
    });
    this.#wakeBy(deadline, timeout);
    return { reply: this.prefix + token, answer };
  }

  /** An answer came to the inbox. */
  settle(message: LocalMessage): void {
    const request = this.#take(message.subject);
    if (request === undefined) return;
    const { headers, payload } = message;
    if (headers !== undefined && payload.length === 0 && saysNoResponders(headers)) {
      request.reject(noResponders(request.subject));
    } else {
      request.resolve(message);
    }
  }

  /** Nobody got the request with this reply subject. */
  unheard(reply: string): void {
    if (!reply.startsWith(this.prefix)) return;
    const request = this.#take(reply);
    request?.reject(noResponders(request.subject));
  }

  /** Gives up one whose publication failed; its promise stays open. */
  forget(reply: string): void {
    this.#take(reply);
  }

  close(): void {
    clearTimeout(this.#timer);
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) {
      reject(new RouterError('router-closed', 'The client was closed before the answer came.'));
    }
  }

  #take(reply: string): PendingRequest | undefined {
    const token = reply.slice(this.prefix.length);
    const request = this.#pending.get(token);
    this.#pending.delete(token);
    return request;
  }

  #wakeBy(deadline: number, wait: number): void {
    if (deadline >= this.#wakesAt) return;
    clearTimeout(this.#timer);
    this.#wakesAt = deadline;
    this.#timer = setTimeout(() => this.#expire(), Math.max(wait, GRAIN));
    this.#timer.unref();
  }

  #expire(): void {
    const now = performance.now();
    let next = Infinity;
    for (const [token, { subject, deadline, reject }] of this.#pending) {
      if (deadline <= now) {
        this.#pending.delete(token);
        reject(new RouterError('router-timeout', `No answer to "${subject}" came in time.`));
      } else if (deadline < next) {
        next = deadline;
      }
    }
    this.#wakesAt = Infinity;
    if (next < Infinity) this.#wakeBy(next, next - now);
  }
}

function noResponders(subject: string): RouterError {
  return new RouterError('router-no-responders', `Nobody answers "${subject}".`);
}
