/**
 * Publications of this process within each other. A callback runs inside of the publication that it is called
 * for, and may publish itself: each depth has a message of its own. Where that goes too deep, callbacks wait.
 */
import { Message } from '../../connection/message.ts';
import type { LocalMessage } from './local-message.ts';
import type { LocalSubscription } from './local-subscription.ts';

/** Publications inside each other, beyond which callbacks are called later. */
const DEEPEST = 32;

export class LocalTurn {
  readonly #messages: Message[] = [new Message()];
  #depth = 0;
  #waiting: { readonly subscription: LocalSubscription; readonly message: LocalMessage }[] = [];

  /** A message to publish with; give it back with `leave`. */
  enter(): Message {
    const depth = this.#depth++;
    return (this.#messages[depth] ??= new Message());
  }

  leave(): void {
    this.#depth--;
  }

  /** Whether callbacks have to wait: see `later`. */
  get tooDeep(): boolean {
    return this.#depth > DEEPEST;
  }

  later(subscription: LocalSubscription, message: LocalMessage): void {
    subscription.waiting++;
    this.#waiting.push({ subscription, message });
    if (this.#waiting.length === 1) setImmediate(() => this.#callWaiting());
  }

  #callWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { subscription, message } of waiting) {
      subscription.waiting--;
      subscription.call(message);
    }
  }
}
