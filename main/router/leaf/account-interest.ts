import { randomBytes } from 'node:crypto';
import type { Account, InterestListener } from '../account/account.ts';
import { ShadowSubscription } from '../account/stream-import.ts';
import type { Subscription } from '../connection/subscription.ts';
import type { TurnWork } from '../connection/turn.ts';
import type { LeafConnection } from './leaf-connection.ts';
import { InterestEntry, LOOP_PREFIX, type Wanter } from './interest-entry.ts';
import type { InterestFeed } from './interest-feed.ts';
import { keyOf, LeafSubscription } from './leaf-subscription.ts';

/** What counting one subscription costs, in units of the turn. */
const UNITS_PER_COUNT = 20;

/**
 * Everything that is subscribed to in an account that has leaf nodes, each subject (and queue) once: what its leaf
 * nodes are told of. What was there at first is counted in pieces, and what happens meanwhile afterwards.
 */
export class AccountInterest implements InterestListener {
  readonly account: Account;
  readonly feeds = new Set<InterestFeed>();
  /** Interest in it that comes back shows a loop. One per account and router. */
  readonly loopSubject = `${LOOP_PREFIX}${randomBytes(11).toString('hex')}`;
  readonly #entries = new Map<string, InterestEntry>();
  readonly #turn: TurnWork;
  readonly #stopListening: () => void;
  #lastOrdinal = 0;
  /** What there was at first, and how far it has been counted. */
  #there: Subscription[] | undefined;
  #counted = 0;
  /** What is counted later, in order. */
  #later: Change[] = [];
  #scheduled = false;
  #mapped: readonly string[] = [];

  constructor(account: Account, turn: TurnWork) {
    this.account = account;
    this.#turn = turn;
    this.#there = account.index.list();
    this.#stopListening = account.listen(this);
    this.remapped();
    this.resumeReading();
  }

  entry(key: string): InterestEntry | undefined {
    return this.#entries.get(key);
  }

  entries(): IterableIterator<InterestEntry> {
    return this.#entries.values();
  }

  /** Begins to tell a leaf node. */
  attach(feed: InterestFeed): void {
    this.feeds.add(feed);
    if (this.#there === undefined) feed.begin();
  }

  detach(feed: InterestFeed): void {
    feed.end();
    this.feeds.delete(feed);
  }

  end(): void {
    this.#stopListening();
    this.#there = undefined;
    this.#later = [];
  }

  /** Another leaf node, of another cluster, that has subscribed to this. */
  leafWith(key: string, than: LeafConnection): LeafConnection | undefined {
    for (const { listener } of this.feeds) {
      const has = listener.subscriptions.get(key);
      if (has === undefined || has.leaf === than) continue;
      if (than.cluster === '' || listener.cluster !== than.cluster) return has.leaf;
    }
    return undefined;
  }

  subscribed(subscription: Subscription): void {
    this.#change(subscription, countOf(subscription));
  }

  unsubscribed(subscription: Subscription): void {
    this.#change(subscription, -countOf(subscription));
  }

  /** A leaf node's queue group has become larger or smaller. */
  reweighed(subscription: LeafSubscription, delta: number): void {
    this.#change(subscription, delta);
  }

  /** What is published to the source of a mapping is wanted here, subscribed to or not. */
  remapped(): void {
    const before = this.#mapped;
    this.#mapped = this.account.mapper?.sources ?? [];
    for (const source of this.#mapped) this.#count(source, undefined, HERE, 1);
    for (const source of before) this.#count(source, undefined, HERE, -1);
  }

  /** The next piece. Named so that the turn calls it. */
  resumeReading(): void {
    this.#scheduled = false;
    if (this.#there !== undefined) this.#countThere(this.#there);
    if (this.#there === undefined) this.#countLater();
    if (this.#there !== undefined || this.#later.length > 0) this.#schedule();
  }

  #countThere(there: readonly Subscription[]): void {
    for (; this.#counted < there.length && !this.#turn.spent; this.#counted++) {
      const subscription = there[this.#counted] as Subscription;
      this.#apply(subscription, countOf(subscription));
    }
    if (this.#counted < there.length) return;
    this.#there = undefined;
    // What has changed meanwhile belongs to what there is at first.
    const changes = this.#later;
    this.#later = [];
    for (const { subscription, delta } of changes) this.#apply(subscription, delta);
    for (const feed of this.feeds) feed.begin();
  }

  #countLater(): void {
    let done = 0;
    for (; done < this.#later.length && !this.#turn.spent; done++) {
      const { subscription, delta } = this.#later[done] as Change;
      this.#apply(subscription, delta);
    }
    this.#later.splice(0, done);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#turn.resumeLater(this);
  }

  /**
   * Counts at once what somebody wants, or their replies would come before their interest is known. What somebody
   * does not want any more may wait, so that a client with many subscriptions goes without holding up others.
   */
  #change(subscription: Subscription, delta: number): void {
    if (delta === 0) return;
    const waits = delta < 0 && !subscription.connection.isLeaf;
    if (this.#there !== undefined) {
      this.#later.push({ subscription, delta });
    } else if (waits && (this.#turn.spent || this.#later.length > 0)) {
      this.#later.push({ subscription, delta });
      this.#schedule();
    } else {
      this.#apply(subscription, delta);
    }
  }

  #apply(subscription: Subscription, delta: number): void {
    this.#turn.spend(UNITS_PER_COUNT);
    this.#count(subscription.subject, subscription.queue, wantedBy(subscription), delta);
  }

  #count(subject: string, queue: string | undefined, by: Wanter, delta: number): void {
    const key = keyOf(subject, queue);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = new InterestEntry(subject, queue, ++this.#lastOrdinal);
      this.#entries.set(key, entry);
    }
    entry[by.kind] += delta;
    for (const feed of this.feeds) feed.changed(entry, by, delta);
    if (entry.empty) this.#entries.delete(key);
  }
}

interface Change {
  readonly subscription: Subscription;
  readonly delta: number;
}

const HERE: Wanter = { kind: 'local', leaf: undefined };

/** Shadows stand in another account than the leaf node that they are made for, and are told like its interest. */
function wantedBy(subscription: Subscription): Wanter {
  if (subscription instanceof LeafSubscription) {
    const { leaf } = subscription;
    return { kind: leaf.isSpoke ? 'hubs' : 'spokes', leaf };
  }
  const origin = subscription instanceof ShadowSubscription ? subscription.origin : undefined;
  return origin instanceof LeafSubscription && origin.leaf.isSpoke
    ? { kind: 'hubs', leaf: undefined }
    : HERE;
}

function countOf(subscription: Subscription): number {
  return subscription instanceof LeafSubscription ? subscription.count : 1;
}
