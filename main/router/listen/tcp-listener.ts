import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { codeOf, messageOf } from '../../base/errors.ts';
import { RouterError } from '../errors.ts';
import type { ListenOptions } from '../options.ts';
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
    const path = 'path' in where ? where.path : undefined;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => {
        reject(
          new RouterError(
            'router-listen',
            `Error listening on ${name(where)}: ${messageOf(error)}`,
            {
              cause: error,
            },
          ),
        );
      });
      const listening = (): void => {
        server.removeAllListeners('error');
        // Out of descriptors and the like: the connections there are go on.
        server.on('error', () => undefined);
        resolve();
      };
      if (path !== undefined) server.listen({ path, backlog: BACKLOG }, listening);
      else if ('port' in where) {
        server.listen(
          { host: where.host, port: Math.max(where.port, 0), backlog: BACKLOG },
          listening,
        );
      }
    });
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
    new DuplexTransport(socket, socket.remoteAddress ?? '', socket.remotePort ?? 0)
  );
}

function name(where: Pick<ListenOptions, 'host' | 'port'> | { readonly path: string }): string {
  return 'path' in where ? where.path : `${where.host}:${String(where.port)}`;
}
