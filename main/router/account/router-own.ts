import type { Connection } from '../connection/connection.ts';
import type { Message } from '../connection/message.ts';
import type { Subscription } from '../connection/subscription.ts';
import type { Account } from './account.ts';

/** Subscriptions of the router itself, made for service imports: no stream is imported for their sake. */
export abstract class RouterOwn implements Connection {
  readonly id = 0;
  readonly isLeaf = false;
  abstract readonly account: Account;
  abstract deliver(
    subscription: Subscription,
    message: Message,
    from: Connection | undefined,
  ): boolean;
}
