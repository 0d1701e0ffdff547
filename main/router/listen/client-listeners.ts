/** Everything on which a router listens for clients: TCP with or without TLS, WebSockets, a Unix socket. */
import type { Socket } from 'node:net';
import type { ClientConnection } from '../connection/client-connection.ts';
import type { ConnectionFacts } from '../auth/types.ts';
import type { RouterLog } from '../log.ts';
import type { ListenOptions, RouterOptions } from '../options.ts';
import type { ServerInfo } from '../protocol/info.ts';
import { texts } from '../protocol/texts.ts';
import { hostAndPort, outsideHosts, urlsOf } from './any-address.ts';
import { TcpListener, transportOf } from './tcp-listener.ts';
import { TlsAcceptor } from './tls-acceptor.ts';
import { TlsTransport } from './tls-transport.ts';
import type { Transport } from './transport.ts';
import { openUnixListener } from './unix-listener.ts';
import type { WebsocketFacts, WebsocketListener } from './websocket-listener.ts';
import { WebsocketTransport } from './websocket-transport.ts';

export interface ListenerOwner {
  readonly log: RouterLog;
  readonly limits: { readonly maxPayload: number; readonly maxPending: number };
  accept(transport: Transport, facts: ConnectionFacts): ClientConnection;
  /** Leaf nodes that come over a WebSocket; absent: none are taken. */
  acceptLeaf?: ((transport: Transport, facts: WebsocketFacts) => void) | undefined;
}

/** What INFO says about the listener that a client came by. */
type ListenerInfo = Partial<
  Pick<ServerInfo, 'host' | 'port' | 'tls_required' | 'tls_available' | 'tls_verify'>
>;

export class ClientListeners {
  readonly #owner: ListenerOwner;
  #options: RouterOptions;
  #tls: TlsAcceptor | undefined;
  #tcp: TcpListener | undefined;
  #unix: TcpListener | undefined;
  #websocket: WebsocketListener | undefined;

  constructor(options: RouterOptions, owner: ListenerOwner) {
    this.#options = options;
    this.#owner = owner;
  }

  /** @throws RouterError 'router-listen', 'router-config'; what was opened is closed then */
  async open(): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** As the ports file has them, beside the path of the Unix socket. */
  addresses(): { nats: string[]; websocket: string[]; unix: string[] } {
    const { unixSocket } = this.#options;
    const scheme = this.#tls === undefined ? 'nats' : 'tls';
    return {
      nats: this.#tcp === undefined ? [] : urlsOf(scheme, this.#tcp.host, this.#tcp.port),
      websocket: this.#websocket?.urls ?? [],
      unix: this.#unix === undefined || unixSocket === undefined ? [] : [unixSocket],
    };
  }

  /** `host:port` of the WebSocket listener, for other machines. */
  get websocketPlaces(): string[] {
    const websocket = this.#websocket;
    if (websocket === undefined) return [];
    return outsideHosts(websocket.address).map((host) => hostAndPort(host, websocket.port));
  }

  /** Host and port that INFO names to everyone; see `infoFor`. */
  get place(): { host: string; port: number } {
    const { listen } = this.#options;
    if (listen === undefined) return { host: '', port: 0 };
    const port = this.#tcp?.port ?? Math.max(listen.port, 0);
    return listen.advertise === undefined
      ? { host: listen.host, port }
      : advertised(listen.advertise, port);
  }

