/**
 * What is counted beside the hot path: when things began, who has gone, and what accounts have seen in total,
 * which is what their connections count now and what those counted that have left.
 */
import type { Account } from '../account/account.ts';
import type { CloseReason } from '../connection/close-reason.ts';
import {
  type ClosedConnection,
  ClosedConnections,
  closedConnection,
} from './closed-connections.ts';
import { ProcessUsage } from './process-usage.ts';
import type { MonitoredConnection, RouterView } from './view.ts';

export interface Totals {
  inMessages: number;
  inBytes: number;
  outMessages: number;
  outBytes: number;
  slowConsumers: number;
}

export class Statistics {
  readonly startedAt = Date.now();
  /** When the configuration was taken up, Unix ms. */
  configuredAt = this.startedAt;
  readonly usage = new ProcessUsage();
  readonly closed: ClosedConnections;
  /** Monitoring pages by path. */
  readonly pageViews = new Map<string, number>();
  slowLeafs = 0;
  readonly #gone = new Map<string, Totals>();

  constructor(router: Pick<RouterView, 'options'>) {
    this.closed = new ClosedConnections(router.options.limits?.maxClosedClients);
  }

  /** Every client and leaf node goes through here when it is closed, with its subscriptions still listed. */
  connectionClosed(connection: MonitoredConnection, reason: CloseReason): ClosedConnection {
    const { account } = connection;
    const isSlow = reason.startsWith('Slow Consumer');
    if (account !== undefined) this.#remember(account, connection, isSlow);
    if (isSlow && connection.isLeaf) this.slowLeafs++;
    const closed = closedConnection(connection, reason);
    this.closed.add(closed);
    return closed;
  }

  /** What came from and went to the connections of an account. */
  totalsOf(account: Account): Totals {
    const totals = { ...(this.#gone.get(account.name) ?? nothing()) };
    for (const connection of account.connections) {
      if (countsTraffic(connection)) addTo(totals, connection);
    }
    return totals;
  }

  countPage(path: string): void {
    this.pageViews.set(path, (this.pageViews.get(path) ?? 0) + 1);
  }

  #remember(account: Account, connection: MonitoredConnection, isSlow: boolean): void {
    let totals = this.#gone.get(account.name);
    if (totals === undefined) this.#gone.set(account.name, (totals = nothing()));
    addTo(totals, connection);
    if (isSlow) totals.slowConsumers++;
  }
}

type Traffic = Omit<Totals, 'slowConsumers'>;

function nothing(): Totals {
  return { inMessages: 0, inBytes: 0, outMessages: 0, outBytes: 0, slowConsumers: 0 };
}

function countsTraffic(connection: object): connection is Traffic {
  return 'inMessages' in connection && 'outMessages' in connection;
}

function addTo(totals: Totals, traffic: Traffic): void {
  totals.inMessages += traffic.inMessages;
  totals.inBytes += traffic.inBytes;
  totals.outMessages += traffic.outMessages;
  totals.outBytes += traffic.outBytes;
}
