import type { CloseReason } from '../connection/close-reason.ts';
import {
  connectionFacts,
  identityFacts,
  subscriptionFacts,
  type ConnectionFacts,
  type IdentityFacts,
  type SubscriptionFacts,
} from './connection-facts.ts';
import type { MonitoredConnection } from './view.ts';

/** nats-server's default of max_closed_clients. */
const DEFAULT_CAPACITY = 10_000;
/** Subscriptions that are kept of one connection; the count is that of all. */
const SUBSCRIPTIONS_KEPT = 100;

/** What is known of a connection that has gone. */
export interface ClosedConnection {
  readonly facts: ConnectionFacts;
  readonly startedAt: number;
  readonly lastActivity: number;
  readonly stoppedAt: number;
  readonly rtt: number;
  readonly identity: IdentityFacts;
  readonly user: string;
  /** Empty for the global account's. */
  readonly account: string;
  readonly subscriptions: readonly SubscriptionFacts[];
}

/** The last so many, the oldest first. */
export class ClosedConnections {
  readonly #capacity: number;
  readonly #entries: ClosedConnection[] = [];
  /** Where the next one goes once it is full. */
  #next = 0;

  constructor(capacity = DEFAULT_CAPACITY) {
    this.#capacity = capacity;
  }

  add(entry: ClosedConnection): void {
    if (this.#capacity <= 0) return;
    if (this.#entries.length < this.#capacity) {
      this.#entries.push(entry);
      return;
    }
    this.#entries[this.#next] = entry;
    this.#next = (this.#next + 1) % this.#capacity;
  }

  all(): readonly ClosedConnection[] {
    return [...this.#entries.slice(this.#next), ...this.#entries.slice(0, this.#next)];
  }
}

export function closedConnection(
  connection: MonitoredConnection,
  reason: CloseReason,
): ClosedConnection {
  const now = Date.now();
  const subscriptions: SubscriptionFacts[] = [];
  for (const subscription of connection.subscriptions.values()) {
    if (subscriptions.length === SUBSCRIPTIONS_KEPT) break;
    subscriptions.push(subscriptionFacts(subscription, true));
  }
  const identity = identityFacts(connection);
  return {
    facts: connectionFacts(connection, now, { at: now, reason }),
    startedAt: connection.startedAt,
    lastActivity: connection.lastActivity ?? connection.startedAt,
    stoppedAt: now,
    rtt: connection.ping?.rtt ?? 0,
    identity,
    user: identity.authorized_user ?? '',
    account: identity.account ?? '',
    subscriptions,
  };
}
