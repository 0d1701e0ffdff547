import type { Connection } from '../connection/connection.ts';
import type { Message } from '../connection/message.ts';
import type { Subscription } from '../connection/subscription.ts';
import type { MatchResult, QueueGroup } from '../subject/match-result.ts';
import type { AccountOptions } from '../options.ts';
import { SubjectIndex } from '../subject/subject-index.ts';

/** Changes the subject of what is published in an account; undefined: it stays. */
export interface SubjectMapper {
  /** What it maps (wire strings): leaf nodes have to send it, subscribed to or not. */
  readonly sources?: readonly string[];
  map(subject: string): string | undefined;
}

/** Hears of every subscription in an account: leaf nodes, imports. */
export interface InterestListener {
  subscribed(subscription: Subscription): void;
  unsubscribed(subscription: Subscription): void;
}

/** A subject space of its own. */
export class Account {
  readonly name: string;
  readonly index = new SubjectIndex();
  /** Clients and leaf nodes. */
  readonly connections = new Set<Connection>();
  mapper: SubjectMapper | undefined;
  /** What it was made from. */
  options: AccountOptions;
  readonly #listeners = new Set<InterestListener>();

  constructor(name: string) {
    this.name = name;
    this.options = { name };
  }

  /** Whether it may have one more connection; leaf nodes count as clients do, and by themselves. */
  hasRoom(isLeaf: boolean): boolean {
    const { maxConnections = -1, maxLeafnodes = -1 } = this.options.limits ?? {};
    if (!isLeaf) return maxConnections < 0 || this.connections.size < maxConnections;
    if (maxLeafnodes < 0) return true;
    let leaves = 0;
    for (const connection of this.connections) if (connection.isLeaf) leaves++;
    return leaves < maxLeafnodes;
  }

  listen(listener: InterestListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** False for a malformed subject. */
  subscribe(subscription: Subscription): boolean {
    if (!this.index.add(subscription)) return false;
    for (const listener of this.#listeners) listener.subscribed(subscription);
    return true;
  }

  unsubscribe(subscription: Subscription): void {
    if (!this.index.remove(subscription)) return;
    for (const listener of this.#listeners) listener.unsubscribed(subscription);
  }

  /**
   * Hands a message to everyone it is for.
   *
   * @param queues only these groups get it, as a leaf node says; undefined: all
   * @returns how many got it
   */
  deliver(message: Message, from: Connection | undefined, queues?: readonly string[]): number {
    const result = this.index.match(message);
    return result.empty ? 0 : deliverTo(result, message, from, queues);
  }
}

function deliverTo(
  result: MatchResult,
  message: Message,
  from: Connection | undefined,
  queues: readonly string[] | undefined,
): number {
  let delivered = 0;
  const { plain, leaves, groups } = result;
  for (let i = 0; i < plain.length; i++) {
    const subscription = plain[i] as Subscription;
    if (subscription.connection.deliver(subscription, message, from)) delivered++;
  }
  // Leaf nodes get a message once, with the names of the groups that they have been chosen for.
  let chosen: Map<Connection, Chosen> | undefined;
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i] as QueueGroup;
    if (queues !== undefined && !queues.includes(group.queue)) continue;
    if (deliverToOne(group.local, message, from)) {
      delivered++;
      continue;
    }
    const remote = pickRemote(group.remote, from);
    if (remote === undefined) continue;
    chosen ??= new Map();
    const known = chosen.get(remote.connection);
    if (known === undefined) {
      chosen.set(remote.connection, { subscription: remote, queues: [group.queue] });
    } else {
      known.queues.push(group.queue);
    }
  }
  for (let i = 0; i < leaves.length; i++) {
    const subscription = leaves[i] as Subscription;
    if (chosen?.has(subscription.connection) === true || comesBack(subscription, from)) continue;
    if (subscription.connection.deliver(subscription, message, from)) delivered++;
  }
  if (chosen !== undefined) {
    for (const [leaf, { subscription, queues: names }] of chosen) {
      if (leaf.deliver(subscription, message, from, names)) delivered++;
    }
  }
  return delivered;
}

interface Chosen {
  readonly subscription: Subscription;
  readonly queues: string[];
}

/** The first that takes it, from a random one on. */
function deliverToOne(
  members: readonly Subscription[],
  message: Message,
  from: Connection | undefined,
): boolean {
  const count = members.length;
  let at = count > 1 ? Math.floor(Math.random() * count) : 0;
  for (let tried = 0; tried < count; tried++) {
    const member = members[at] as Subscription;
    if (member.connection.deliver(member, message, from)) return true;
    if (++at === count) at = 0;
  }
  return false;
}

/** One of them at random, by weight. */
function pickRemote(
  members: readonly Subscription[],
  from: Connection | undefined,
): Subscription | undefined {
  let total = 0;
  for (const member of members) if (!comesBack(member, from)) total += member.weight;
  let at = Math.random() * total;
  for (const member of members) {
    if (comesBack(member, from)) continue;
    at -= member.weight;
    if (at < 0) return member;
  }
  return undefined;
}

/** Whether a leaf node would get what it, or another one of its cluster, has sent. */
function comesBack({ connection }: Subscription, from: Connection | undefined): boolean {
  if (connection === from) return true;
  const { cluster } = connection;
  return cluster !== undefined && cluster !== '' && from?.cluster === cluster;
}
