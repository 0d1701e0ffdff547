import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { builtin } from '../../base/builtins.ts';
import type { Credentials, TlsIdentity } from '../auth/types.ts';
import { defaults } from '../defaults.ts';
import type { RouterLog } from '../log.ts';
import type { WebsocketOptions } from '../options.ts';
import { hostAndPort, plainAddress, urlsOf } from './any-address.ts';
import { TcpListener } from './tcp-listener.ts';
import { TlsAcceptor } from './tls-acceptor.ts';
import { isTls, tlsFactsOf } from './tls-facts.ts';
import type { Transport } from './transport.ts';
import {
  cookieCredentials,
  forwardedFor,
  isLeafRequest,
  refuteOrigin,
} from './websocket-handshake.ts';
import { COMPRESSION_THRESHOLD, WebsocketTransport } from './websocket-transport.ts';

/** What a client may put into one frame beside a whole message: Go clients send all that they have kept. */
const FRAME_SLACK = 8 * 1_048_576 + 65_536;
const MAX_HEADERS = 16_384;

export interface WebsocketFacts {
  readonly host: string;
  readonly identity: TlsIdentity | undefined;
  /** From cookies. */
  readonly offered: Credentials | undefined;
}

export interface WebsocketOwner {
  readonly log: RouterLog;
  readonly limits: { readonly maxPayload: number; readonly maxPending: number };
  client(transport: Transport, facts: WebsocketFacts): void;
  /** Absent: leaf nodes are not taken. */
  leaf?: ((transport: Transport, facts: WebsocketFacts) => void) | undefined;
}

/** Clients and leaf nodes over WebSockets (RFC 6455), with TLS or without. */
export class WebsocketListener {
  readonly port: number;
  readonly #owner: WebsocketOwner;
  readonly #tls: TlsAcceptor | undefined;
  readonly #listener: TcpListener;
  readonly #http: Server;
  readonly #clients: WebSocketServer;
  readonly #leaves: WebSocketServer;
  readonly #identities = new WeakMap<Duplex, TlsIdentity>();
  /** Connections whose request is not complete. */
  readonly #waiting = new Map<Duplex, NodeJS.Timeout>();
  #options: WebsocketOptions;

  /** @throws RouterError 'router-listen', 'router-config' */
  static async open(options: WebsocketOptions, owner: WebsocketOwner): Promise<WebsocketListener> {
    const tls = options.tls === undefined ? undefined : new TlsAcceptor(options.tls);
    const listener = await TcpListener.open(options, (socket) => self.accept(socket));
    const self: WebsocketListener = new WebsocketListener(options, owner, listener, tls);
    return self;
  }

