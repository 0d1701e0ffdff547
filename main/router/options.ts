/**
 * What a router can be told, as plain data: made by the configuration file and flags (config/, operate/), by
 * the peer, or by a test. Durations are milliseconds, sizes bytes. Absent means nats-server's default
 * (defaults.ts). Subjects, names and passwords are ordinary strings (UTF-16); the router turns subjects into
 * wire strings itself (subject/wire.ts).
 */

export interface RouterOptions {
  readonly serverName?: string;
  readonly serverTags?: readonly string[];
  /** TCP (or TLS, when `tls` is there) listener; none when absent. */
  readonly listen?: ListenOptions;
  readonly tls?: TlsOptions;
  /** A Unix socket or Windows named pipe that speaks the client protocol. An extension to nats-server. */
  readonly unixSocket?: string;
  readonly websocket?: WebsocketOptions;
  readonly leafnodes?: LeafnodeOptions;
  readonly monitor?: MonitorOptions;
  readonly limits?: LimitOptions;
  readonly authorization?: AuthorizationOptions;
  readonly accounts?: readonly AccountOptions[];
  /** The account of system events; `$SYS` when absent. */
  readonly systemAccount?: string;
  /** The user that a client without credentials becomes. */
  readonly noAuthUser?: string;
  readonly operator?: OperatorOptions;
  /** Subject mappings of the global account `$G`. */
  readonly mappings?: readonly MappingOptions[];
  readonly lameDuck?: { readonly duration?: number; readonly gracePeriod?: number };
  readonly log?: LogOptions;
  readonly pidFile?: string;
  readonly portsFileDir?: string;
  /** The client may ask for headers (default true). */
  readonly noHeaderSupport?: boolean;
  /** `no_sys_acc`: no system account at all. */
  readonly noSystemAccount?: boolean;
  /** Connection's `connect_error_reports` and the like that change nothing but logs are accepted and ignored by config/. */
}

export interface ListenOptions {
  readonly host: string;
  /** -1 or 0: any free port. */
  readonly port: number;
  /** `client_advertise`: what INFO's connect_urls says instead. `host:port`. */
  readonly advertise?: string;
}

export interface TlsOptions {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile?: string;
  /** Ask for a client certificate and check it. */
  readonly verify?: boolean;
  /** The client's certificate names its user. Implies verify. */
  readonly verifyAndMap?: boolean;
  readonly verifyCertAndCheckKnownUrls?: boolean;
  readonly timeout?: number;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  readonly ciphers?: readonly string[];
  readonly curves?: readonly string[];
  /** The client speaks TLS at once, before INFO (`handshake_first`). */
  readonly handshakeFirst?: boolean;
  /** With handshakeFirst: INFO is sent after all when the client has not begun within so long, ms. */
  readonly handshakeFirstFallback?: number;
  /** Further certificates beside `certFile`, chosen by the name that the client asks for. */
  readonly certificates?: readonly { readonly certFile: string; readonly keyFile: string }[];
  /** New connections a second that may begin a handshake; 0 or absent: no limit. */
  readonly connectionRateLimit?: number;
  /** `allow_non_tls`: plain connections stay possible; INFO says tls_available. */
  readonly allowNonTls?: boolean;
  /** Only when this side dials. */
  readonly insecure?: boolean;
  /** SHA-256 of accepted certificates (hex), when pinned. */
  readonly pinnedCerts?: readonly string[];
}

export interface WebsocketOptions {
  readonly host: string;
  readonly port: number;
  readonly advertise?: string;
  readonly tls?: TlsOptions;
  readonly noTls?: boolean;
  readonly compression?: boolean;
  readonly sameOrigin?: boolean;
  readonly allowedOrigins?: readonly string[];
  readonly jwtCookie?: string;
  readonly userCookie?: string;
  readonly passCookie?: string;
  readonly tokenCookie?: string;
  readonly handshakeTimeout?: number;
  readonly authorization?: {
    readonly user?: string;
    readonly password?: string;
    readonly token?: string;
    readonly timeout?: number;
  };
  readonly noAuthUser?: string;
}

