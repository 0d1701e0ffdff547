import type { Socket } from 'node:net';
import type { RouterLog } from '../log.ts';
import type { ListenOptions, TlsOptions } from '../options.ts';
import { hostAndPort } from '../listen/any-address.ts';
import { TcpListener, transportOf } from '../listen/tcp-listener.ts';
import { TlsAcceptor } from '../listen/tls-acceptor.ts';
import { TlsTransport } from '../listen/tls-transport.ts';
import type { Transport } from '../listen/transport.ts';
import type { TlsIdentity } from '../auth/types.ts';

/** Takes a connection of which nothing has been read. */
export interface LeafDoor {
  /** Answers who wants to hear of the certificate, when there is TLS. */
  accept(transport: Transport): {
    secured(identity: TlsIdentity | undefined): void;
    refuse(): void;
  };
}

/** The port of leaf nodes: TCP, or TLS with INFO in plain text before it (or after it, `handshake_first`). */
export class LeafListener {
  readonly port: number;
  /** That it is bound to. */
  readonly address: string;
  readonly #tcp: TcpListener;
  readonly #tls: TlsAcceptor | undefined;

  /** @throws RouterError 'router-listen', 'router-config' */
  static async open(
    listen: ListenOptions,
    tls: TlsOptions | undefined,
    door: LeafDoor,
    log: RouterLog,
  ): Promise<LeafListener> {
    const acceptor = tls === undefined ? undefined : new TlsAcceptor(tls);
    const tcp = await TcpListener.open(listen, (socket) => {
      if (acceptor === undefined) door.accept(transportOf(socket));
      else acceptSecurely(socket, acceptor, door);
    });
    log.info(`Listening for leafnode connections on ${hostAndPort(listen.host, tcp.port)}`);
    return new LeafListener(tcp, acceptor);
  }

  private constructor(tcp: TcpListener, tls: TlsAcceptor | undefined) {
    this.port = tcp.port;
    this.address = tcp.host;
    this.#tcp = tcp;
    this.#tls = tls;
  }

  /** @throws RouterError 'router-config'; what was in use stays then */
  reload(tls: TlsOptions | undefined): void {
    if (tls !== undefined) this.#tls?.reload(tls);
  }

  /** Accepts nothing more; what has been accepted stays. */
  close(): void {
    this.#tcp.close();
  }
}

function acceptSecurely(socket: Socket, acceptor: TlsAcceptor, door: LeafDoor): void {
  const visitor: { is?: ReturnType<LeafDoor['accept']> } = {};
  const transport = new TlsTransport(socket, acceptor, {
    secured: (identity) => visitor.is?.secured(identity),
    throttled: () => visitor.is?.refuse(),
  });
  visitor.is = door.accept(transport);
}