  private constructor(
    options: WebsocketOptions,
    owner: WebsocketOwner,
    listener: TcpListener,
    tls: TlsAcceptor | undefined,
  ) {
    this.#options = options;
    this.#owner = owner;
    this.#listener = listener;
    this.#tls = tls;
    this.port = listener.port;
    const { maxPayload, maxPending } = owner.limits;
    this.#clients = this.#server(maxPayload + FRAME_SLACK);
    this.#leaves = this.#server(Math.max(maxPending, maxPayload + FRAME_SLACK));
    this.#http = builtin('node:http').createServer({
      maxHeaderSize: MAX_HEADERS,
      keepAlive: false,
    });
    this.#http.on('upgrade', (request, stream, head) => this.#upgrade(request, stream, head));
    this.#http.on('request', (request, response) => {
      const status = request.method === 'GET' ? 400 : 405;
      this.#tell(request, "not a WebSocket's handshake");
      response.writeHead(status, { 'Sec-WebSocket-Version': '13', Connection: 'close' });
      response.end(`${statusText(status)}\n`);
    });
    this.#http.on('clientError', (_error, stream) => stream.destroy());
  }

  /** `ws://host:port` or `wss://…`, as it is configured. */
  get url(): string {
    return `${this.#scheme}://${hostAndPort(this.#options.host, this.port)}`;
  }

  /** URLs by which it is reached. */
  get urls(): string[] {
    return urlsOf(this.#scheme, this.address, this.port);
  }

  /** That it is bound to. */
  get address(): string {
    return this.#listener.host;
  }

  get #scheme(): 'ws' | 'wss' {
    return this.#tls === undefined ? 'ws' : 'wss';
  }

  get secure(): boolean {
    return this.#tls !== undefined;
  }

  /** Takes up certificates, origins and cookies. @throws RouterError 'router-config' */
  reload(options: WebsocketOptions): void {
    if (options.tls !== undefined) this.#tls?.reload(options.tls);
    this.#options = options;
  }

  /** Accepts nothing more; what is open stays. */
  close(): void {
    this.#listener.close();
    for (const [stream, timer] of this.#waiting) {
      clearTimeout(timer);
      stream.destroy();
    }
    this.#waiting.clear();
  }

  accept(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    if (this.#tls === undefined) {
      this.#serve(socket);
      return;
    }
    this.#tls.secure(
      socket,
      ({ socket: secured, identity }) => {
        if (identity !== undefined) this.#identities.set(secured, identity);
        this.#serve(secured);
      },
      (error) => this.#owner.log.error(`websocket: ${error.message}`),
    );
  }

  #server(maxPayload: number): WebSocketServer {
    return new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload,
      skipUTF8Validation: true,
      perMessageDeflate: this.#options.compression === true && {
        serverNoContextTakeover: true,
        clientNoContextTakeover: true,
        threshold: COMPRESSION_THRESHOLD,
        zlibDeflateOptions: { level: 1 },
      },
    });
  }

  #serve(stream: Socket): void {
    const { handshakeTimeout = defaults.tlsTimeout } = this.#options;
    const timer = setTimeout(() => stream.destroy(), handshakeTimeout);
    this.#waiting.set(stream, timer);
    stream.once('close', () => this.#begun(stream));
    this.#http.emit('connection', stream);
    stream.resume();
  }

  /** No longer waits for its request. */
  #begun(stream: Duplex): void {
    clearTimeout(this.#waiting.get(stream));
    this.#waiting.delete(stream);
  }

  #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.#begun(stream);
    const wrong = refuteOrigin(request, this.#options, this.secure);
    if (wrong !== undefined) {
      this.#tell(request, `origin not allowed: ${wrong}`);
      refuse(stream, 403);
      return;
    }
    const isLeaf = isLeafRequest(request);
    if (isLeaf && this.#owner.leaf === undefined) {
      this.#owner.log.error('Not configured to accept leaf node connections');
      stream.destroy();
      return;
    }
    const server = isLeaf ? this.#leaves : this.#clients;
    server.handleUpgrade(request, stream, head, (socket) => {
      this.#open(socket, request, stream, isLeaf);
    });
  }

  #open(socket: WebSocket, request: IncomingMessage, stream: Duplex, isLeaf: boolean): void {
    const { remotePort = 0 } = request.socket;
    const remoteAddress = plainAddress(request.socket.remoteAddress);
    const facts: WebsocketFacts = {
      host: forwardedFor(request) ?? remoteAddress,
      identity: this.#identities.get(stream),
      offered: isLeaf ? undefined : cookieCredentials(request, this.#options),
    };
    const tls = isTls(stream) ? tlsFactsOf(stream) : undefined;
    const transport = new WebsocketTransport(socket, facts.host, remotePort, tls);
    if (isLeaf) this.#owner.leaf?.(transport, facts);
    else this.#owner.client(transport, facts);
  }

  #tell(request: IncomingMessage, reason: string): void {
    const { remotePort = 0 } = request.socket;
    const remoteAddress = plainAddress(request.socket.remoteAddress);
    this.#owner.log.error(
      `${remoteAddress}:${String(remotePort)} - websocket handshake error: ${reason}`,
    );
  }
}

function refuse(stream: Duplex, status: number): void {
  const text = statusText(status);
  const body = `${text}\n`;
  stream.end(
    `HTTP/1.1 ${String(status)} ${text}\r\nSec-WebSocket-Version: 13\r\nConnection: close\r\n` +
      `Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`,
    () => stream.destroy(),
  );
}

function statusText(status: number): string {
  return builtin('node:http').STATUS_CODES[status] ?? '';
}
