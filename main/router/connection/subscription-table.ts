/** The subscriptions of one connection, by the client's own ids. */
import type { Account } from '../account/account.ts';
import type { Connection } from './connection.ts';
import { Subscription } from './subscription.ts';
import { type TurnWork, UNITS_PER_SUBSCRIPTION } from './turn.ts';

export class SubscriptionTable {
  readonly #connection: Connection;
  readonly #bySid = new Map<string, Subscription>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get size(): number {
    return this.#bySid.size;
  }

  values(): IterableIterator<Subscription> {
    return this.#bySid.values();
  }

  /**
   * An id that is in use already keeps its first subscription.
   *
   * @returns false for a malformed subject
   */
  add(account: Account, subject: string, queue: string | undefined, sid: string): boolean {
    if (this.#bySid.has(sid)) return true;
    const subscription = new Subscription(this.#connection, subject, queue, sid);
    if (!account.subscribe(subscription)) return false;
    this.#bySid.set(sid, subscription);
    return true;
  }

  /** Ends a subscription now, or once `max` messages were delivered since it was made. */
  unsubscribe(account: Account, sid: string, max: number): void {
    const subscription = this.#bySid.get(sid);
    if (subscription === undefined) return;
    if (max > 0 && max > subscription.delivered) subscription.max = max;
    else this.remove(account, subscription);
  }

  remove(account: Account, subscription: Subscription): void {
    if (this.#bySid.get(subscription.sid) !== subscription) return;
    this.#bySid.delete(subscription.sid);
    account.unsubscribe(subscription);
  }

  /** Takes them out of the account, a piece in each turn of the event loop; they can still be listed. */
  leave(account: Account, turn: TurnWork): void {
    turn.forEach([...this.#bySid.values()], UNITS_PER_SUBSCRIPTION, (subscription) =>
      account.unsubscribe(subscription),
    );
  }

  /** Takes all out of the account, now. */
  clear(account: Account): void {
    for (const subscription of this.#bySid.values()) account.unsubscribe(subscription);
    this.forget();
  }

  forget(): void {
    this.#bySid.clear();
  }

  /** The plain subscription of this connection that gets what is sent to `subject`. */
  find(account: Account, subject: string): Subscription | undefined {
    return account.index
      .matchText(subject)
      .plain.find((subscription) => subscription.connection === this.#connection);
  }
}
