/** Opens a WebSocket to a hub's WebSocket listener, under the path of leaf nodes. */
import { WebSocket } from 'ws';
import { defaults } from '../defaults.ts';
import { tlsClientOptions } from '../listen/tls-context.ts';
import { isTls, type TlsFacts, tlsFactsOf } from '../listen/tls-facts.ts';
import { COMPRESSION_THRESHOLD, WebsocketTransport } from '../listen/websocket-transport.ts';
import type { LeafRemoteOptions } from '../options.ts';
import type { DialOptions, Dialled } from './dial.ts';
import type { RemoteAddress } from './remote-urls.ts';

const PATH = '/leafnode';
const NO_MASKING = 'nats-no-masking';
/** nats-server puts as much into a frame as it has. */
const LARGEST_FRAME = 256 * 1_048_576;

/** Rejects with what went wrong; nothing is left open then. */
export async function dialWebsocket(
  address: RemoteAddress,
  { tls, serverName, infoTimeout, signal }: DialOptions,
  { compression = false, noMasking = false }: NonNullable<LeafRemoteOptions['websocket']> = {},
): Promise<Dialled> {
  const secure = address.secure || tls !== undefined;
  const { url, host, port } = address;
  const base = url.pathname.replace(/\/+$/, '');
  const name = host.includes(':') ? `[${host}]` : host;
  const target = `${secure ? 'wss' : 'ws'}://${name}:${String(port)}${base}${PATH}`;
  const socket = new WebSocket(target, {
    handshakeTimeout: infoTimeout + (secure ? (tls?.timeout ?? defaults.tlsTimeout) : 0),
    maxPayload: LARGEST_FRAME,
    skipUTF8Validation: true,
    followRedirects: false,
    perMessageDeflate: compression && {
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      threshold: COMPRESSION_THRESHOLD,
    },
    ...(noMasking && { headers: { [NO_MASKING]: 'true' } }),
    ...(secure && tlsClientOptions(tls ?? {}, serverName ?? host)),
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const aborted = (): void => reject(new Error('stopped'));
  socket.on('error', reject);
  socket.once('close', () => reject(new Error('the connection was closed')));
  let agreed: TlsFacts | undefined;
  socket.once('upgrade', ({ headers, socket: stream }) => {
    if (isTls(stream)) agreed = tlsFactsOf(stream);
    if (noMasking && headers[NO_MASKING] === 'true') sendUnmasked(socket);
    // INFO may stand in the same bytes as the answer: nobody listens for it yet.
    socket.once('open', () => socket.pause());
  });
  socket.once('open', resolve);
  signal.addEventListener('abort', aborted);
  if (signal.aborted) aborted();
  try {
    await promise;
  } catch (error) {
    socket.terminate();
    throw error;
  } finally {
    signal.removeEventListener('abort', aborted);
  }
  return {
    transport: new ResumingTransport(socket, host, port, agreed),
    first: undefined,
    firstLength: 0,
  };
}

/** Reads on from where the dialling has stopped. */
class ResumingTransport extends WebsocketTransport {
  readonly #resume: () => void;

  constructor(socket: WebSocket, host: string, port: number, tls: TlsFacts | undefined) {
    super(socket, host, port, tls);
    this.#resume = () => socket.resume();
  }

  override start(sink: Parameters<WebsocketTransport['start']>[0]): void {
    super.start(sink);
    this.#resume();
  }
}

/** The hub does not need what protects proxies on the way. */
function sendUnmasked(socket: WebSocket): void {
  const send = socket.send.bind(socket) as (
    data: Uint8Array,
    options: object,
    written?: (error?: Error) => void,
  ) => void;
  Object.assign(socket, {
    send: (data: Uint8Array, options: object, written?: (error?: Error) => void) =>
      send(data, { ...options, mask: false }, written),
  });
}
