/** The top level of the file. */
import type { Report } from '../problems.ts';
import {
  problem,
  readBoolean,
  readDuration,
  readDurationOrSeconds,
  readFields,
  readInteger,
  readMap,
  readString,
  readStrings,
  type Fields,
} from '../read.ts';
import type { Settings } from '../settings.ts';
import type { ConfigMap, ConfigNode } from '../tree.ts';
import { durationText } from '../duration.ts';
import { checkLinks, checkUsers } from '../account-links.ts';
import { readAccounts, type AccountSection } from './accounts.ts';
import { readAuthorization, type AuthorizationSection } from './authorization.ts';
import { checkJetStream } from './jetstream.ts';
import { readLeafnodes } from './leafnodes.ts';
import { checkedPort, readListen } from './listen.ts';
import { readMappings } from './mappings.ts';
import { readOperators, readPreload, readTrustedKeys } from './operator.ts';
import { readResolver } from './resolver.ts';
import { readClientTls, readTls } from './tls.ts';
import { checkUnsupported, NO_SYSLOG } from './unsupported.ts';
import { readWebsocket } from './websocket.ts';

const MAX_INT32 = 2 ** 31 - 1;
const SHORTEST_LAME_DUCK_MS = 30_000;

/** Fills `settings` with what the file says; what is wrong goes to the report. */
export function readServer(entries: ConfigMap, settings: Settings, report: Report): void {
  const accounts: { authorization?: AuthorizationSection; sections: AccountSection[] } = {
    sections: [],
  };
  readFields(
    entries,
    {
      ...listenFields(settings),
      ...monitorFields(settings),
      ...logFields(settings),
      ...limitFields(settings, report),
      ...operatorFields(settings, report),
      ...ignoredFields(report),
      tls: (node) => {
        const tls = readTls(node, report);
        if (tls !== undefined) settings.tls = tls;
      },
      allow_non_tls: (node) => (settings.allowNonTls = readBoolean(node)),
      authorization: (node) => {
        accounts.authorization = readAuthorization(node, report);
        settings.authorization = accounts.authorization.options;
      },
      accounts: (node) => {
        accounts.sections = readAccounts(node, report);
        settings.accounts = accounts.sections.map(({ options }) => options);
      },
      'mappings|maps': (node) => (settings.mappings = readMappings(node, report)),
      'websocket|ws': (node) => {
        const websocket = readWebsocket(node, report);
        if (websocket !== undefined) settings.websocket = websocket;
      },
      'leaf|leafnodes': (node) => (settings.leafnodes = readLeafnodes(node, report)),
      no_auth_user: (node) => (settings.noAuthUser = readString(node)),
      // Read before all others: operators fall back to theirs.
      'system_account|system': () => undefined,
      'no_system_account|no_system|no_sys_acc': (node) =>
        (settings.noSystemAccount = readBoolean(node)),
      no_header_support: (node) => (settings.noHeaderSupport = readBoolean(node)),
    },
    report,
  );
  checkUsers(accounts.authorization, accounts.sections, report);
  // What is missing may be what is wrong already.
  if (report.problems.length === 0) {
    checkLinks(accounts.sections, settings.noSystemAccount !== true, report);
  }
}

function listenFields(settings: Settings): Fields {
  return {
    listen: (node) => {
      const { host, port } = readListen(node);
      settings.host = host;
      settings.port = port;
    },
    port: (node) => (settings.port = checkedPort(node, readInteger(node))),
    'host|net': (node) => (settings.host = readString(node)),
    // An extension: nats-server has no such listener.
    unix_socket: (node) => (settings.unixSocket = readString(node)),
    client_advertise: (node) => (settings.clientAdvertise = readString(node)),
    server_name: (node) => (settings.serverName = readString(node)),
    server_tags: (node) => (settings.serverTags = readStrings(node)),
    pid_file: (node) => (settings.pidFile = readString(node)),
    pidfile: (node) => (settings.pidFile = readString(node)),
    ports_file_dir: (node) => (settings.portsFileDir = readString(node)),
  };
}

function monitorFields(settings: Settings): Fields {
  return {
    http: (node) => {
      const { host, port } = readListen(node);
      settings.httpHost = host;
      settings.httpPort = port;
    },
    https: (node) => {
      const { host, port } = readListen(node);
      settings.httpHost = host;
      settings.httpsPort = port;
    },
    'http_port|monitor_port': (node) => (settings.httpPort = checkedPort(node, readInteger(node))),
    https_port: (node) => (settings.httpsPort = checkedPort(node, readInteger(node))),
    http_base_path: (node) => (settings.httpBasePath = readString(node)),
  };
}

