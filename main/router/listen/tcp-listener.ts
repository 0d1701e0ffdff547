import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { codeOf, messageOf } from '../../base/errors.ts';
import { RouterError } from '../errors.ts';
import type { ListenOptions } from '../options.ts';
import { listenOn, plainAddress } from './any-address.ts';
import { DuplexTransport } from './duplex-transport.ts';
import { SocketTransport } from './socket-transport.ts';
import type { Transport } from './transport.ts';

/** Connections that wait to be accepted. */
const BACKLOG = 1_024;

/** A listening socket whose connections are handed on before anything is read from them. */
export class TcpListener {
  readonly #server: Server;
  readonly host: string;
  readonly port: number;

  private constructor(server: Server) {
    this.#server = server;
    const address = server.address() as AddressInfo | string | null;
    const bound = typeof address === 'object' ? address : null;
    this.host = bound?.address ?? '';
    this.port = bound?.port ?? 0;
  }

  /** @throws RouterError 'router-listen' */
  static async open(
    where: Pick<ListenOptions, 'host' | 'port'> | { readonly path: string },
    accept: (socket: Socket) => void,
  ): Promise<TcpListener> {
    const server = createServer({ pauseOnConnect: true, noDelay: true }, accept);
    try {
      await listenOn(server, {
        ...('path' in where
          ? { path: where.path }
          : { host: where.host, port: Math.max(where.port, 0) }),
        backlog: BACKLOG,
      });
    } catch (error) {
      const text = `Error listening on ${name(where)}: ${messageOf(error)}`;
      throw new RouterError('router-listen', text, { cause: error });
    }
    // Out of descriptors and the like: the connections there are go on.
    server.on('error', () => undefined);
    return new TcpListener(server);
  }

  /** Accepts nothing more; what has been accepted stays. */
  close(): void {
    try {
      this.#server.close();
    } catch (error) {
      if (codeOf(error) !== 'ERR_SERVER_NOT_RUNNING') throw error;
    }
  }
}

/** The fastest way to use an accepted, untouched socket. */
export function transportOf(socket: Socket): Transport {
  return (
    SocketTransport.adopt(socket) ??
    new DuplexTransport(socket, plainAddress(socket.remoteAddress), socket.remotePort ?? 0)
  );
}

function name(where: Pick<ListenOptions, 'host' | 'port'> | { readonly path: string }): string {
  return 'path' in where ? where.path : `${where.host}:${String(where.port)}`;
}