  /** What INFO says to a client by the way it came. */
  infoFor(transport: Transport): ListenerInfo {
    if (transport instanceof WebsocketTransport) {
      const websocket = this.#websocket;
      if (websocket === undefined) return {};
      const secure = websocket.secure || undefined;
      const host = this.#options.websocket?.host ?? '';
      return { host, port: websocket.port, tls_required: secure, tls_available: secure };
    }
    if (!(transport instanceof TlsTransport) || this.#tls === undefined) return {};
    const { allowNonTls, verify, verifyAndMap } = this.#tls.options;
    const verifies = verify === true || verifyAndMap === true || undefined;
    return allowNonTls === true
      ? { tls_available: true, tls_verify: verifies }
      : { tls_required: true, tls_verify: verifies };
  }

  /**
   * Takes up what can change while listening: certificates, and what is asked of whoever comes.
   *
   * @throws RouterError 'router-config'; what was in use stays then
   */
  reload(options: RouterOptions): void {
    if (options.tls !== undefined) {
      if (this.#tls === undefined) this.#tls = new TlsAcceptor(options.tls);
      else this.#tls.reload(options.tls);
    } else {
      this.#tls = undefined;
    }
    if (options.websocket !== undefined) this.#websocket?.reload(options.websocket);
    this.#options = options;
  }

  /** Accepts nothing more; what has been accepted stays. */
  close(): void {
    this.#tcp?.close();
    this.#unix?.close();
    this.#websocket?.close();
  }

  async #open(): Promise<void> {
    const { listen, tls, unixSocket, websocket } = this.#options;
    const { log } = this.#owner;
    if (tls !== undefined) this.#tls = new TlsAcceptor(tls);
    if (websocket !== undefined) {
      const owner = this.#owner;
      // With what few routers need: it takes as long to load as half of the rest.
      const { WebsocketListener } = await import('./websocket-listener.ts');
      this.#websocket = await WebsocketListener.open(websocket, {
        log,
        limits: owner.limits,
        client: (transport, facts) => this.#websocketClient(transport, facts),
        leaf: owner.acceptLeaf,
      });
      log.info(`Listening for websocket clients on ${this.#websocket.url}`);
      if (!this.#websocket.secure)
        log.warn('Websocket not configured with TLS. DO NOT USE IN PRODUCTION!');
    }
    if (unixSocket !== undefined) {
      this.#unix = await openUnixListener(unixSocket, (socket) => this.#plainClient(socket));
      log.info(`Listening for client connections on ${unixSocket}`);
    }
    if (listen !== undefined) await this.#openTcp(listen);
  }

  async #openTcp(listen: Pick<ListenOptions, 'host' | 'port'>): Promise<void> {
    const { log } = this.#owner;
    this.#tcp = await TcpListener.open(listen, (socket) => {
      if (this.#tls === undefined) this.#plainClient(socket);
      else this.#tlsClient(socket, this.#tls);
    });
    log.info(`Listening for client connections on ${listen.host}:${String(this.#tcp.port)}`);
    if (this.#tls === undefined) return;
    log.info('TLS required for client connections');
    const { handshakeFirst, handshakeFirstFallback = 0 } = this.#tls.options;
    if (handshakeFirst === true && handshakeFirstFallback === 0)
      log.warn('Clients that are not using "TLS Handshake First" option will fail to connect');
  }

  #plainClient(socket: Socket): void {
    const transport = transportOf(socket);
    this.#owner.accept(transport, { type: 'STANDARD', host: transport.remoteAddress });
  }

  #tlsClient(socket: Socket, tls: TlsAcceptor): void {
    const transport = new TlsTransport(socket, tls, {
      secured: (identity) => {
        if (identity !== undefined) client.identified(identity);
      },
      throttled: () => client.fail(texts.throttled, 'Maximum Connections Exceeded'),
    });
    const client: ClientConnection = this.#owner.accept(transport, {
      type: 'STANDARD',
      host: transport.remoteAddress,
    });
  }

  #websocketClient(transport: Transport, { host, identity, offered }: WebsocketFacts): void {
    this.#owner.accept(transport, {
      type: 'WEBSOCKET',
      host,
      ...(identity !== undefined && { certificate: identity }),
      ...(offered !== undefined && { offered }),
    });
  }
}

/** `host:port`, `[::1]:port` or a host alone. */
function advertised(text: string, otherwise: number): { host: string; port: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? [];
  return {
    host: bracketed ?? plain ?? text,
    port: port === undefined || Number(port) <= 0 ? otherwise : Number(port),
  };
}
