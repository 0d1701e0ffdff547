import { isDeepStrictEqual } from 'node:util';
import { durationText } from '../config/duration.ts';
import { limitsOf } from '../defaults.ts';
import type { ListenOptions, RouterOptions } from '../options.ts';

export interface ReloadPlan {
  /** Each setting that changes, as the log names it: `max_payload = 1024`, `accounts`. No secrets. */
  readonly changes: string[];
  /** Those among them that a running server cannot take up, by name. */
  readonly needsRestart: string[];
}

interface Setting {
  /** As in nats.conf. */
  readonly name: string;
  readonly read: (options: RouterOptions) => unknown;
  /** How the new value is shown; absent: not at all. */
  readonly show?: (value: unknown) => string;
  readonly needsRestart?: true;
  /** Where two values count as one although they differ. */
  readonly same?: (before: unknown, after: unknown) => boolean;
}

const plainly = (value: unknown): string => String(value);
const asDuration = (value: unknown): string => durationText(Number(value));
/** Stands for "any free port", and the one that was found stays. */
const anyPort = (port: number | undefined): boolean => port === -1 || port === 0;

/**
 * Compares two sets of options, both as the router is given them. As in nats-server, whoever may connect, what
 * accounts may do, limits, certificates and the log can change under way, and where the server listens, what it
 * is called and whom it trusts cannot. Limits that nats-server keeps until a restart (max_pending,
 * max_subscriptions, lame duck) can change here.
 */
export function planReload(before: RouterOptions, after: RouterOptions): ReloadPlan {
  const changed = SETTINGS.filter(({ read, same = isDeepStrictEqual }) => {
    return !same(read(before), read(after));
  });
  return {
    changes: [
      ...new Set(
        changed.map(({ name, read, show }) =>
          show === undefined ? name : `${name} = ${show(read(after))}`,
        ),
      ),
    ],
    needsRestart: [
      ...new Set(changed.filter((one) => one.needsRestart === true).map(({ name }) => name)),
    ],
  };
}

function samePlace(before: unknown, after: unknown): boolean {
  const [one, other] = [before, after] as [ListenOptions | undefined, ListenOptions | undefined];
  if (one === undefined || other === undefined) return one === other;
  return one.host === other.host && (anyPort(other.port) || one.port === other.port);
}

const limit = (name: string, key: keyof ReturnType<typeof limitsOf>, show = plainly): Setting => ({
  name,
  read: ({ limits }) => limitsOf(limits)[key],
  show,
});

const restart = (name: string, read: Setting['read'], same?: Setting['same']): Setting => ({
  name,
  read,
  needsRestart: true,
  ...(same === undefined ? {} : { same }),
});

const SETTINGS: readonly Setting[] = [
  restart('server_name', ({ serverName }) => serverName),
  restart('listen', ({ listen }) => listen, samePlace),
  restart('unix_socket', ({ unixSocket }) => unixSocket),
  restart('http', ({ monitor }) => monitor, samePlace),
  restart('http_base_path', ({ monitor }) => [monitor?.basePath, monitor?.https]),
  restart('websocket', ({ websocket }) => websocket, samePlace),
  restart('websocket', ({ websocket }) => ({
    ...websocket,
    host: undefined,
    port: undefined,
    tls: undefined,
  })),
  restart('leafnodes', ({ leafnodes }) => leafnodes?.listen, samePlace),
  restart('leafnodes tls', ({ leafnodes }) => leafnodes?.tls === undefined),
  restart('operator', ({ operator }) => [operator?.jwts, operator?.trustedKeys]),
  restart('resolver', ({ operator }) => operator?.resolver),
  restart('system_account', ({ systemAccount, noSystemAccount }) => [
    systemAccount,
    noSystemAccount === true,
  ]),
  restart('no_header_support', ({ noHeaderSupport }) => noHeaderSupport === true),
  { name: 'client_advertise', read: ({ listen }) => listen?.advertise ?? '', show: plainly },
  { name: 'server_tags', read: ({ serverTags }) => serverTags },
  { name: 'tls', read: ({ tls }) => tls },
  { name: 'websocket tls', read: ({ websocket }) => websocket?.tls },
  { name: 'leafnodes tls', read: ({ leafnodes }) => leafnodes?.tls },
  { name: 'leafnodes authorization', read: ({ leafnodes }) => leafnodes?.authorization },
  { name: 'leafnodes remotes', read: ({ leafnodes }) => leafnodes?.remotes ?? [] },
  {
    name: 'leafnodes',
    read: ({ leafnodes }) => [leafnodes?.minVersion, leafnodes?.reconnectInterval],
  },
  { name: 'authorization username', read: ({ authorization }) => authorization?.user },
  { name: 'authorization password', read: ({ authorization }) => authorization?.password },
  { name: 'authorization token', read: ({ authorization }) => authorization?.token },
  { name: 'authorization timeout', read: ({ authorization }) => authorization?.timeout },
  {
    name: 'authorization users',
    read: ({ authorization }) => [authorization?.users, authorization?.defaultPermissions],
  },
  { name: 'no_auth_user', read: ({ noAuthUser }) => noAuthUser },
  { name: 'accounts', read: ({ accounts }) => accounts },
  { name: 'mappings', read: ({ mappings }) => mappings },
  {
    name: 'resolver_preload',
    read: ({ operator }) => [operator?.preload, operator?.pinnedAccounts],
  },
  limit('max_connections', 'maxConnections'),
  limit('max_control_line', 'maxControlLine'),
  limit('max_payload', 'maxPayload'),
  limit('max_pending', 'maxPending'),
  limit('max_subscriptions', 'maxSubscriptions'),
  limit('max_sub_tokens', 'maxSubscriptionTokens'),
  limit('max_traced_msg_len', 'maxTracedMessageLength'),
  limit('ping_interval', 'pingInterval', asDuration),
  limit('ping_max', 'pingMax'),
  limit('write_deadline', 'writeDeadline', asDuration),
  { name: 'max_closed_clients', read: ({ limits }) => limits?.maxClosedClients },
  { name: 'no_fast_producer_stall', read: ({ limits }) => limits?.noFastProducerStall === true },
  { name: 'lame_duck', read: ({ lameDuck }) => lameDuck },
  { name: 'debug', read: ({ log }) => log?.debug === true, show: plainly },
  { name: 'trace', read: ({ log }) => log?.trace === true, show: plainly },
  { name: 'trace_verbose', read: ({ log }) => log?.traceVerbose === true, show: plainly },
  { name: 'logtime', read: ({ log }) => log?.time !== false, show: plainly },
  { name: 'logtime_utc', read: ({ log }) => log?.utc === true, show: plainly },
  { name: 'log_file', read: ({ log }) => log?.file ?? '', show: plainly },
  { name: 'log_size_limit', read: ({ log }) => log?.sizeLimit ?? 0, show: plainly },
  { name: 'log_max_num', read: ({ log }) => log?.maxFiles ?? 0, show: plainly },
  { name: 'pid_file', read: ({ pidFile }) => pidFile ?? '', show: plainly },
  { name: 'ports_file_dir', read: ({ portsFileDir }) => portsFileDir ?? '', show: plainly },
];
