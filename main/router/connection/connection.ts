import type { Account } from '../account/account.ts';
import type { Message } from './message.ts';
import type { Subscription } from './subscription.ts';

/**
 * What can publish and subscribe: clients over any byte stream, in-process clients, leaf nodes, and the
 * router's own parts (service imports, stream imports, system services).
 */
export interface Connection {
  /** `client_id` of INFO, `cid` of monitoring; unique in a router. */
  readonly id: number;
  /** Leaf nodes get a message once, whatever number of their subscriptions it matches. */
  readonly isLeaf: boolean;
  /** Of a leaf node: the cluster behind it, which gets nothing back that came from it; absent or '': none. */
  readonly cluster?: string;
  /** The account it publishes in; undefined until it is admitted. */
  readonly account: Account | undefined;
  /**
   * Hands it a message that matched its subscription. False when it does not take it: its own message
   * without echo, a denied subject, the maximum reached, closed.
   *
   * @param from who published; undefined for the router itself
   * @param queues for leaf nodes: the groups that it has been chosen for
   */
  deliver(
    subscription: Subscription,
    message: Message,
    from: Connection | undefined,
    queues?: readonly string[],
  ): boolean;
}
