/** Opens the byte stream to a hub: TCP, and TLS on it when this side or the hub wants it. */
import { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { builtin } from '../../base/builtins.ts';
import { Slab } from '../connection/slab.ts';
import { defaults } from '../defaults.ts';
import { DuplexTransport } from '../listen/duplex-transport.ts';
import { transportOf } from '../listen/tcp-listener.ts';
import { isPinned, tlsClientOptions } from '../listen/tls-context.ts';
import type { Transport } from '../listen/transport.ts';
import type { TlsOptions } from '../options.ts';
import { parseLeafInfo } from './leaf-info.ts';
import type { RemoteAddress } from './remote-urls.ts';

const CONNECT_MS = 1_000;
const LONGEST_INFO = 65_536;
const LF = 10;

export interface DialOptions {
  readonly tls: Partial<TlsOptions> | undefined;
  /** What the certificate is checked for when an address was dialled. */
  readonly serverName: string | undefined;
  /** Ms for the hub's INFO. */
  readonly infoTimeout: number;
  readonly signal: AbortSignal;
}

export interface Dialled {
  readonly transport: Transport;
  /** What the hub has said already. */
  readonly first: Slab | undefined;
  readonly firstLength: number;
}

/** Rejects with what went wrong; nothing is left open then. */
export async function dialTcp(address: RemoteAddress, options: DialOptions): Promise<Dialled> {
  const socket = new Socket();
  try {
    return await greet(socket, address, options);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function greet(
  socket: Socket,
  address: RemoteAddress,
  options: DialOptions,
): Promise<Dialled> {
  const { signal, tls, infoTimeout } = options;
  // Nothing is read before it is known by whom.
  socket.pause();
  await within(socket, CONNECT_MS, 'i/o timeout', signal, (done) => {
    socket.connect({ host: address.host, port: address.port }, done);
  });
  if (tls?.handshakeFirst === true) {
    return { transport: await secure(socket, address, options), first: undefined, firstLength: 0 };
  }
  const line = await firstLine(socket, infoTimeout, signal);
  const first = new Slab(line.length);
  first.bytes.set(line, 0);
  const said = { first, firstLength: line.length };
  const asks = parseLeafInfo(line.subarray(line.indexOf(' ') + 1))?.tlsRequired === true;
  if (asks || tls !== undefined || address.secure) {
    return { transport: await secure(socket, address, options), ...said };
  }
  return { transport: transportOf(socket), ...said };
}

/** INFO with its end, and nothing behind it: a hub says nothing more before CONNECT. */
async function firstLine(socket: Socket, ms: number, signal: AbortSignal): Promise<Buffer> {
  let said = Buffer.alloc(0);
  let take: ((chunk: Buffer) => void) | undefined;
  try {
    await within(socket, ms, 'no INFO within the time', signal, (done, failed) => {
      take = (chunk) => {
        said = Buffer.concat([said, chunk]);
        if (said.includes(LF)) {
          socket.pause();
          done();
        } else if (said.length > LONGEST_INFO) {
          failed(new Error('the first line is too long'));
        }
      };
      socket.on('data', take);
      socket.resume();
    });
  } finally {
    if (take !== undefined) socket.off('data', take);
  }
  return said;
}

async function secure(
  socket: Socket,
  address: RemoteAddress,
  { tls = {}, serverName, signal }: DialOptions,
): Promise<Transport> {
  const name = serverName ?? address.host;
  let secured: TLSSocket | undefined;
  const timeout = tls.timeout ?? defaults.tlsTimeout;
  try {
    await within(socket, timeout, 'TLS handshake timeout', signal, (done, failed) => {
      secured = builtin('node:tls').connect({ ...tlsClientOptions(tls, name), socket });
      secured.once('secureConnect', done);
      secured.once('error', failed);
    });
    const certificate = secured?.getPeerX509Certificate()?.raw;
    const { pinnedCerts = [] } = tls;
    if (pinnedCerts.length > 0 && !isPinned(certificate, pinnedCerts)) {
      throw new Error('certificate not pinned');
    }
  } catch (error) {
    secured?.destroy();
    throw error;
  }
  return new DuplexTransport(secured as TLSSocket, address.host, address.port);
}

/** Resolves when `begin` says so; rejects on an error of the socket, its end, the timeout, or an abort. */
function within(
  socket: Socket,
  ms: number,
  late: string,
  signal: AbortSignal,
  begin: (done: () => void, failed: (error: Error) => void) => void,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const failed = (error: Error): void => reject(error);
  const ended = (): void => reject(new Error('the connection was closed'));
  const aborted = (): void => reject(new Error('stopped'));
  const timer = setTimeout(() => reject(new Error(late)), ms);
  socket.on('error', failed);
  socket.on('close', ended);
  signal.addEventListener('abort', aborted);
  if (signal.aborted) aborted();
  else begin(resolve, failed);
  return promise.finally(() => {
    clearTimeout(timer);
    socket.off('error', failed);
    socket.off('close', ended);
    signal.removeEventListener('abort', aborted);
    // Whoever takes the socket listens for what comes next; a late error of one that was given up is nobody's.
    socket.on('error', () => undefined);
  });
}
