import { createConnection, type Socket } from 'node:net';
import type { ConnectionOptions, NatsConnection } from 'nats';
import { NatsConnectionImpl, setTransportFactory } from 'nats/lib/nats-base-client/internal_mod.js';
import { NodeTransport, nodeResolveHost } from 'nats/lib/src/node_transport.js';
import type { Lanes } from './lanes.ts';

/** Four times what Node reads at once: fewer calls, and fewer messages that two reads share. */
const READ_BYTES = 256 * 1024;

/** nats.js hands its options to the transport as they are. */
interface LaneConnectionOptions extends ConnectionOptions {
  lanes?: Lanes;
}

/** The TCP transport of nats.js, with lanes on its socket where the options name some. */
class LaneTransport extends NodeTransport {
  /** Takes what the plain socket reads, once it is known that it is not one below TLS. */
  #take: ((chunk: Buffer) => void) | undefined;

  /** Reads into one buffer, over and over: a new one for each read keeps the garbage collector busy. */
  override dial(hp: { hostname: string; port: number }): Promise<Socket> {
    const { promise, resolve, reject } = Promise.withResolvers<Socket>();
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
    const socket = createConnection({
      host: hp.hostname,
      port: hp.port,
      noDelay: true,
      onread: {
        buffer,
        callback: (count) => {
          const chunk = buffer.subarray(0, count);
          if (this.#take !== undefined) this.#take(chunk);
          else socket.emit('data', Buffer.from(chunk));
          return true;
        },
      },
    });
    let failure: Error | undefined;
    socket.on('error', (error) => (failure = error));
    socket.on('close', () => reject(failure));
    socket.on('connect', () => {
      // The transport sets its own.
      socket.removeAllListeners();
      resolve(socket);
    });
    return promise;
  }

  override setupHandlers(): void {
    super.setupHandlers();
    const { lanes }: LaneConnectionOptions = this.options;
    const [listener] = this.socket.listeners('data');
    if (lanes === undefined || listener === undefined) return;
    // INFO has been read and nothing was sent yet, so that the next byte begins a protocol line.
    // The client keeps what it is given, and the read buffer is used again.
    const take = lanes.adopt(this.socket, (bytes) =>
      listener.call(this.socket, Buffer.from(bytes)),
    );
    this.socket.removeAllListeners('data');
    if (this.isEncrypted()) this.socket.on('data', take);
    else this.#take = take;
  }
}

/** The factory is the client's global: whoever calls nats.js's own `connect` sets it back. */
function install(): void {
  setTransportFactory({ factory: () => new LaneTransport(), dnsResolveFn: nodeResolveHost });
}

/** `connect` of nats.js, with lanes on every socket that this client goes through. */
export function connectWithLanes(
  options: ConnectionOptions & { readonly reconnectDelayHandler: () => number },
  lanes: Lanes,
): Promise<NatsConnection> {
  install();
  const withLanes: LaneConnectionOptions = {
    ...options,
    lanes,
    // Asked right before each attempt, the moment to make sure that the factory is ours.
    reconnectDelayHandler: () => {
      install();
      return options.reconnectDelayHandler();
    },
  };
  return NatsConnectionImpl.connect(withLanes);
}
