import type { LeafConnection } from './leaf-connection.ts';
import { keyOf } from './leaf-subscription.ts';

/** nats-server's prefix of the subjects that tell whether interest comes back to where it began. */
export const LOOP_PREFIX = '$LDS.';

/** Whose interest changes. */
export interface Wanter {
  readonly kind: 'local' | 'spokes' | 'hubs';
  /** The leaf node of this account that it is. */
  readonly leaf: LeafConnection | undefined;
}

/** What an account wants of one subject (and queue), counted by who wants it. */
export class InterestEntry {
  readonly subject: string;
  readonly queue: string | undefined;
  /** `subject` or `subject queue`: what LS+ and LS- say. */
  readonly key: string;
  /** Grows from entry to entry. */
  readonly ordinal: number;
  /** Passed on everywhere, so that a loop closes. */
  readonly detectsLoops: boolean;
  /** Clients and parts of this router. */
  local = 0;
  /** Leaf nodes to which this router is the hub. */
  spokes = 0;
  /** Leaf nodes that are this router's hubs: not passed on to other hubs. */
  hubs = 0;

  constructor(subject: string, queue: string | undefined, ordinal: number) {
    this.subject = subject;
    this.queue = queue;
    this.key = keyOf(subject, queue);
    this.ordinal = ordinal;
    this.detectsLoops = subject.startsWith(LOOP_PREFIX);
  }

  get empty(): boolean {
    return this.local <= 0 && this.spokes <= 0 && this.hubs <= 0;
  }

  /** What a leaf node's own side is not: everybody whose interest it is told of, itself still included. */
  countFor(isSpoke: boolean): number {
    return this.local + this.spokes + (isSpoke && !this.detectsLoops ? 0 : this.hubs);
  }
}
