import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { Duplex } from 'node:stream';
import { messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { PeerKey } from '../../identity/types.ts';
import { TcpListener } from '../../router/listen/tcp-listener.ts';
import { openUnixListener } from '../../router/listen/unix-listener.ts';
import { isSocketPath, placeOf } from './router-config.ts';

/** Connections through one bridge at once. */
const MAX_CONNECTIONS = 64;

export interface BridgeOptions {
  /** `host:port`, or the path of a Unix socket. */
  readonly listen: string;
  readonly peer: PeerKey;
}

/**
 * A listener on this machine behind which the router of a contact is: each connection is a stream over the link,
 * so that any NATS client can talk to it.
 */
export class Bridge {
  readonly peer: PeerKey;
  /** `nats://host:port`, or the path. */
  readonly address: string;
  readonly #listener: TcpListener;
  readonly #sockets: Set<Socket>;

  private constructor(peer: PeerKey, address: string, listener: TcpListener, sockets: Set<Socket>) {
    this.peer = peer;
    this.address = address;
    this.#listener = listener;
    this.#sockets = sockets;
  }

  /** @throws RouterError 'router-listen' */
  static async open(
    { listen, peer }: BridgeOptions,
    open: (peer: PeerKey, signal: AbortSignal) => Promise<Duplex>,
    log: Log,
  ): Promise<Bridge> {
    const sockets = new Set<Socket>();
    const accept = (socket: Socket): void => {
      if (sockets.size >= MAX_CONNECTIONS) {
        socket.destroy();
        return;
      }
      sockets.add(socket);
      carry(socket, (signal) => open(peer, signal))
        .catch((error: unknown) => log.debug({ peer, reason: messageOf(error) }, 'bridge: ended'))
        .finally(() => {
          socket.destroy();
          sockets.delete(socket);
        });
    };
    if (isSocketPath(listen)) {
      return new Bridge(peer, listen, await openUnixListener(listen, accept), sockets);
    }
    const place = placeOf(listen);
    const listener = await TcpListener.open(place, accept);
    const host = place.host.includes(':') ? `[${place.host}]` : place.host;
    return new Bridge(peer, `nats://${host}:${String(listener.port)}`, listener, sockets);
  }

  close(): void {
    this.#listener.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** Both directions, until one of them breaks or both have ended. */
async function carry(
  socket: Socket,
  open: (signal: AbortSignal) => Promise<Duplex>,
): Promise<void> {
  const gone = new AbortController();
  socket.on('error', () => undefined);
  socket.once('close', () => gone.abort());
  const stream = await open(gone.signal);
  if (socket.destroyed) {
    stream.destroy();
    return;
  }
  await Promise.all([pipeline(socket, stream), pipeline(stream, socket)]);
}
