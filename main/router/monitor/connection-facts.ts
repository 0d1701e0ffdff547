/** What `/connz` says of one connection, in the order of nats-server's ConnInfo. */
import type { CloseReason } from '../connection/close-reason.ts';
import type { Subscription } from '../connection/subscription.ts';
import { defaults } from '../defaults.ts';
import { peerCertificate } from '../listen/tls-facts.ts';
import type { ConnectionType } from '../options.ts';
import { fromWire } from '../subject/wire.ts';
import { durationText, timeText, uptimeText } from './go-format.ts';
import type { MonitoredConnection } from './view.ts';

/** Strings that would be empty are left out. */
export interface ConnectionFacts {
  readonly cid: number;
  readonly kind: string;
  readonly type: string | undefined;
  readonly ip: string;
  readonly port: number;
  readonly start: string;
  readonly last_activity: string;
  readonly stop: string | undefined;
  readonly reason: CloseReason | undefined;
  readonly rtt: string;
  readonly uptime: string;
  readonly idle: string;
  readonly pending_bytes: number;
  readonly in_msgs: number;
  readonly out_msgs: number;
  readonly in_bytes: number;
  readonly out_bytes: number;
  readonly subscriptions: number;
  readonly name: string | undefined;
  readonly lang: string | undefined;
  readonly version: string | undefined;
  readonly tls_version: string | undefined;
  readonly tls_cipher_suite: string | undefined;
  readonly tls_first: true | undefined;
}

export interface IdentityFacts {
  readonly tls_peer_certs: readonly object[] | undefined;
  readonly authorized_user: string | undefined;
  readonly account: string | undefined;
  readonly jwt: string | undefined;
  readonly issuer_key: string | undefined;
  readonly name_tag: string | undefined;
  readonly tags: readonly string[] | undefined;
}

export interface SubscriptionFacts {
  readonly account: string | undefined;
  readonly subject: string;
  readonly qgroup: string | undefined;
  readonly sid: string;
  readonly msgs: number;
  readonly max: number | undefined;
  readonly cid: number;
}

/** @param end when and why it ended, if it has */
export function connectionFacts(
  connection: MonitoredConnection,
  now: number,
  end?: { readonly at: number; readonly reason: CloseReason },
): ConnectionFacts {
  const { transport, options, ping, startedAt } = connection;
  const lastActivity = connection.lastActivity ?? startedAt;
  const tls = transport?.tls;
  const port = transport?.remotePort ?? 0;
  return {
    cid: connection.id,
    kind: kindOf(connection),
    type: clientTypeOf(connection),
    ip: port === 0 ? '' : (connection.facts?.host ?? ''),
    port,
    start: timeText(startedAt),
    last_activity: timeText(lastActivity),
    stop: end && timeText(end.at),
    reason: end?.reason,
    rtt: durationText(ping?.rtt ?? 0),
    uptime: uptimeText(now - startedAt),
    idle: uptimeText(now - lastActivity),
    pending_bytes: connection.outbound?.pending ?? 0,
    in_msgs: connection.inMessages,
    out_msgs: connection.outMessages,
    in_bytes: connection.inBytes,
    out_bytes: connection.outBytes,
    subscriptions: connection.subscriptions.size,
    name: (options?.name ?? connection.name) || undefined,
    lang: options?.lang || undefined,
    version: options?.version || undefined,
    tls_version: tls?.version,
    tls_cipher_suite: tls?.cipher,
    tls_first: transport?.tlsFirst === true || undefined,
  };
}

/** What `auth=1` adds. */
export function identityFacts(connection: MonitoredConnection): IdentityFacts {
  const { admission, account, transport } = connection;
  const peer = transport?.tls && peerCertificate(transport.tls);
  const tags = admission?.tags ?? [];
  const isGlobal = account === undefined || account.name === defaults.globalAccount;
  return {
    tls_peer_certs:
      peer === undefined
        ? undefined
        : [{ subject: peer.subject, spki_sha256: peer.keyHash, cert_sha256: peer.hash }],
    authorized_user: userOf(connection) || undefined,
    account: isGlobal ? undefined : account.name,
    jwt: shownJwt(admission?.jwt),
    issuer_key: admission?.issuerKey || undefined,
    name_tag: admission?.nameTag || undefined,
    tags: tags.length === 0 ? undefined : tags,
  };
}

/** Who it is, or, while it is not admitted, says it is. Never a secret. */
export function userOf({ admission, options }: MonitoredConnection): string {
  if (admission !== undefined) return admission.user;
  if (options?.nkey) return options.nkey;
  if (options?.user) return options.user;
  return options?.token ? '[token]' : '';
}

/** Whoever has a bearer JWT can log in with it, so it is not shown. */
export function shownJwt(jwt: string | undefined): string | undefined {
  const claims = jwt?.split('.')[1];
  if (jwt === undefined || claims === undefined) return undefined;
  const text = Buffer.from(claims, 'base64url').toString('utf8');
  return /"bearer_token"\s*:\s*true/.test(text) ? undefined : jwt;
}

export function kindOf(connection: { readonly isLeaf: boolean }): 'Client' | 'Leafnode' {
  return connection.isLeaf ? 'Leafnode' : 'Client';
}

export function clientTypeOf({
  isLeaf,
  facts,
}: Pick<MonitoredConnection, 'isLeaf' | 'facts'>): string | undefined {
  if (isLeaf) return undefined;
  return clientTypes[facts?.type ?? 'IN_PROCESS'];
}

const clientTypes: Readonly<Record<ConnectionType, string | undefined>> = {
  STANDARD: 'nats',
  IN_PROCESS: 'nats',
  WEBSOCKET: 'websocket',
  MQTT: 'mqtt',
  MQTT_WS: 'mqtt',
  LEAFNODE: undefined,
  LEAFNODE_WS: undefined,
};

/** @param withAccount names it, as `/subsz` does */
export function subscriptionFacts(
  subscription: Subscription,
  withAccount: boolean,
): SubscriptionFacts {
  const { connection, queue, max } = subscription;
  return {
    account: withAccount ? connection.account?.name : undefined,
    subject: fromWire(subscription.subject),
    qgroup: queue === undefined ? undefined : fromWire(queue),
    sid: fromWire(subscription.sid),
    msgs: subscription.delivered,
    max: max > 0 ? max : undefined,
    cid: connection.id,
  };
}
