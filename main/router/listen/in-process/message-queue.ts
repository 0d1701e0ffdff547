import type { LocalMessage } from './local-message.ts';
import type { LocalSubscription } from './local-subscription.ts';

/** Messages that wait for the loop; newer ones are dropped beyond it. */
const LIMIT = 65_536;

/** A subscription as an asynchronous iterable; leaving the loop ends it. For one loop. */
export class MessageQueue implements AsyncIterableIterator<LocalMessage> {
  readonly subscription: LocalSubscription;
  /** Messages that found the queue full. */
  dropped = 0;
  readonly #limit: number;
  readonly #messages: LocalMessage[] = [];
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(
    subscribe: (push: (message: LocalMessage) => void, end: () => void) => LocalSubscription,
    limit = LIMIT,
  ) {
    this.#limit = limit;
    this.subscription = subscribe(
      (message) => this.#push(message),
      () => this.#end(),
    );
  }

  async next(): Promise<IteratorResult<LocalMessage, undefined>> {
    while (this.#messages.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const value = this.#messages.shift();
    return value === undefined ? { done: true, value } : { done: false, value };
  }

  return(): Promise<IteratorResult<LocalMessage, undefined>> {
    this.#messages.length = 0;
    this.subscription.unsubscribe();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #push(message: LocalMessage): void {
    if (this.#messages.length >= this.#limit) this.dropped++;
    else this.#messages.push(message);
    this.#wakeUp();
  }

  #end(): void {
    this.#ended = true;
    this.#wakeUp();
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
