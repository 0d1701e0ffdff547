import type { ConnectionOptions, NatsConnection } from 'nats';
import { NatsConnectionImpl, setTransportFactory } from 'nats/lib/nats-base-client/internal_mod.js';
import { NodeTransport, nodeResolveHost } from 'nats/lib/src/node_transport.js';
import type { Lanes } from './lanes.ts';

/** nats.js hands its options to the transport as they are. */
interface LaneConnectionOptions extends ConnectionOptions {
  lanes?: Lanes;
}

/** The TCP transport of nats.js, with lanes on its socket where the options name some. */
class LaneTransport extends NodeTransport {
  override setupHandlers(): void {
    super.setupHandlers();
    const { lanes }: LaneConnectionOptions = this.options;
    const [listener] = this.socket.listeners('data');
    if (lanes === undefined || listener === undefined) return;
    // INFO has been read and nothing was sent yet, so that the next byte begins a protocol line.
    this.socket.removeAllListeners('data');
    this.socket.on(
      'data',
      lanes.adopt(this.socket, (bytes) => listener.call(this.socket, bytes)),
    );
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