export interface MonitorOptions {
  readonly host: string;
  readonly port: number;
  readonly basePath?: string;
  /** Served with the `tls` of the client listener (`https_port`). */
  readonly https?: boolean;
}

export interface LimitOptions {
  readonly maxConnections?: number;
  readonly maxControlLine?: number;
  readonly maxPayload?: number;
  readonly maxPending?: number;
  /** 0: no limit. */
  readonly maxSubscriptions?: number;
  readonly maxSubscriptionTokens?: number;
  readonly maxTracedMessageLength?: number;
  readonly writeDeadline?: number;
  readonly pingInterval?: number;
  readonly pingMax?: number;
  /** How many closed connections monitoring remembers. */
  readonly maxClosedClients?: number;
  /** Producers are not slowed down for a consumer that falls behind. */
  readonly noFastProducerStall?: boolean;
}

export interface LogOptions {
  readonly debug?: boolean;
  readonly trace?: boolean;
  readonly traceVerbose?: boolean;
  /** Timestamps on each line (default true). */
  readonly time?: boolean;
  readonly utc?: boolean;
  readonly file?: string;
  readonly sizeLimit?: number;
  readonly maxFiles?: number;
}

/** `authorization { … }` at the top level: single user, token, or users of `$G`. */
export interface AuthorizationOptions {
  readonly user?: string;
  /** Plain, or bcrypt (`$2a$…`). */
  readonly password?: string;
  readonly token?: string;
  readonly users?: readonly UserOptions[];
  readonly timeout?: number;
  readonly defaultPermissions?: PermissionOptions;
}

export interface UserOptions {
  readonly user?: string;
  /** Plain, or bcrypt (`$2a$…`). */
  readonly password?: string;
  /** `U…`: the NKey challenge instead of a password. */
  readonly nkey?: string;
  readonly permissions?: PermissionOptions;
  readonly allowedConnectionTypes?: readonly ConnectionType[];
}

export type ConnectionType =
  'STANDARD' | 'WEBSOCKET' | 'LEAFNODE' | 'LEAFNODE_WS' | 'MQTT' | 'MQTT_WS' | 'IN_PROCESS';

/** `subject` or, for subscriptions, `subject queue`. An absent allow list allows all that is not denied. */
export interface SubjectPermissionOptions {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
}

export interface PermissionOptions {
  readonly publish?: SubjectPermissionOptions;
  readonly subscribe?: SubjectPermissionOptions;
  /** Replies that a subscriber may send to what it received. max -1: no limit; expires 0: no limit. */
  readonly responses?: { readonly max: number; readonly expires: number };
}

export interface AccountOptions {
  /** Name, or the account's NKey in operator mode. */
  readonly name: string;
  /** Shown beside the key in monitoring (`name_tag`). */
  readonly nameTag?: string;
  readonly nkey?: string;
  readonly users?: readonly UserOptions[];
  readonly exports?: readonly ExportOptions[];
  readonly imports?: readonly ImportOptions[];
  readonly mappings?: readonly MappingOptions[];
  readonly limits?: AccountLimitOptions;
  readonly defaultPermissions?: PermissionOptions;
}

/** -1 or absent: no limit. */
export interface AccountLimitOptions {
  readonly maxConnections?: number;
  readonly maxSubscriptions?: number;
  readonly maxPayload?: number;
  readonly maxLeafnodes?: number;
  readonly maxImports?: number;
  readonly maxExports?: number;
}

export type ExportOptions = StreamExportOptions | ServiceExportOptions;

interface ExportBase {
  readonly subject: string;
  /** The accounts that may import; absent: every account, empty: those with an activation token. */
  readonly accounts?: readonly string[];
  /** A token is needed (operator mode, `token_req`). */
  readonly tokenRequired?: boolean;
  /** 1-based position of the `*` that is the importing account's name; absent: none. */
  readonly accountTokenPosition?: number;
}

export interface StreamExportOptions extends ExportBase {
  readonly kind: 'stream';
}

