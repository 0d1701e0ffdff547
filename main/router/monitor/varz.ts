/** `/varz`: the server as a whole. Objects of what the router does not have are there and empty. */
import { defaults } from '../defaults.ts';
import type { LeafRemoteOptions, RouterOptions } from '../options.ts';
import { nanoseconds, timeText, uptimeText } from './go-format.ts';
import type { Statistics } from './statistics.ts';
import type { RouterView } from './view.ts';

export function varz(router: RouterView, statistics: Statistics): object {
  const { options, limits, traffic } = router;
  const info = router.serverInfo();
  const now = Date.now();
  const { mem, cpu, cores } = statistics.usage.read();
  const { https = false, port: monitorPort = 0 } = options.monitor ?? {};
  const tags = options.serverTags ?? [];
  const slowLeafs = statistics.slowLeafs;
  return {
    server_id: info.server_id,
    server_name: info.server_name,
    version: info.version,
    proto: info.proto,
    git_commit: info.git_commit,
    go: info.go,
    host: info.host,
    port: info.port,
    auth_required: router.authenticator.required || undefined,
    tls_required: (options.tls !== undefined && options.tls.allowNonTls !== true) || undefined,
    tls_verify: options.tls?.verify === true || options.tls?.verifyAndMap === true || undefined,
    connect_urls: info.connect_urls,
    ws_connect_urls: info.ws_connect_urls,
    max_connections: limits.maxConnections,
    max_subscriptions: limits.maxSubscriptions > 0 ? limits.maxSubscriptions : undefined,
    ping_interval: nanoseconds(limits.pingInterval),
    ping_max: limits.pingMax,
    http_host: options.monitor?.host ?? '',
    http_port: https ? 0 : monitorPort,
    http_base_path: options.monitor?.basePath ?? '',
    https_port: https ? monitorPort : 0,
    auth_timeout: authTimeout(options),
    max_control_line: limits.maxControlLine,
    max_payload: limits.maxPayload,
    max_pending: limits.maxPending,
    cluster: {},
    gateway: {},
    leaf: leafFacts(router),
    mqtt: {},
    websocket: websocketFacts(router),
    jetstream: {},
    tls_timeout: (options.tls?.timeout ?? defaults.tlsTimeout) / 1_000,
    write_deadline: nanoseconds(limits.writeDeadline),
    start: timeText(statistics.startedAt),
    now: timeText(now),
    uptime: uptimeText(now - statistics.startedAt),
    mem,
    cores,
    // One thread does it all.
    gomaxprocs: 1,
    cpu,
    connections: connectionCount(router),
    total_connections: connectionTotal(router),
    routes: 0,
    remotes: 0,
    leafnodes: [...router.leafs].length,
    in_msgs: traffic.inMessages,
    out_msgs: traffic.outMessages,
    in_bytes: traffic.inBytes,
    out_bytes: traffic.outBytes,
    slow_consumers: traffic.slowConsumers,
    subscriptions: subscriptionCount(router),
    http_req_stats: Object.fromEntries(statistics.pageViews),
    config_load_time: timeText(statistics.configuredAt),
    tags: tags.length > 0 ? tags : undefined,
    trusted_operators_jwt: nonEmpty(options.operator?.jwts),
    trusted_operators_claim: nonEmpty(options.operator?.jwts)?.map(claimsOf),
    system_account: router.systemAccount?.name,
    slow_consumer_stats: {
      clients: Math.max(traffic.slowConsumers - slowLeafs, 0),
      routes: 0,
      gateways: 0,
      leafs: slowLeafs,
    },
  };
}

export function connectionCount(router: RouterView): number {
  return router.clients.size + router.local.all.size;
}

/** Clients that ever came. */
export function connectionTotal(router: RouterView): number {
  return router.totalConnections + router.local.total;
}

export function subscriptionCount(router: Pick<RouterView, 'accounts'>): number {
  let count = 0;
  for (const { index } of router.accounts.values()) count += index.size;
  return count;
}

/** The payload of a JWT; undefined for what is none. */
export function claimsOf(jwt: string): unknown {
  try {
    return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8'));
  } catch {
    // Only what was verified comes here, but nothing depends on it.
    return undefined;
  }
}

/** Seconds. With TLS there is time for the handshake too. */
function authTimeout({ authorization, tls }: RouterOptions): number {
  const own = authorization?.timeout;
  if (own !== undefined) return own / 1_000;
  const ms =
    tls === undefined ? defaults.authTimeout : (tls.timeout ?? defaults.tlsTimeout) + 1_000;
  return ms / 1_000;
}

/** The port that was opened, where any free one was asked for. */
function openPort(urls: readonly string[], configured: number | undefined): number | undefined {
  const [url] = urls;
  return (url === undefined ? configured : Number(/:(\d+)$/.exec(url)?.[1])) || undefined;
}

function leafFacts(router: RouterView): object {
  const { leafnodes } = router.options;
  if (leafnodes === undefined) return {};
  const { listen, tls, authorization, remotes = [] } = leafnodes;
  return {
    host: listen?.host || undefined,
    port: openPort(router.addresses().leafnodes, listen?.port),
    auth_timeout:
      listen === undefined
        ? undefined
        : (authorization?.timeout ?? defaults.authTimeout) / 1_000 || undefined,
    tls_timeout:
      listen === undefined ? undefined : (tls?.timeout ?? defaults.tlsTimeout) / 1_000 || undefined,
    tls_required: tls === undefined ? undefined : true,
    tls_verify: tls?.verify === true || tls?.verifyAndMap === true || undefined,
    remotes: remotes.length === 0 ? undefined : remotes.map(remoteFacts),
  };
}

function remoteFacts({ account, tls, urls, denyImports, denyExports }: LeafRemoteOptions): object {
  const imports = nonEmpty(denyImports);
  const exports = nonEmpty(denyExports);
  return {
    local_account: account || undefined,
    tls_timeout: tls?.timeout === undefined ? undefined : tls.timeout / 1_000,
    urls: urls.map(hostOf),
    deny: imports === undefined && exports === undefined ? undefined : { exports, imports },
  };
}

/** Without credentials. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}

function websocketFacts(router: RouterView): object {
  const { websocket } = router.options;
  if (websocket === undefined) return {};
  const { authorization, handshakeTimeout, tls, ...rest } = websocket;
  return {
    host: rest.host || undefined,
    port: openPort(router.addresses().websocket, rest.port),
    advertise: rest.advertise || undefined,
    no_auth_user: rest.noAuthUser || undefined,
    jwt_cookie: rest.jwtCookie || undefined,
    handshake_timeout: handshakeTimeout === undefined ? undefined : nanoseconds(handshakeTimeout),
    auth_timeout:
      authorization?.timeout === undefined ? undefined : authorization.timeout / 1_000 || undefined,
    no_tls: rest.noTls === true || undefined,
    tls_map: tls?.verifyAndMap === true || undefined,
    tls_pinned_certs: nonEmpty(tls?.pinnedCerts),
    same_origin: rest.sameOrigin === true || undefined,
    allowed_origins: nonEmpty(rest.allowedOrigins),
    compression: rest.compression === true || undefined,
  };
}

function nonEmpty<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list;
}
