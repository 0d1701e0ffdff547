import type { Account } from '../account/account.ts';
import type { TurnWork } from '../connection/turn.ts';
import { parseSize } from '../protocol/arguments.ts';
import type { AccountInterest } from './account-interest.ts';
import type { LeafConnection } from './leaf-connection.ts';
import { keyOf, LeafSubscription } from './leaf-subscription.ts';

/** Where nothing else is configured. */
const MOST = 1_000_000;
/** What forgetting one costs, in units of the turn. */
const UNITS_PER_SUBSCRIPTION = 20;

/** What one leaf node has subscribed to. */
export class LeafSubscriptions {
  readonly byKey = new Map<string, LeafSubscription>();
  readonly #leaf: LeafConnection;
  readonly #turn: TurnWork;

  constructor(leaf: LeafConnection, turn: TurnWork) {
    this.#leaf = leaf;
    this.#turn = turn;
  }

  /**
   * LS+. A plain one that is there already stays as it is; a queue group takes its new weight.
   *
   * @param tokens `subject` or `subject queue weight`
   * @param limit Infinity: none but the router's own
   */
  add(
    account: Account,
    interest: AccountInterest | undefined,
    tokens: readonly string[],
    limit: number,
  ): 'added' | 'limit' | 'malformed' {
    const most = limit === Infinity ? MOST : limit;
    if (this.byKey.size >= most) return 'limit';
    const [subject, queue, weightText] = tokens as [string, string | undefined, string | undefined];
    const weight = queue === undefined ? 1 : parseSize(weightText);
    const key = keyOf(subject, queue);
    const known = this.byKey.get(key);
    if (known !== undefined) {
      if (queue !== undefined) interest?.reweighed(known, known.reweigh(weight));
      return 'added';
    }
    const subscription = new LeafSubscription(this.#leaf, subject, queue, weight);
    this.byKey.set(key, subscription);
    if (account.subscribe(subscription)) return 'added';
    this.byKey.delete(key);
    return 'malformed';
  }

  remove(account: Account, key: string): void {
    const subscription = this.byKey.get(key);
    if (subscription === undefined) return;
    this.byKey.delete(key);
    account.unsubscribe(subscription);
  }

  /** Forgets all, a piece in each turn of the event loop; none of them gets anything any more meanwhile. */
  clear(account: Account): void {
    this.#turn.forEach(this.byKey.keys(), UNITS_PER_SUBSCRIPTION, (key) =>
      this.remove(account, key),
    );
  }
}
