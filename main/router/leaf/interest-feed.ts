import type { TurnWork } from '../connection/turn.ts';
import type { AccountInterest } from './account-interest.ts';
import type { InterestEntry, Wanter } from './interest-entry.ts';
import { keyOf, type LeafSubscription } from './leaf-subscription.ts';
import type { LeafTerms } from './leaf-terms.ts';

/** What a line costs, in units of the turn. */
const UNITS_PER_LINE = 20;
/** More is not told while this many bytes wait to be sent. */
const BACKLOG = 1_048_576;
const LARGEST_WEIGHT = 0x7fffffff;

/** What a feed knows of the leaf node that it tells. */
export interface Listener {
  /** This router is the leaf node, the other side the hub. */
  readonly isSpoke: boolean;
  /** Of the other side; interest does not go back into the cluster that it came from. '' for none. */
  readonly cluster: string;
  /** What the other side subscribed to here, by key. */
  readonly subscriptions: ReadonlyMap<string, LeafSubscription>;
  readonly terms: LeafTerms;
  /** Bytes that wait to be sent. */
  readonly backlog: number;
  writeLine(line: string): void;
}

/**
 * Tells one leaf node what its account wants here: all of it at first, a piece in each turn of the event loop, then
 * each change. Entries come in the order in which they were made, so the ordinal of the last one tells which
 * changes the leaf node has to hear of now and which it will come to anyway.
 */
export class InterestFeed {
  readonly #listener: Listener;
  readonly #interest: AccountInterest;
  readonly #turn: TurnWork;
  #entries: Iterator<InterestEntry> | undefined;
  /** Everything up to this entry has been told. */
  #told = 0;
  #terms: LeafTerms;
  #before: LeafTerms | undefined;
  /** Told before their turn. */
  readonly #early = new Set<string>();
  #waits = false;
  #ended = false;

  constructor(listener: Listener, interest: AccountInterest, turn: TurnWork) {
    this.#listener = listener;
    this.#interest = interest;
    this.#turn = turn;
    this.#terms = listener.terms;
  }

  get listener(): Listener {
    return this.#listener;
  }

  /** Everything has been told. */
  get complete(): boolean {
    return this.#told === Infinity;
  }

  /** Called when the account's interest has been counted. */
  begin(): void {
    if (this.#ended) return;
    this.#told = 0;
    this.#entries = this.#interest.entries();
    this.resumeReading();
  }

  /** The other side's permissions are new: it hears of what it may know now, and of what it may not any more. */
  termsChanged(): void {
    this.#before = this.#terms;
    this.#terms = this.#listener.terms;
    if (this.#entries !== undefined || this.complete) this.begin();
  }

  /**
   * A message with this reply goes out before everything has been told: whoever waits for the reply is told of
   * now, or it would not come back.
   */
  tellOfReply(reply: string): void {
    const { plain, groups } = this.#interest.account.index.matchText(reply);
    for (const { subject } of plain) this.#tellEarly(subject, undefined);
    for (const { queue, local } of groups) {
      for (const { subject } of local) this.#tellEarly(subject, queue);
    }
  }

  #tellEarly(subject: string, queue: string | undefined): void {
    const key = keyOf(subject, queue);
    if (this.#early.has(key) || !this.#terms.mayAsk(subject)) return;
    this.#early.add(key);
    this.#listener.writeLine(queue === undefined ? `LS+ ${key}\r\n` : `LS+ ${key} 1\r\n`);
  }

  /** What was told early and is gone by now. */
  #endEarly(): void {
    for (const key of this.#early) {
      const entry = this.#interest.entry(key);
      if (entry === undefined || this.#count(entry) <= 0)
        this.#listener.writeLine(`LS- ${key}\r\n`);
    }
    this.#early.clear();
  }

  /** What waited to be sent has gone out. */
  drained(): void {
    if (this.#waits) this.resumeReading();
  }

  end(): void {
    this.#ended = true;
    this.#entries = undefined;
  }

  /** Somebody's interest changed by `delta`. */
  changed(entry: InterestEntry, by: Wanter, delta: number): void {
    if (this.#ended || !this.#concerns(by, entry)) return;
    if (entry.ordinal > this.#told && this.#before === undefined) return;
    const count = this.#count(entry);
    if (entry.ordinal > this.#told) {
      // It may have been told before the permissions changed, and will not be come to any more.
      if (count <= 0 && this.#before?.mayAsk(entry.subject) === true) this.#tell(entry, 0);
      return;
    }
    const before = count - delta;
    const changes = entry.queue === undefined ? count > 0 !== before > 0 : count !== before;
    if (changes && this.#terms.mayAsk(entry.subject)) this.#tell(entry, count);
  }

  /** The next piece. Named so that the turn calls it. */
  resumeReading(): void {
    const entries = this.#entries;
    this.#waits = false;
    if (entries === undefined) return;
    while (!this.#turn.spent) {
      const next = entries.next();
      if (next.done === true) {
        this.#entries = undefined;
        this.#told = Infinity;
        this.#before = undefined;
        this.#endEarly();
        return;
      }
      this.#turn.spend(UNITS_PER_LINE);
      this.#told = next.value.ordinal;
      this.#tellFirst(next.value);
    }
    if (this.#listener.backlog > BACKLOG) this.#waits = true;
    else this.#turn.resumeLater(this);
  }

  #tellFirst(entry: InterestEntry): void {
    const count = this.#count(entry);
    if (count <= 0) return;
    if (this.#terms.mayAsk(entry.subject)) this.#tell(entry, count);
    else if (this.#before?.mayAsk(entry.subject) === true) this.#tell(entry, 0);
  }

  /** All but what came from the leaf node itself and from others of its cluster. */
  #count(entry: InterestEntry): number {
    const { isSpoke } = this.#listener;
    let count = entry.countFor(isSpoke);
    if (entry.spokes === 0 && entry.hubs === 0) return count;
    for (const { listener } of this.#interest.feeds) {
      if (!this.#isSame(listener)) continue;
      const own = listener.subscriptions.get(entry.key);
      if (own !== undefined && (!listener.isSpoke || !isSpoke || entry.detectsLoops)) {
        count -= own.count;
      }
    }
    return count;
  }

  #concerns({ kind, leaf }: Wanter, entry: InterestEntry): boolean {
    if (leaf !== undefined && this.#isSame(leaf)) return false;
    return kind !== 'hubs' || !this.#listener.isSpoke || entry.detectsLoops;
  }

  #isSame(other: Listener): boolean {
    const { cluster } = this.#listener;
    return other === this.#listener || (cluster !== '' && other.cluster === cluster);
  }

  #tell(entry: InterestEntry, count: number): void {
    const { key, queue } = entry;
    if (count <= 0) this.#listener.writeLine(`LS- ${key}\r\n`);
    else if (queue === undefined) this.#listener.writeLine(`LS+ ${key}\r\n`);
    else this.#listener.writeLine(`LS+ ${key} ${String(Math.min(count, LARGEST_WEIGHT))}\r\n`);
  }
}
