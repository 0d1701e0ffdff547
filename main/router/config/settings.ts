import type {
  AccountOptions,
  AuthorizationOptions,
  LeafnodeOptions,
  LimitOptions,
  LogOptions,
  MappingOptions,
  OperatorOptions,
  TlsOptions,
  WebsocketOptions,
} from '../options.ts';
import type { Draft } from './read.ts';

/**
 * One flat level of settings, before defaults: what a file says, and over it what flags say. Absent means that
 * nobody said anything. Durations are milliseconds, sizes bytes.
 */
export interface Settings {
  host?: string;
  /** -1: any free port; 0 counts as not said. */
  port?: number;
  clientAdvertise?: string;
  unixSocket?: string;
  serverName?: string;
  serverTags?: string[];
  httpHost?: string;
  httpPort?: number;
  httpsPort?: number;
  httpBasePath?: string;
  tls?: TlsOptions;
  allowNonTls?: boolean;
  websocket?: WebsocketOptions;
  leafnodes?: LeafnodeOptions;
  authorization?: AuthorizationOptions;
  accounts?: AccountOptions[];
  mappings?: MappingOptions[];
  systemAccount?: string;
  noSystemAccount?: boolean;
  noAuthUser?: string;
  noHeaderSupport?: boolean;
  operator: Draft<OperatorOptions>;
  /** How a URL resolver is dialled. */
  resolverTls?: Partial<TlsOptions>;
  limits: Draft<LimitOptions>;
  log: Draft<LogOptions>;
  lameDuckDuration?: number;
  lameDuckGracePeriod?: number;
  pidFile?: string;
  portsFileDir?: string;
}
