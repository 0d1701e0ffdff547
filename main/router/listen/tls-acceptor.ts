import type { Socket } from 'node:net';
import type { Server, TlsOptions as ServerOptions, TLSSocket } from 'node:tls';
import { builtin } from '../../base/builtins.ts';
import { messageOf } from '../../base/errors.ts';
import type { TlsIdentity } from '../auth/types.ts';
import { defaults } from '../defaults.ts';
import type { TlsOptions } from '../options.ts';
import { isPinned, tlsServerOptions } from './tls-context.ts';
import { TlsHandshakeError } from './tls-handshake-error.ts';
import { tlsIdentityOf } from './tls-identity.ts';

export interface SecuredSocket {
  readonly socket: TLSSocket;
  /** When a client certificate was asked for, given and checked. */
  readonly identity: TlsIdentity | undefined;
}

/** Tells the socket under a TLS socket; Node shows it to nobody, hence looked at with care. */
interface WithParent {
  readonly _parent?: unknown;
}

interface Handshake {
  readonly done: (secured: SecuredSocket) => void;
  readonly failed: (error: TlsHandshakeError) => void;
}

/**
 * TLS for sockets that were accepted elsewhere. It listens nowhere; certificates are replaced by `reload`,
 * which open connections do not notice.
 */
export class TlsAcceptor {
  /** Absent until there is a first handshake: most of what TLS needs is loaded with it. */
  #server: Server | undefined;
  #settings: ServerOptions;
  #options: TlsOptions;
  readonly #handshakes = new Map<unknown, Handshake>();
  #window = 0;
  #begun = 0;

  /** @throws RouterError 'router-config' */
  constructor(options: TlsOptions) {
    this.#options = options;
    this.#settings = tlsServerOptions(options);
  }

  get options(): TlsOptions {
    return this.#options;
  }

  /** Milliseconds for the handshake. */
  get timeout(): number {
    return this.#options.timeout ?? defaults.tlsTimeout;
  }

  /** Reads the files again. @throws RouterError 'router-config'; what was in use stays then */
  reload(options: TlsOptions): void {
    this.#settings = tlsServerOptions(options);
    this.#options = options;
    this.#server = undefined;
  }

  /** Whether one more handshake may begin in this second. */
  admits(): boolean {
    const { connectionRateLimit = 0 } = this.#options;
    if (connectionRateLimit === 0) return true;
    const second = Math.floor(performance.now() / 1_000);
    if (second !== this.#window) {
      this.#window = second;
      this.#begun = 0;
    }
    return ++this.#begun <= connectionRateLimit;
  }

  /** Begins a handshake on a socket; exactly one of the two is called, once. The socket may hold bytes. */
  secure(
    raw: Socket,
    done: (secured: SecuredSocket) => void,
    failed: (error: TlsHandshakeError) => void,
  ): void {
    const timer = setTimeout(() => {
      over();
      raw.destroy();
      failed(new TlsHandshakeError('TLS handshake timeout'));
    }, this.timeout);
    const onClose = (): void => {
      over();
      failed(new TlsHandshakeError('TLS handshake error: EOF'));
    };
    const over = (): void => {
      clearTimeout(timer);
      raw.off('close', onClose);
      this.#handshakes.delete(raw);
    };
    raw.once('close', onClose);
    this.#handshakes.set(raw, {
      done: (secured) => {
        over();
        done(secured);
      },
      failed: (error) => {
        over();
        raw.destroy();
        failed(error);
      },
    });
    try {
      this.#server ??= this.#serve(this.#options);
    } catch (error) {
      // What only shows now, as a key that OpenSSL finds too short.
      this.#handshakes.get(raw)?.failed(new TlsHandshakeError(messageOf(error)));
      return;
    }
    this.#server.emit('connection', raw);
  }

  #serve(options: TlsOptions): Server {
    const server = builtin('node:tls').createServer({
      ...this.#settings,
      // The acceptor's own timer comes first.
      handshakeTimeout: (options.timeout ?? defaults.tlsTimeout) * 2,
    });
    server.on('secureConnection', (socket) => this.#secured(socket, options));
    server.on('tlsClientError', (error, socket) => {
      const failure = new TlsHandshakeError(`TLS handshake error: ${messageOf(error)}`);
      this.#handshakeOf(socket)?.failed(failure);
    });
    return server;
  }

  #secured(socket: TLSSocket, options: TlsOptions): void {
    // Whoever takes the socket listens for what comes next.
    socket.on('error', () => undefined);
    const handshake = this.#handshakeOf(socket);
    if (handshake === undefined) {
      socket.destroy();
      return;
    }
    const { pinnedCerts = [] } = options;
    const certificate = socket.getPeerX509Certificate()?.raw;
    if (pinnedCerts.length > 0 && !isPinned(certificate, pinnedCerts)) {
      handshake.failed(new TlsHandshakeError('TLS handshake error: certificate not pinned'));
      return;
    }
    const identity =
      certificate !== undefined && socket.authorized ? tlsIdentityOf(certificate) : undefined;
    handshake.done({ socket, identity });
  }

  #handshakeOf(socket: TLSSocket): Handshake | undefined {
    return this.#handshakes.get((socket as WithParent)._parent);
  }
}
