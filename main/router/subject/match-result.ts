import type { Subscription } from '../connection/subscription.ts';
import type { Interest } from './interest.ts';

/** One of a group gets each message; a member here before one behind a leaf node. */
export interface QueueGroup {
  readonly queue: string;
  readonly local: Subscription[];
  /** Behind leaf nodes, each with its weight. */
  readonly remote: Subscription[];
}

/** Everyone that a subject is for, as it was when it was asked. */
export class MatchResult {
  readonly plain: Subscription[] = [];
  /** One subscription of each leaf node with plain interest. */
  readonly leaves: Subscription[] = [];
  readonly groups: QueueGroup[] = [];

  get empty(): boolean {
    return this.plain.length === 0 && this.groups.length === 0 && this.leaves.length === 0;
  }

  /** How many subscriptions these are. */
  get receivers(): number {
    let count = this.plain.length + this.leaves.length;
    for (const { local, remote } of this.groups) count += local.length + remote.length;
    return count;
  }

  add(interest: Interest): void {
    for (const subscription of interest.plain) {
      if (!subscription.connection.isLeaf) this.plain.push(subscription);
      else if (!this.leaves.some((leaf) => leaf.connection === subscription.connection)) {
        this.leaves.push(subscription);
      }
    }
    if (interest.queues === undefined) return;
    for (const [queue, members] of interest.queues) this.#addGroup(queue, members);
  }

  addPlain(subscription: Subscription): void {
    (subscription.connection.isLeaf ? this.leaves : this.plain).push(subscription);
  }

  #addGroup(queue: string, members: readonly Subscription[]): void {
    let group = this.groups.find((known) => known.queue === queue);
    if (group === undefined) this.groups.push((group = { queue, local: [], remote: [] }));
    for (const member of members) {
      (member.connection.isLeaf ? group.remote : group.local).push(member);
    }
  }
}

export const NOBODY = new MatchResult();
