/** Who sent a request or answered it: nats-server's ClientInfo, in `Nats-Request-Info` and in latency samples. */
import type { Connection } from '../connection/connection.ts';
import { clientTypeOf, kindOf, shownJwt, userOf } from '../monitor/connection-facts.ts';
import { nanoseconds, timeText } from '../monitor/go-format.ts';
import type { MonitoredConnection } from '../monitor/view.ts';

/** The keys stand in the order that they are written in. */
export interface ClientInfo {
  start?: string | undefined;
  host?: string | undefined;
  id?: number | undefined;
  acc?: string | undefined;
  /** The account that handed the request on to another service. */
  svc?: string | undefined;
  user?: string | undefined;
  name?: string | undefined;
  lang?: string | undefined;
  ver?: string | undefined;
  /** Nanoseconds. */
  rtt?: number | undefined;
  server?: string | undefined;
  jwt?: string | undefined;
  issuer_key?: string | undefined;
  name_tag?: string | undefined;
  tags?: readonly string[] | undefined;
  kind?: string | undefined;
  client_type?: string | undefined;
}

/**
 * Undefined for the router's own parts.
 *
 * @param server name of this router when the details may be told, else undefined
 */
export function clientInfo(
  connection: Connection | undefined,
  server: string | undefined,
): ClientInfo | undefined {
  if (connection === undefined || !isMonitored(connection)) return undefined;
  const rtt = nanoseconds(connection.ping?.rtt ?? 0) || undefined;
  const acc = connection.account?.name;
  if (server === undefined) return { acc, rtt };
  const { options, admission } = connection;
  const tags = admission?.tags ?? [];
  return {
    start: timeText(connection.startedAt),
    host: connection.facts?.host || undefined,
    id: connection.id,
    acc,
    svc: undefined,
    user: userOf(connection) || undefined,
    name: (options?.name ?? connection.name) || undefined,
    lang: options?.lang || undefined,
    ver: options?.version || undefined,
    rtt,
    server,
    jwt: shownJwt(options?.jwt),
    issuer_key: admission?.issuerKey || undefined,
    name_tag: admission?.nameTag || undefined,
    tags: tags.length === 0 ? undefined : tags,
    kind: kindOf(connection),
    client_type: clientTypeOf(connection),
  };
}

function isMonitored(connection: Connection): connection is MonitoredConnection {
  return 'startedAt' in connection;
}

/** Asks for the round trip of a client that has none yet, so that samples have it. */
export function wantRoundTrip(connection: Connection | undefined): void {
  if (connection === undefined || !isMonitored(connection)) return;
  const { ping, takesInfo } = connection;
  if (ping?.rtt === 0 && takesInfo === true) ping.measure?.();
}