function logFields({ log }: Settings): Fields {
  return {
    debug: (node) => (log.debug = readBoolean(node)),
    trace: (node) => (log.trace = readBoolean(node)),
    trace_verbose: (node) => (log.traceVerbose = log.trace = readBoolean(node)),
    logtime: (node) => (log.time = readBoolean(node)),
    logtime_utc: (node) => (log.utc = readBoolean(node)),
    'logfile|log_file': (node) => (log.file = readString(node)),
    'logfile_size_limit|log_size_limit': (node) => (log.sizeLimit = readInteger(node)),
    'logfile_max_num|log_max_num': (node) => (log.maxFiles = readInteger(node)),
  };
}

function limitFields(settings: Settings, report: Report): Fields {
  const { limits } = settings;
  return {
    max_control_line: (node) => (limits.maxControlLine = readInteger(node, { max: MAX_INT32 })),
    max_payload: (node) => (limits.maxPayload = readInteger(node, { max: MAX_INT32 })),
    max_pending: (node) => (limits.maxPending = readInteger(node)),
    'max_connections|max_conn': (node) => (limits.maxConnections = readInteger(node)),
    max_traced_msg_len: (node) => (limits.maxTracedMessageLength = readInteger(node)),
    'max_subscriptions|max_subs': (node) => (limits.maxSubscriptions = readInteger(node)),
    'max_sub_tokens|max_subscription_tokens': (node) =>
      (limits.maxSubscriptionTokens = readInteger(node, { min: 1, max: 255 })),
    max_closed_clients: (node) => (limits.maxClosedClients = readInteger(node)),
    no_fast_producer_stall: (node) => (limits.noFastProducerStall = readBoolean(node)),
    ping_interval: (node) => (limits.pingInterval = readDurationOrSeconds(node, report)),
    ping_max: (node) => (limits.pingMax = readInteger(node)),
    write_deadline: (node) => (limits.writeDeadline = readDurationOrSeconds(node, report)),
    lame_duck_duration: (node) => {
      const duration = readDuration(node);
      if (duration < SHORTEST_LAME_DUCK_MS) {
        throw problem(
          node.at,
          `invalid lame_duck_duration of ${durationText(duration)}, minimum is 30 seconds`,
        );
      }
      settings.lameDuckDuration = duration;
    },
    lame_duck_grace_period: (node) => {
      const grace = readDuration(node);
      if (grace < 0) {
        throw problem(node.at, 'invalid lame_duck_grace_period, needs to be positive');
      }
      settings.lameDuckGracePeriod = grace;
    },
  };
}

function operatorFields(settings: Settings, report: Report): Fields {
  const { operator } = settings;
  return {
    'operator|operators|roots|root|root_operators|root_operator': (node) =>
      readOperators(node, settings, report),
    'resolver|account_resolver|accounts_resolver': (node) =>
      (operator.resolver = readResolver(node, report)),
    resolver_tls: (node) => (settings.resolverTls = readClientTls(node, report)),
    resolver_preload: (node) => readPreload(node, settings, report),
    resolver_pinned_accounts: (node) => (operator.pinnedAccounts = readStrings(node)),
    'trusted|trusted_keys': (node) => readTrustedKeys(node, settings),
  };
}

/** The system account, which other settings depend on. */
export function readSystemAccount(entries: ConfigMap, settings: Settings, report: Report): void {
  const node = entries.get('system_account') ?? entries.get('system');
  if (node === undefined) return;
  report.attempt(() => (settings.systemAccount = readString(node)));
}

/** Settings of nats-server that change nothing here, and those of features that are not here. */
function ignoredFields(report: Report): Fields {
  const nothing = (): void => undefined;
  const noSyslog = (node: ConfigNode): void => {
    const { value } = node;
    if (value.kind === 'boolean' && !value.value) return;
    report.note(NO_SYSLOG);
  };
  const noOcsp = (node: ConfigNode): void => {
    if (node.value.kind === 'boolean' && !node.value.value) return;
    report.note('OCSP stapling is not supported by this router: it is ignored.');
  };
  return {
    jetstream: (node) => checkJetStream(node, report),
    cluster: (node) => checkUnsupported('cluster', node, report),
    gateway: (node) => checkUnsupported('gateway', node, report),
    mqtt: (node) => checkUnsupported('mqtt', node, report),
    'store_dir|storedir': (node) => void readString(node),
    syslog: noSyslog,
    remote_syslog: noSyslog,
    ocsp: noOcsp,
    ocsp_cache: nothing,
    prof_port: (node) => void readInteger(node),
    prof_block_rate: (node) => void readInteger(node),
    connect_error_reports: (node) => void readInteger(node),
    reconnect_error_reports: (node) => void readInteger(node),
    'disable_sublist_cache|no_sublist_cache': (node) => void readBoolean(node),
    default_js_domain: (node) => void readMap(node),
  };
}