export interface ServiceExportOptions extends ExportBase {
  readonly kind: 'service';
  readonly responseType?: 'singleton' | 'stream' | 'chunked';
  readonly responseThreshold?: number;
  /** Where latency samples go, and how many: percent 1…100, or `headers`: when the request asks for it. */
  readonly latency?: { readonly subject: string; readonly sampling: number | 'headers' };
}

export type ImportOptions = StreamImportOptions | ServiceImportOptions;

interface ImportBase {
  /** The exporting account's name. */
  readonly account: string;
  /** The exported subject, or a subset of it. */
  readonly subject: string;
  /** The local subject; absent: the same. With wildcards `$1` stands for the first one of `subject`. */
  readonly to?: string;
  /** An activation JWT (operator mode). */
  readonly token?: string;
}

export interface StreamImportOptions extends ImportBase {
  readonly kind: 'stream';
  /** The local subject is `prefix.subject`. */
  readonly prefix?: string;
}

export interface ServiceImportOptions extends ImportBase {
  readonly kind: 'service';
  /** The exporter sees who asks (Nats-Request-Info). */
  readonly share?: boolean;
}

export interface MappingOptions {
  readonly source: string;
  /** Weights in percent, in total at most 100; what is left over is not mapped. */
  readonly destinations: readonly {
    readonly subject: string;
    readonly weight: number;
    readonly cluster?: string;
  }[];
}

export interface OperatorOptions {
  /** Operator JWTs (the text itself; config/ reads files). */
  readonly jwts?: readonly string[];
  /** Operator keys trusted without a JWT. */
  readonly trustedKeys?: readonly string[];
  readonly resolver?: ResolverOptions;
  /** Account JWTs by account key. */
  readonly preload?: Readonly<Record<string, string>>;
  /** The only accounts whose users may connect; absent: all. */
  readonly pinnedAccounts?: readonly string[];
}

export type ResolverOptions =
  | { readonly kind: 'memory' }
  | {
      /** `full`: never forgets; `cache`: at most `limit` accounts, for `ttl`. */
      readonly kind: 'full' | 'cache';
      readonly dir: string;
      readonly allowDelete?: boolean;
      /** Deleted JWTs are removed instead of renamed. */
      readonly hardDelete?: boolean;
      readonly interval?: number;
      readonly limit?: number;
      readonly ttl?: number;
      readonly timeout?: number;
    }
  | {
      readonly kind: 'url';
      readonly url: string;
      readonly timeout?: number;
      readonly tls?: Partial<TlsOptions>;
    };

export interface LeafnodeOptions {
  readonly listen?: ListenOptions;
  readonly tls?: TlsOptions;
  readonly authorization?: {
    readonly user?: string;
    readonly password?: string;
    readonly nkey?: string;
    /** The account that leaf nodes of this single login belong to. */
    readonly account?: string;
    readonly timeout?: number;
    readonly users?: readonly {
      readonly user?: string;
      readonly password?: string;
      readonly nkey?: string;
      readonly account?: string;
    }[];
  };
  readonly minVersion?: string;
  readonly reconnectInterval?: number;
  readonly noAdvertise?: boolean;
  readonly remotes?: readonly LeafRemoteOptions[];
}

export interface LeafRemoteOptions {
  /** `nats-leaf://`, `nats://`, `tls://`, `ws://`, `wss://`, each with credentials in the URL if wanted. */
  readonly urls: readonly string[];
  /** Local account; `$G` when absent. */
  readonly account?: string;
  /** Path of a `.creds` file. */
  readonly credentials?: string;
  /** Seed text (`SU…`); never logged. */
  readonly nkey?: string;
  readonly tls?: Partial<TlsOptions>;
  readonly denyImports?: readonly string[];
  readonly denyExports?: readonly string[];
  readonly hub?: boolean;
  readonly noRandomize?: boolean;
  readonly reconnectInterval?: number;
  readonly websocket?: { readonly compression?: boolean; readonly noMasking?: boolean };
  /** How long to wait for the other side's INFO, ms. */
  readonly firstInfoTimeout?: number;
}
