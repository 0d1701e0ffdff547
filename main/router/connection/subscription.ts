import type { Connection } from './connection.ts';

/** One subscription of one connection. There may be a million of them: no field more than needed. */
export class Subscription {
  readonly connection: Connection;
  /** Wire string, may hold wildcards. */
  readonly subject: string;
  /** Wire string; undefined for a plain subscription. */
  readonly queue: string | undefined;
  /** What the client calls it; a wire string. */
  readonly sid: string;
  /** Deliveries since it was made, counted for `max`. */
  delivered = 0;
  /** Ends after this many deliveries; 0: never. */
  max = 0;
  /** Where it stands in its list in the index; -1: not in one. */
  slot = -1;

  /**
   * Whether messages of imported streams count for its maximum. A client's do not: nats-server counts what
   * is published in the client's own account.
   */
  get countsImported(): boolean {
    return false;
  }

  /** How many members of its queue group stand behind it: 1, or more for one of a leaf node. */
  get weight(): number {
    return 1;
  }

  constructor(connection: Connection, subject: string, queue: string | undefined, sid: string) {
    this.connection = connection;
    this.subject = subject;
    this.queue = queue;
    this.sid = sid;
  }
}
