/** A NATS server: its accounts, its connections, and the ways to reach it. All of them are optional. */
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Emitter } from '../base/emitter.ts';
import { applyLimits } from './account/account-limits.ts';
import type { Account } from './account/account.ts';
import { OperatorLink } from './account/operator-link.ts';
import { AccountRegistry } from './account/registry.ts';
import {
  type AuthenticatorView,
  createAuthenticator,
  type RouterAuthenticator,
} from './auth/authenticator.ts';
import type { Admission, ConnectionFacts } from './auth/types.ts';
import { validateOptions } from './config/validate.ts';
import { ClientConnection } from './connection/client-connection.ts';
import type { CloseReason } from './connection/close-reason.ts';
import type { Hub, Traffic } from './connection/hub.ts';
import { Message } from './connection/message.ts';
import { SlabPool } from './connection/slab.ts';
import { TurnWork } from './connection/turn.ts';
import { closeStaggered, closeWhenQuiet } from './drain.ts';
import { RouterError } from './errors.ts';
import { COMPATIBLE_VERSION, defaults, type Limits, limitsOf } from './defaults.ts';
import type { LeafConnection } from './leaf/leaf-connection.ts';
import type { LeafLinkOptions } from './leaf/leaf-link.ts';
import { LeafNodes } from './leaf/leaf-nodes.ts';
import { ClientListeners } from './listen/client-listeners.ts';
import type { InProcessClient, InProcessOptions } from './listen/in-process/client.ts';
import { LocalClients } from './listen/in-process/local-clients.ts';
import { DuplexTransport } from './listen/duplex-transport.ts';
import type { Transport } from './listen/transport.ts';
import type { WebsocketFacts } from './listen/websocket-listener.ts';
import { type RouterLog, silentLog } from './log.ts';
import { planReload } from './operate/reload-plan.ts';
import type { AccountOptions, ConnectionType, RouterOptions } from './options.ts';
import { createNonce, infoLine, type ServerInfo } from './protocol/info.ts';
import { texts } from './protocol/texts.ts';
import { Administration } from './system/administration.ts';
import { createServerKeys } from './system/server-keys.ts';

/** At most this long is waited for connections to fall quiet when the router stops. */
const DRAIN_MS = 5_000;
/** At most this long for the last bytes to go out. */
const CLOSE_MS = 2_000;
const CLOSE_LOOK_MS = 10;
const LAME_DUCK_LOOK_MS = 50;
/** Characters of the id that mark this router in subjects. */
const SERVER_MARK_LENGTH = 8;
/** How often connections that take nothing are looked for. */
const DEADLINE_CHECK_MS = 500;

export type RouterEvents = {
  /** CONNECT was accepted. */
  connected: [ClientConnection];
  /** Credentials were refused; `closed` follows. */
  refused: [ClientConnection];
  closed: [ClientConnection, CloseReason];
  /** A leaf node, accepted or dialled, belongs to its account now. */
  leafJoined: [LeafConnection];
  leafRefused: [LeafConnection];
  leafClosed: [LeafConnection, CloseReason];
  /** Other options hold now. */
  reloaded: [RouterOptions];
  lameDuck: [];
  /** All clients have been told to go; what serves them ends. */
  stopping: [];
};

/** URLs, as in the ports file; and paths of Unix sockets. */
export interface RouterAddresses {
  readonly nats: readonly string[];
  readonly websocket: readonly string[];
  readonly unix: readonly string[];
  readonly monitoring: readonly string[];
  readonly leafnodes: readonly string[];
}

export class Router implements Hub {
  /** The server's NKey, anew for each run. */
  readonly id: string;
  readonly #xkey: string;
  readonly log: RouterLog;
  readonly events = new Emitter<RouterEvents>();
  readonly pool = new SlabPool();
  readonly message = new Message();
  readonly turn = new TurnWork();
  readonly traffic: Traffic = {
    inMessages: 0,
    inBytes: 0,
    outMessages: 0,
    outBytes: 0,
    slowConsumers: 0,
  };
  readonly clients = new Map<number, ClientConnection>();
  readonly accounts: ReadonlyMap<string, Account>;
  readonly #registry: AccountRegistry;
  #operatorLink: OperatorLink | undefined;
  /** Clients in this process. */
  readonly local = new LocalClients(this);
  readonly globalAccount: Account;
  readonly headersSupported: boolean;
  limits: Limits;
  #authenticator: RouterAuthenticator;
  #options: RouterOptions;
  #lastId = 0;
  readonly #listeners: ClientListeners;
  readonly #leafNodes: LeafNodes;
  #deadlines: NodeJS.Timeout | undefined;
  #lameDuck = false;
  #stopping = false;
  /** Clients whose byte stream has not ended yet. */
  readonly #open = new Set<ClientConnection>();
  readonly #administration: Administration;
  /** What a contact is here, by the key that its link has proven; set by the peer. Absent: nothing. */
  admitPeer: ((key: string) => Admission | undefined) | undefined;
  /** Clients that ever came. */
  totalConnections = 0;
  /** What a request of the system account to reload does; set by whoever has a configuration file. */
  rereadConfiguration: (() => Promise<void>) | undefined;

