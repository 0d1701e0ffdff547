/** What monitoring and the system account read of a router and of its connections. */
import type { Account } from '../account/account.ts';
import type { RouterAuthenticator } from '../auth/authenticator.ts';
import type { Admission } from '../auth/types.ts';
import type { ClientConnection } from '../connection/client-connection.ts';
import type { Connection } from '../connection/connection.ts';
import type { Traffic } from '../connection/hub.ts';
import type { Subscription } from '../connection/subscription.ts';
import type { Limits } from '../defaults.ts';
import type { TlsFacts } from '../listen/tls-facts.ts';
import type { RouterLog } from '../log.ts';
import type { ConnectionType, RouterOptions } from '../options.ts';
import type { ConnectOptions } from '../protocol/connect-options.ts';
import type { ServerInfo } from '../protocol/info.ts';

/** Clients over byte streams, in-process clients, and leaf nodes: what there is of each. */
export interface MonitoredConnection extends Connection {
  /** Unix ms. */
  readonly startedAt: number;
  readonly lastActivity?: number;
  readonly inMessages: number;
  readonly inBytes: number;
  readonly outMessages: number;
  readonly outBytes: number;
  readonly subscriptions: { readonly size: number; values(): Iterable<Subscription> };
  readonly name?: string;
  readonly options?: Partial<ConnectOptions> | undefined;
  readonly admission?: Admission | undefined;
  readonly facts?: { readonly type: ConnectionType; readonly host: string };
  readonly transport?: {
    readonly remotePort: number;
    readonly tls?: TlsFacts | undefined;
    readonly tlsFirst?: boolean;
  };
  readonly outbound?: { readonly pending: number };
  readonly ping?: { readonly rtt: number; measure?(): void };
  /** Whether a PING would not disturb: the client has asked for PONG once. */
  readonly takesInfo?: boolean;
}

export interface MonitoredLeaf extends MonitoredConnection {
  readonly isLeaf: true;
  /** The other server; this one is its spoke when that is the hub. */
  readonly remote: {
    readonly name: string;
    readonly isHub: boolean;
    readonly compression: string;
  };
}

export interface RouterView {
  readonly id: string;
  readonly name: string;
  readonly options: RouterOptions;
  readonly limits: Limits;
  readonly log: RouterLog;
  readonly traffic: Traffic;
  readonly accounts: ReadonlyMap<string, Account>;
  readonly globalAccount: Account;
  /** Undefined when there is none by configuration. */
  readonly systemAccount: Account | undefined;
  readonly clients: ReadonlyMap<number, ClientConnection>;
  /** Dialled and accepted leaf nodes. */
  readonly leafs: Iterable<MonitoredLeaf>;
  /** Clients that ever came over a byte stream. */
  readonly totalConnections: number;
  /** Clients in this process, and how many ever came. */
  readonly local: { readonly all: ReadonlySet<MonitoredConnection>; readonly total: number };
  readonly authenticator: Pick<RouterAuthenticator, 'required' | 'operator'>;
  /** An account, fetched from the operator's resolver when nobody has used it yet. */
  localAccount(name: string): Promise<Account | undefined>;
  /** URLs of what listens. */
  addresses(): { readonly websocket: readonly string[]; readonly leafnodes: readonly string[] };
  /** What INFO says of the server now, whoever the client is. */
  serverInfo(): ServerInfo;
}
