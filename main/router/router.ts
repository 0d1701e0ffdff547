/** A NATS server: its accounts, its connections, and the ways to reach it. All of them are optional. */
import type { Duplex } from 'node:stream';
import { Emitter } from '../base/emitter.ts';
import { Account } from './account/account.ts';
import { openAuthenticator } from './auth/open-authenticator.ts';
import type { Admission, Authenticator, ConnectionFacts } from './auth/types.ts';
import { ClientConnection } from './connection/client-connection.ts';
import type { CloseReason } from './connection/close-reason.ts';
import type { Hub, Traffic } from './connection/hub.ts';
import { Message } from './connection/message.ts';
import { SlabPool } from './connection/slab.ts';
import { TurnWork } from './connection/turn.ts';
import { COMPATIBLE_VERSION, defaults, type Limits, limitsOf } from './defaults.ts';
import type { InProcessClient, InProcessOptions } from './listen/in-process/client.ts';
import { LocalClients } from './listen/in-process/local-clients.ts';
import { DuplexTransport } from './listen/duplex-transport.ts';
import { TcpListener, transportOf } from './listen/tcp-listener.ts';
import type { Transport } from './listen/transport.ts';
import { type RouterLog, silentLog } from './log.ts';
import type { RouterOptions } from './options.ts';
import { infoLine, type ServerInfo } from './protocol/info.ts';
import { texts } from './protocol/texts.ts';
import { createServerKeys } from './system/server-keys.ts';

/** How often connections that take nothing are looked for. */
const DEADLINE_CHECK_MS = 500;

export type RouterEvents = {
  /** CONNECT was accepted. */
  connected: [ClientConnection];
  /** Credentials were refused; `closed` follows. */
  refused: [ClientConnection];
  closed: [ClientConnection, CloseReason];
};

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
  readonly accounts = new Map<string, Account>();
  /** Clients in this process. */
  readonly local = new LocalClients(this);
  readonly globalAccount: Account;
  readonly headersSupported: boolean;
  limits: Limits;
  authenticator: Authenticator = openAuthenticator;
  #options: RouterOptions;
  #lastId = 0;
  #tcp: TcpListener | undefined;
  #deadlines: NodeJS.Timeout | undefined;

  constructor(options: RouterOptions, log: RouterLog = silentLog) {
    ({ id: this.id, xkey: this.#xkey } = createServerKeys());
    this.#options = options;
    this.log = log;
    this.limits = limitsOf(options.limits);
    this.headersSupported = options.noHeaderSupport !== true;
    this.globalAccount = new Account(defaults.globalAccount);
    this.accounts.set(this.globalAccount.name, this.globalAccount);
  }

  get options(): RouterOptions {
    return this.#options;
  }

  get name(): string {
    return this.#options.serverName ?? this.id;
  }

  /** @throws RouterError 'router-listen' */
  async start(): Promise<void> {
    const { listen } = this.#options;
    if (listen !== undefined) {
      this.#tcp = await TcpListener.open(listen, (socket) => {
        const transport = transportOf(socket);
        this.accept(transport, { type: 'STANDARD', host: transport.remoteAddress });
      });
      this.log.info(`Listening for client connections on ${listen.host}:${String(this.#tcp.port)}`);
    }
    this.#deadlines = setInterval(() => this.#checkDeadlines(), DEADLINE_CHECK_MS);
    this.#deadlines.unref();
  }

  addresses(): { nats: string[]; websocket: string[]; monitoring: string[]; leafnodes: string[] } {
    const { listen } = this.#options;
    const nats =
      this.#tcp === undefined ? [] : [`nats://${listen?.host ?? ''}:${String(this.#tcp.port)}`];
    return { nats, websocket: [], monitoring: [], leafnodes: [] };
  }

  /** Takes any byte stream as a client's connection. */
  connect(stream: Duplex, facts: ConnectionFacts): void {
    this.accept(new DuplexTransport(stream), facts);
  }

  /**
   * A client in this process.
   *
   * @throws RouterError 'router-account'
   */
  client(options: InProcessOptions = {}): InProcessClient {
    return this.local.open(options);
  }

  async stop(): Promise<void> {
    clearInterval(this.#deadlines);
    this.local.close();
    this.#tcp?.close();
    for (const client of [...this.clients.values()]) client.close('Server Shutdown');
    await Promise.resolve();
  }

  // --- Hub ----------------------------------------------------------------------------------------

  nextConnectionId(): number {
    return ++this.#lastId;
  }

  infoLine(client: ClientConnection): string {
    return infoLine({
      ...this.serverInfo(),
      client_id: client.id,
      client_ip: client.facts.host,
      nonce: client.facts.nonce,
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
      host: this.#options.listen?.host ?? '',
      port: this.#tcp?.port ?? 0,
      headers: this.headersSupported,
      max_payload: this.limits.maxPayload,
      auth_required: this.authenticator.required || undefined,
      xkey: this.#xkey,
    };
  }

  accountOf(admission: Admission): Account | undefined {
    return this.accounts.get(admission.account);
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
    if (this.log.debugging)
      this.log.debug(`cid:${String(client.id)} - Client connection closed: ${reason}`);
  }

  // ------------------------------------------------------------------------------------------------

  /** A client over an open byte stream of which nothing has been read. */
  accept(transport: Transport, facts: ConnectionFacts): ClientConnection {
    const client = new ClientConnection(this, transport, facts);
    this.clients.set(client.id, client);
    client.start(defaults.authTimeout);
    if (this.clients.size > this.limits.maxConnections) {
      client.fail(texts.maxConnections, 'Maximum Connections Exceeded');
    }
    return client;
  }

  #checkDeadlines(): void {
    const now = performance.now();
    for (const client of this.clients.values()) client.checkDeadline(now);
  }
}
