import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { codeOf, messageOf } from '../base/errors.ts';
import { formatAddress, netOptions, type Address } from './address.ts';
import { ForwardError } from './errors.ts';
import { prepareSocket } from './splice.ts';

/** Listens at a local address until it is closed; its sockets are prepared for a splice. */
export class LocalListener {
  /** With the port that was bound. */
  readonly address: Address;
  readonly #server: Server;

  private constructor(address: Address, server: Server) {
    this.address = address;
    this.#server = server;
  }

  /**
   * A Unix socket is for this user alone (mode 0600); what a killed peer left is taken away first.
   *
   * @throws ForwardError `forward-in-use`, `forward-unusable`
   */
  static async open(address: Address, accept: (socket: Socket) => void): Promise<LocalListener> {
    if (address.kind === 'unix') await removeStale(address.path);
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
      prepareSocket(socket);
      accept(socket);
    });
    await listen(server, address);
    // Accepting fails when the process has no more file descriptors; it goes on with the next one.
    server.on('error', () => undefined);
    const bound = server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    return new LocalListener(address.kind === 'tcp' ? { ...address, port } : address, server);
  }

  /** Takes no more connections, at once; a Unix socket is removed. Idempotent. */
  close(): void {
    this.#server.close();
  }
}

async function listen(server: Server, address: Address): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.once('error', reject);
  server.listen(netOptions(address), () => resolve(undefined));
  try {
    // The file is there when `listen` returns; `umask` would not do in a worker thread.
    if (address.kind === 'unix') chmodSync(address.path, 0o600);
  } catch {
    // It could not be made: the event tells why.
  }
  try {
    await promise;
    server.off('error', reject);
  } catch (error) {
    throw codeOf(error) === 'EADDRINUSE' ? inUse(address, error) : unusable(address, error);
  }
}

/** Takes away a Unix socket on which nobody answers. */
async function removeStale(path: string): Promise<void> {
  const address: Address = { kind: 'unix', path };
  try {
    if (!lstatSync(path).isSocket()) throw inUse(address, new Error('it is no socket'));
    if (await answers(path)) throw inUse(address, new Error('somebody answers'));
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error instanceof ForwardError ? error : unusable(address, error);
  }
}

function answers(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(path);
  socket.once('connect', () => resolve(true));
  // Anything but "nobody listens" (no right, no room) is a socket to keep away from.
  socket.once('error', (error) => resolve(codeOf(error) !== 'ECONNREFUSED'));
  return promise.finally(() => socket.destroy());
}

function inUse(address: Address, cause: unknown): ForwardError {
  const message = `${formatAddress(address)} is in use.`;
  return new ForwardError('forward-in-use', message, { cause });
}

function unusable(address: Address, cause: unknown): ForwardError {
  const message = `The peer cannot listen at ${formatAddress(address)}: ${messageOf(cause)}.`;
  return new ForwardError('forward-unusable', message, { cause });
}
