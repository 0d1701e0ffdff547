import { Subscription } from '../connection/subscription.ts';
import type { LeafConnection } from './leaf-connection.ts';

/** nats-server's weights are 32 bits wide. */
const LARGEST_WEIGHT = 0x7fffffff;

/** What stands behind a leaf node: everything subscribed there to one subject (and queue), as one subscription. */
export class LeafSubscription extends Subscription {
  readonly leaf: LeafConnection;
  #weight: number;

  /** @param weight members of the queue group behind it; 1 for a plain subscription */
  constructor(leaf: LeafConnection, subject: string, queue: string | undefined, weight: number) {
    super(leaf, subject, queue, '');
    this.leaf = leaf;
    this.#weight = bounded(weight);
  }

  /** None that is gone is chosen any more, although it may still stand in the index. */
  override get weight(): number {
    return this.leaf.closed ? 0 : this.#weight;
  }

  /** How much interest it stands for. */
  get count(): number {
    return this.#weight;
  }

  /** @returns by how much it changed */
  reweigh(weight: number): number {
    const before = this.#weight;
    this.#weight = bounded(weight);
    return this.#weight - before;
  }
}

/** A weight of nothing, or that is none, counts as one (nats-server). */
function bounded(weight: number): number {
  return Math.min(Math.max(weight, 1), LARGEST_WEIGHT);
}

/** What LS- calls it; unique on a connection. */
export function keyOf(subject: string, queue: string | undefined): string {
  return queue === undefined ? subject : `${subject} ${queue}`;
}
