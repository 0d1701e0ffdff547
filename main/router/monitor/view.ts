/** What monitoring and the system account read of a router and of its connections. */
import type { Unsubscribe } from '../../base/emitter.ts';
import type { Account } from '../account/account.ts';
import type { Admission } from '../auth/types.ts';
import type { ClientConnection } from '../connection/client-connection.ts';
import type { CloseReason } from '../connection/close-reason.ts';
import type { Connection } from '../connection/connection.ts';
import type { Traffic } from '../connection/hub.ts';
import type { Subscription } from '../connection/subscription.ts';
import type { Limits } from '../defaults.ts';
import type { RouterLog } from '../log.ts';
import type { ConnectionType, RouterOptions } from '../options.ts';
import type { ConnectOptions } from '../protocol/connect-options.ts';
import type { ServerInfo } from '../protocol/info.ts';

/** TLS as it was agreed on, for connections that have it. */
export interface TlsFacts {
  /** `1.3` */
  readonly version: string;
  /** IANA name. */
  readonly cipher: string;
  /** The handshake came before INFO. */
  readonly first: boolean;
  readonly peers: readonly {
    readonly subject: string;
    /** Hex SHA-256 of the public key and of the certificate. */
    readonly keyHash: string;
    readonly hash: string;
  }[];
}

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
  readonly options?: Partial<ConnectOptions>;
  readonly admission?: Admission | undefined;
  readonly facts?: { readonly type: ConnectionType; readonly host: string };
  readonly transport?: { readonly remotePort: number; readonly tls?: TlsFacts | undefined };
  readonly outbound?: { readonly pending: number };
  readonly ping?: { readonly rtt: number; measure?(): void };
  /** Whether a PING would not disturb: the client has asked for PONG once. */
  readonly takesInfo?: boolean;
}

export interface MonitoredLeaf extends MonitoredConnection {
  readonly isLeaf: true;
  /** Name of the other server. */
  readonly remoteName: string;
  /** Whether this side dialled and does not act as the hub. */
  readonly isSpoke: boolean;
  readonly compression?: string;
}

/** An account whose settings come from a JWT. */
export interface AccountClaim {
  readonly jwt: string;
  readonly issuer: string;
  readonly nameTag: string;
  readonly tags: readonly string[];
  /** Unix ms; Infinity: never. */
  readonly expires: number;
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
  readonly clients: ReadonlyMap<number, ClientConnection>;
  readonly local: { readonly all: Iterable<MonitoredConnection> };
  readonly authenticator: { readonly required: boolean };
  readonly events: {
    on(name: 'connected' | 'refused', listener: (client: ClientConnection) => void): Unsubscribe;
    on(
      name: 'closed',
      listener: (client: ClientConnection, reason: CloseReason) => void,
    ): Unsubscribe;
  };
  /** What INFO says of the server now, whoever the client is. */
  serverInfo(): ServerInfo;
}
