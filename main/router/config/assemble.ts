import { defaults, NO_PAYLOAD_LIMIT } from '../defaults.ts';
import type { LimitOptions, OperatorOptions, RouterOptions } from '../options.ts';
import type { Draft } from './read.ts';
import type { Settings } from './settings.ts';

const ZERO_IS_DEFAULT: ReadonlySet<string> = new Set<keyof LimitOptions>([
  'maxConnections',
  'maxControlLine',
  'maxPayload',
  'maxPending',
  'pingInterval',
  'pingMax',
  'writeDeadline',
]);

/** What is called the same in settings and options. */
const SAME_NAMES = [
  'unixSocket',
  'serverName',
  'serverTags',
  'websocket',
  'leafnodes',
  'authorization',
  'accounts',
  'mappings',
  'systemAccount',
  'noSystemAccount',
  'noAuthUser',
  'noHeaderSupport',
  'pidFile',
  'portsFileDir',
] as const satisfies readonly (keyof Settings & keyof RouterOptions)[];

/** Settings without a word in them. */
export function noSettings(): Settings {
  return { operator: {}, limits: {}, log: {} };
}

/** `over` goes before `under`; lists and sections are taken whole, groups of single values one by one. */
export function mergeSettings(under: Settings, over: Settings): Settings {
  return {
    ...under,
    ...over,
    operator: { ...under.operator, ...over.operator },
    limits: { ...under.limits, ...over.limits },
    log: { ...under.log, ...over.log },
    ...(over.authorization === undefined
      ? {}
      : { authorization: { ...under.authorization, ...over.authorization } }),
  };
}

/** What the router is told in the end. As in nats-server, clients can always connect over TCP. */
export function assemble(settings: Settings): RouterOptions {
  const host = settings.host === undefined || settings.host === '' ? defaults.host : settings.host;
  const options: Draft<RouterOptions> = {
    listen: {
      host,
      port: settings.port === undefined || settings.port === 0 ? defaults.port : settings.port,
      ...(settings.clientAdvertise === undefined ? {} : { advertise: settings.clientAdvertise }),
    },
  };
  const { tls, allowNonTls } = settings;
  if (tls !== undefined) {
    options.tls = allowNonTls === undefined ? tls : { ...tls, allowNonTls };
  }
  const monitor = monitorOf(settings, host);
  if (monitor !== undefined) options.monitor = monitor;
  const lameDuck: { duration?: number; gracePeriod?: number } = {};
  if (settings.lameDuckDuration !== undefined) lameDuck.duration = settings.lameDuckDuration;
  if (settings.lameDuckGracePeriod !== undefined) {
    lameDuck.gracePeriod = settings.lameDuckGracePeriod;
  }
  return {
    ...options,
    ...present(settings, SAME_NAMES),
    ...group('operator', operatorOf(settings)),
    ...group('limits', limitsSaid(settings.limits)),
    ...group('log', settings.log),
    ...group('lameDuck', lameDuck),
  };
}

function monitorOf(settings: Settings, host: string): RouterOptions['monitor'] {
  const { httpHost, httpPort = 0, httpsPort = 0, httpBasePath } = settings;
  const port = httpsPort === 0 ? httpPort : httpsPort;
  if (port === 0) return undefined;
  return {
    host: httpHost === undefined || httpHost === '' ? host : httpHost,
    port,
    ...(httpBasePath === undefined ? {} : { basePath: httpBasePath }),
    ...(httpsPort === 0 ? {} : { https: true }),
  };
}

function operatorOf({ operator, resolverTls }: Settings): OperatorOptions {
  const { resolver } = operator;
  if (resolver?.kind !== 'url' || resolverTls === undefined) return operator;
  return { ...operator, resolver: { ...resolver, tls: resolverTls } };
}

/** Where 0 means the default, it counts as not said; where less means no limit, that is written out. */
function limitsSaid(limits: Draft<LimitOptions>): LimitOptions {
  const said: Draft<LimitOptions> = Object.fromEntries(
    Object.entries(limits).filter(([key, value]) => value !== 0 || !ZERO_IS_DEFAULT.has(key)),
  );
  if ((said.maxConnections ?? 0) < 0) said.maxConnections = Number.MAX_SAFE_INTEGER;
  if ((said.maxPayload ?? 0) < 0) said.maxPayload = NO_PAYLOAD_LIMIT;
  if ((said.maxSubscriptions ?? 0) < 0) said.maxSubscriptions = 0;
  return said;
}

/** Those of the named properties that have a value. */
function present<T extends object, Key extends keyof T>(
  from: T,
  keys: readonly Key[],
): Pick<T, Key> {
  const entries = keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]]);
  return Object.fromEntries(entries) as Pick<T, Key>;
}

/** A group under its name, when there is something in it. */
function group<Key extends string, T extends object>(
  key: Key,
  members: T,
): Partial<Record<Key, T>> {
  const groups: Partial<Record<Key, T>> = {};
  if (Object.keys(members).length > 0) groups[key] = members;
  return groups;
}