  /** @throws RouterError 'router-config' */
  constructor(options: RouterOptions, log: RouterLog = silentLog) {
    validateOptions(options);
    ({ id: this.id, xkey: this.#xkey } = createServerKeys());
    this.#options = options;
    this.log = log;
    this.limits = limitsOf(options.limits);
    this.headersSupported = options.noHeaderSupport !== true;
    this.#authenticator = this.#createAuthenticator(options);
    this.#listeners = new ClientListeners(options, this);
    this.#registry = new AccountRegistry(this.#accountOptions(options), {
      log,
      serverMark: this.id.slice(-SERVER_MARK_LENGTH),
      serverName: () => this.name,
    });
    this.accounts = this.#registry.accounts;
    this.globalAccount = this.#registry.global;
    this.#registry.events.on('changed', applyLimits);
    this.#leafNodes = new LeafNodes(this, options.leafnodes, {
      joined: (leaf) => this.events.emit('leafJoined', leaf),
      refused: (leaf) => this.events.emit('leafRefused', leaf),
      closed: (leaf, reason) => this.events.emit('leafClosed', leaf, reason),
    });
    this.#registry.events.on('changed', (account) =>
      this.#leafNodes.accountChanged(account, this.#operatorLink !== undefined),
    );
    this.#registry.events.on('removed', (account) => this.#leafNodes.accountEnded(account));
    this.#linkOperator();
    this.#administration = new Administration(this);
    this.#registry.events.on('added', () => this.#administration.accountsChanged());
    this.#registry.events.on('removed', (account) => this.local.leave(account));
  }

  get options(): RouterOptions {
    return this.#options;
  }

  get name(): string {
    return this.#options.serverName ?? this.id;
  }

  /** @throws RouterError 'router-listen', 'router-config' */
  async start(): Promise<void> {
    await this.#authenticator.start();
    this.#operatorLink?.start();
    await this.#leafNodes.start();
    try {
      await this.#listeners.open();
    } catch (error) {
      await this.#leafNodes.stop();
      throw error;
    }
    await this.#administration.start();
    this.#deadlines = setInterval(() => this.#checkDeadlines(), DEADLINE_CHECK_MS);
    this.#deadlines.unref();
  }

  addresses(): RouterAddresses {
    return {
      ...this.#listeners.addresses(),
      monitoring: this.#administration.urls,
      leafnodes: this.#leafNodes.addresses(),
    };
  }

  /** Takes any byte stream as a client's connection. */
  connect(stream: Duplex, facts: ConnectionFacts): void {
    this.accept(new DuplexTransport(stream), facts);
  }

  /**
   * A leaf node, or a hub, at the other end of a link's stream: the peer's key that the link has proven is its
   * identity, and the caller decides about its account and permissions. `ended` resolves when it is over.
   */
  connectLeaf(
    stream: Duplex,
    options: LeafLinkOptions,
  ): { leaf: LeafConnection; ended: Promise<void> } {
    return this.#leafNodes.link(stream, options);
  }

  /**
   * A client in this process.
   *
   * @throws RouterError 'router-account'
   */
  client(options: InProcessOptions = {}): InProcessClient {
    return this.local.open(options);
  }

  /**
   * Adds an account to those of the configuration, or changes it.
   *
   * @throws RouterError 'router-config'
   */
  putAccount(options: AccountOptions): void {
    this.#registry.apply(options);
  }

  /** Takes back an account that was put, and closes its connections. */
  removeAccount(name: string): void {
    const account = this.accounts.get(name);
    for (const client of [...this.clients.values()]) {
      if (client.account === account) client.close('Credentials Revoked');
    }
    this.#registry.remove(name);
  }

  /**
   * Takes up other options; connections that are still allowed stay, and lose nothing.
   *
   * @throws RouterError 'router-config' for options that are wrong, or that need a restart; nothing has
   *         changed then
   */
  async reload(options: RouterOptions): Promise<{ applied: string[] }> {
    validateOptions(options);
    const { changes, needsRestart } = planReload(this.#options, options);
    if (needsRestart.length > 0) {
      throw new RouterError(
        'router-config',
        `Config reload not supported for ${needsRestart.join(', ')}`,
        { hint: 'Restart the router to take up this change.' },
      );
    }
    const authenticator = this.#createAuthenticator(options);
    this.#registry.check(this.#accountOptions(options, authenticator));
    this.#listeners.reload(options);
    await authenticator.start();
    this.#registry.configure(this.#accountOptions(options, authenticator));
    const before = this.#authenticator;
    this.#options = options;
    this.#authenticator = authenticator;
    this.#linkOperator();
    await before.close();
    this.limits = limitsOf(options.limits);
    this.events.emit('reloaded', options);
    const clients = [...this.clients.values()];
    for (const client of clients) client.applyLimits();
    await Promise.all(clients.map((client) => client.recheck()));
    await this.#leafNodes.reload(options.leafnodes);
    return { applied: changes };
  }

  /** Accepts nobody any more, tells clients to go, and closes them bit by bit; resolves when all are gone. */
  async lameDuck(): Promise<void> {
    const { duration, gracePeriod } = {
      duration: this.#options.lameDuck?.duration ?? defaults.lameDuckDuration,
      gracePeriod: this.#options.lameDuck?.gracePeriod ?? defaults.lameDuckGrace,
    };
    this.events.emit('lameDuck');
    this.#announceEnd();
    const deadline = performance.now() + gracePeriod;
    while (this.clients.size > 0 && performance.now() < deadline) await sleep(LAME_DUCK_LOOK_MS);
    await closeStaggered(() => this.clients.values(), Math.max(duration - gracePeriod, 0));
  }

  /** Accepts nobody any more, lets what is under way come to its end, and closes everything. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#administration.ending();
    this.#announceEnd();
    await closeWhenQuiet(() => this.clients.values(), DRAIN_MS);
    this.events.emit('stopping');
    clearInterval(this.#deadlines);
    await this.#leafNodes.stop();
    this.local.close();
    const deadline = performance.now() + CLOSE_MS;
    while (this.#open.size > 0 && performance.now() < deadline) await sleep(CLOSE_LOOK_MS);
    for (const client of this.#open) client.transport.destroy();
    await this.#administration.close();
    await this.#authenticator.close();
    this.#operatorLink?.close();
    this.#registry.close();
  }

  /** The system account may be named by the operator. */
  #accountOptions(options: RouterOptions, { operator } = this.#authenticator): RouterOptions {
    const systemAccount = options.systemAccount ?? operator?.systemAccount;
    return systemAccount === undefined ? options : { ...options, systemAccount };
  }

  #linkOperator(): void {
    const { operator } = this.#authenticator;
    this.#operatorLink?.close();
    this.#operatorLink = operator && new OperatorLink(operator, this.#registry, this.log);
  }

  #announceEnd(): void {
    this.#listeners.close();
    this.#leafNodes.closeDoor();
    this.#lameDuck = true;
    for (const client of this.clients.values()) if (client.takesInfo) client.sendInfo();
  }

  // --- Hub ----------------------------------------------------------------------------------------

  nextConnectionId(): number {
    return ++this.#lastId;
  }

  infoLine(client: ClientConnection): string {
    const view = this.authenticatorFor(client.facts.type);
    return infoLine({
      ...this.serverInfo(),
      ...this.#listeners.infoFor(client.transport),
      // Once they are in, clients with no_auth_user are told that others log in.
      auth_required: (client.takesInfo ? view.required : view.advertised) || undefined,
      max_payload: client.maxPayload,
      client_id: client.id,
      client_ip: client.facts.host,
      // It is for logging in.
      nonce: client.admission === undefined ? client.facts.nonce : undefined,
    });
  }

  /** What INFO says to everyone. */
  serverInfo(): ServerInfo {
    return {
      server_id: this.id,
      server_name: this.name,
      version: COMPATIBLE_VERSION,
      proto: 1,
      go: `node${process.versions.node}`,
      ...this.#listeners.place,
      headers: this.headersSupported,
      max_payload: this.limits.maxPayload,
      ldm: this.#lameDuck || undefined,
      xkey: this.#xkey,
    };
  }

  authenticatorFor(type: ConnectionType): AuthenticatorView {
    return this.#authenticator.for(type);
  }

  get authenticator(): RouterAuthenticator {
    return this.#authenticator;
  }

  /** The account of system events; undefined when there is none by configuration. */
  get systemAccount(): Account | undefined {
    return this.#registry.system;
  }

  /** Dialled and accepted leaf nodes that belong to an account. */
  get leafs(): Iterable<LeafConnection> {
    return this.#leafNodes.joinedLeaves.values();
  }

  /** An account by its name (or key), fetched where accounts come from an operator. */
  async localAccount(name: string): Promise<Account | undefined> {
    const known = this.accounts.get(name);
    if (known !== undefined) return known;
    await this.#authenticator.operator?.accounts.lookup(name);
    return this.#operatorLink?.bring(name);
  }

  /** `host:port` of the WebSocket listener, for other machines. */
  websocketUrls(): readonly string[] {
    return this.#listeners.websocketPlaces;
  }

  /** Leaf nodes that come over a WebSocket; undefined: none are taken. */
  get acceptLeaf(): ((transport: Transport, facts: WebsocketFacts) => void) | undefined {
    if (!this.#leafNodes.accepts) return undefined;
    return (transport, { identity }) => {
      this.#leafNodes.accept(transport, 'LEAFNODE_WS', identity);
    };
  }

  /** Ends the connection of a client or leaf node. False when there is none with this id. */
  kick(cid: number): boolean {
    const connection = this.clients.get(cid) ?? this.#leafNodes.joinedLeaves.get(cid);
    connection?.close('Kicked');
    return connection !== undefined;
  }

  accountOf(admission: Admission): Account | undefined {
    return this.accounts.get(admission.account) ?? this.#operatorLink?.bring(admission.account);
  }

  connected(client: ClientConnection): void {
    this.events.emit('connected', client);
  }

  refused(client: ClientConnection): void {
    this.events.emit('refused', client);
  }

  closed(client: ClientConnection, reason: CloseReason): void {
    this.clients.delete(client.id);
    this.events.emit('closed', client, reason);
    if (this.log.debugging) this.log.debug(`${client.label} - Client connection closed: ${reason}`);
  }

  gone(client: ClientConnection): void {
    this.#open.delete(client);
  }

  // ------------------------------------------------------------------------------------------------

  #createAuthenticator(options: RouterOptions): RouterAuthenticator {
    return createAuthenticator(options, {
      log: this.log,
      version: COMPATIBLE_VERSION,
      peerAdmission: (key) => this.admitPeer?.(key),
    });
  }

  /** A client over an open byte stream of which nothing has been read. */
  accept(transport: Transport, facts: ConnectionFacts): ClientConnection {
    const { challenges } = this.authenticatorFor(facts.type);
    const nonce = facts.nonce ?? (challenges ? createNonce() : undefined);
    const client = new ClientConnection(
      this,
      transport,
      nonce === undefined ? facts : { ...facts, nonce },
    );
    this.clients.set(client.id, client);
    this.#open.add(client);
    this.totalConnections++;
    if (this.log.debugging) this.log.debug(`${client.label} - Client connection created`);
    client.start(this.#authTimeout(facts.type));
    if (this.clients.size > this.limits.maxConnections) {
      client.fail(texts.maxConnections, 'Maximum Connections Exceeded');
    }
    return client;
  }

  #authTimeout(type: ConnectionType): number {
    const { websocket, authorization, tls } = this.#options;
    const own = type === 'WEBSOCKET' ? websocket?.authorization?.timeout : undefined;
    // With TLS the handshake comes first.
    const otherwise =
      tls === undefined ? defaults.authTimeout : (tls.timeout ?? defaults.tlsTimeout) + 1_000;
    return own ?? authorization?.timeout ?? otherwise;
  }

  #checkDeadlines(): void {
    const now = performance.now();
    for (const client of this.clients.values()) client.checkDeadline(now);
    this.#leafNodes.checkDeadlines(now);
  }
}
