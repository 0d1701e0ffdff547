import type { ConnectionOptions, TlsOptions } from 'nats';
import { authenticatorFor, type Credentials } from './login.ts';
import { isLocalName, type ServerAddress } from './server-address.ts';

const CONNECT_TIMEOUT_MS = 5000;
/** A dead server is noticed after two unanswered pings: in at most 15 s. */
const PING_INTERVAL_MS = 5000;
const MAX_PINGS_OUT = 2;
const MIN_WAIT_MS = 250;
const MAX_WAIT_MS = 2000;

export interface ClientSettings {
  readonly address: ServerAddress;
  readonly credentials: Credentials;
  /** Whether other servers of the same cluster, as the server tells them, may be used when it is away. */
  readonly followCluster: boolean;
  /** Milliseconds since the client was last connected. */
  readonly awayForMs: () => number;
}

/** A quarter of the time already waited, between 250 ms and 2 s, give or take a quarter. */
export function reconnectWait(awayForMs: number, random: number): number {
  const wait = Math.min(MAX_WAIT_MS, Math.max(MIN_WAIT_MS, awayForMs / 4));
  return Math.round(wait * (0.75 + random / 2));
}

/** Options of one client of nats.js: it reconnects for ever unless the server refuses it twice in a row. */
export function clientOptions(
  settings: ClientSettings,
): ConnectionOptions & { reconnectDelayHandler: () => number } {
  const { address } = settings;
  return {
    servers: address.url.replace(/^[a-z]+:\/\//, ''),
    name: 'skerry',
    noEcho: true,
    authenticator: authenticatorFor(settings.credentials),
    ignoreClusterUpdates: !settings.followCluster,
    maxReconnectAttempts: -1,
    reconnectDelayHandler: () => reconnectWait(settings.awayForMs(), Math.random()),
    timeout: CONNECT_TIMEOUT_MS,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: MAX_PINGS_OUT,
    noAsyncTraces: true,
    // The client asks DNS alone; these names only the operating system knows.
    resolve: !isLocalName(address.host),
    ...(address.tls && { tls: tlsFor(address.host) }),
  };
}

/** With an unresolved name the client would not tell TLS whose certificate to expect. */
function tlsFor(host: string): TlsOptions & { host?: string } {
  return isLocalName(host) ? { host } : {};
}
