/** This peer as a client of outside NATS servers, as link/ and peer/ see it. */
import type { Msg, NatsConnection } from 'nats';
import type { DeploymentError } from './errors.ts';

/** One entry of the configuration. */
export interface DeploymentConfig {
  /** `nats://host:4222` or `tls://…`; may hold `user:password@`. */
  readonly server: string;
  readonly prefix: string;
  /** A `.creds` file, absolute. */
  readonly creds?: string | undefined;
}

export type ConnectionState =
  /** The first attempt is under way. */
  | { readonly state: 'connecting'; readonly error: null }
  /** `error` is then a warning: connected, but a permission is missing. */
  | { readonly state: 'connected'; readonly error: DeploymentError | null }
  /** Tried again by itself. */
  | { readonly state: 'disconnected'; readonly error: DeploymentError }
  /** The server does not want this peer; tried again by itself, more slowly. */
  | { readonly state: 'refused'; readonly error: DeploymentError };

export interface DeploymentStatus {
  /** Without credentials. */
  readonly server: string;
  readonly prefix: string;
  readonly state: ConnectionState['state'];
  readonly error: { readonly code: string; readonly message: string; readonly hint: string } | null;
}

export type Operation = 'publish' | 'subscription';

export type ConnectionEvents = {
  /** A client is connected for the first time, or again after `lost`: no subscription of before exists. */
  fresh: [client: NatsConnection];
  /** The client is connected again; it has renewed its subscriptions. */
  back: [];
  /** The client is not connected for now; what is sent is lost. */
  away: [];
  /** The client is gone for good, with its subscriptions. */
  lost: [reason: DeploymentError];
  /** The server denied an operation on a subject. */
  denied: [operation: Operation, subject: string];
  state: [];
};

/** The connection to one server; it reconnects for ever until it is closed. */
export interface ServerConnection {
  /** Without credentials. */
  readonly server: string;
  readonly state: ConnectionState;
  /** The client while connected; undefined while away. */
  readonly client: NatsConnection | undefined;
  /** The largest payload that the server takes, bytes: at least 1,350 once there was a client, 0 before. */
  readonly maxPayload: number;
  /** The IP address that the server sees this peer at (INFO's `client_ip`); undefined: it does not say. */
  readonly seenAs: string | undefined;
  /** Resolves with the client as soon as there is one; rejects with the signal's reason or what refuses us. */
  ready(signal: AbortSignal): Promise<NatsConnection>;
  /** Opens a lane, subscribed at once. Throws DeploymentError `nats-closed` while there is no client. */
  openLane(options: LaneOptions): Lane;
  on<Name extends keyof ConnectionEvents & string>(
    name: Name,
    listener: (...args: ConnectionEvents[Name]) => void,
  ): () => void;
}

export interface LaneOptions {
  /** Subjects without wildcards. */
  readonly send: string;
  readonly receive: string;
  /** Payload without headers; the bytes are only good until it returns. Must not throw. */
  readonly onDatagram: (payload: Uint8Array) => void;
  /** Called after `send` returned false, when there is room again. Must not throw. */
  readonly onDrain: () => void;
}

/** Two subjects for datagrams of up to 200 KiB; they live as long as the client, through its reconnects. */
export interface Lane {
  /**
   * Copies and sends `payload`. Returns false when too much is under way to the server, or when it is away, so
   * that this or the next one is lost: wait for `onDrain`.
   */
  send(payload: Uint8Array): boolean;
  /** Idempotent. */
  close(): void;
}

/** The use of a connection; the server of a contact is left some time after the last use ended. */
export interface Lease {
  readonly connection: ServerConnection;
  /** Idempotent. */
  release(): void;
}

/** What this peer offers on every configured deployment: a NATS micro service (NATS ADR-32). */
export interface ServiceOffer {
  /** `[A-Za-z0-9_-]+` */
  readonly name: string;
  /** SemVer. */
  readonly version: string;
  readonly description: string;
  readonly metadata: () => Record<string, string>;
  /** The one endpoint's subject below `prefix`. */
  readonly subject: (prefix: string) => string;
  readonly handler: (request: Msg, deployment: Deployment) => void;
}

/** A configured server, with the prefix below which this peer may be dialled. */
export interface Deployment {
  readonly connection: ServerConnection;
  readonly prefix: string;
}

export interface Deployments {
  /** The configured ones, in the order of the configuration. */
  readonly configured: readonly Deployment[];
  /** For people: the configured ones. */
  status(): DeploymentStatus[];
  onChange(listener: () => void): () => void;
  /** Begins to connect; does not wait. */
  start(): void;
  /**
   * The connection to a server: a configured one, or one that a contact named, without credentials.
   * Throws DeploymentError `nats-address` or `nats-servers`.
   */
  lease(server: string): Lease;
  /** Serves on every configured deployment until the returned function is called. */
  serve(offer: ServiceOffer): () => void;
  /** Drains (at most 1 s) and closes all. Idempotent. */
  close(): Promise<void>;
}
