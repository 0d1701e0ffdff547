import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { codeOf, messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { ApiPeer } from '../contract.ts';
import { ApiError } from '../errors.ts';
import { HIGH_WATER_BYTES, MAX_CONNECTIONS, MAX_MESSAGE_BYTES } from '../limits.ts';
import { ApiSession } from '../session.ts';
import { LineDecoder } from './line-decoder.ts';
import { secureSocketFolder } from './local-socket-path.ts';

/** How long a client has to take its last answers when the server closes. */
const CLOSE_GRACE_MS = 1_000;

export interface LocalSocketServer {
  readonly path: string;
  /** Answers nobody any more, ends the connections after what was sent, removes the socket. Idempotent. */
  close(): Promise<void>;
}

/**
 * Serves the API on a Unix socket (mode 0600, its folder 0700) or a Windows named pipe, one JSON object a
 * line. A socket that a killed peer left is replaced, one that answers is not.
 *
 * @param options.path from `localSocketPath(home)`
 * @throws ApiError `already-running`, `socket-folder-unsafe`, `socket-refused`
 */
export async function startLocalSocketServer(options: {
  path: string;
  peer: ApiPeer;
  log: Log;
}): Promise<LocalSocketServer> {
  const { path, peer, log } = options;
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: false }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serveConnection(socket, { peer, log, full: sockets.size > MAX_CONNECTIONS });
  });
  await open(server, path);
  let closing: Promise<void> | undefined;
  return { path, close: () => (closing ??= closeAll(server, sockets)) };
}

function serveConnection(
  socket: Socket,
  options: { peer: ApiPeer; log: Log; full: boolean },
): void {
  const { peer, log, full } = options;
  let congested = false;
  const session = new ApiSession({
    peer,
    log,
    outlet: {
      send(text) {
        if (!socket.writable) return true;
        socket.write(`${text}\n`);
        congested = socket.writableLength > HIGH_WATER_BYTES;
        if (congested) socket.pause();
        return !congested;
      },
      end: () => socket.end(() => socket.destroySoon()),
    },
  });
  const lines = new LineDecoder(MAX_MESSAGE_BYTES);
  socket.on('data', (chunk: Buffer) => {
    try {
      for (const line of lines.push(chunk)) session.receive(line);
    } catch (error) {
      session.fail(error);
    }
  });
  socket.on('drain', () => {
    if (!congested) return;
    congested = false;
    socket.resume();
    session.drained();
  });
  socket.on('error', (error) => log.debug({ err: error }, 'a local connection broke'));
  socket.once('close', () => session.close());
  if (full) {
    const message = `The peer has ${MAX_CONNECTIONS} local connections already.`;
    session.fail(new ApiError('too-many-connections', message));
  }
}

async function open(server: Server, path: string): Promise<void> {
  const isPipe = process.platform === 'win32';
  if (!isPipe) secureSocketFolder(path);
  try {
    await listen(server, path);
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw refused(path, error);
    if (isPipe || !(await removeStale(path))) throw alreadyRunning(path);
    await listen(server, path).catch((again: unknown) => {
      throw codeOf(again) === 'EADDRINUSE' ? alreadyRunning(path) : refused(path, again);
    });
  }
  if (!isPipe) chmodSync(path, 0o600);
}

function listen(server: Server, path: string): Promise<void> {
  const { promise, resolve, reject }: PromiseWithResolvers<void> = Promise.withResolvers();
  server.once('error', reject);
  server.listen(path, () => {
    server.off('error', reject);
    resolve();
  });
  return promise;
}

/**
 * Takes away a socket that nobody answers on; false when somebody does. It is moved aside before it is
 * removed and asked once more there: of two peers that start over the same stale socket, the slower one
 * would otherwise remove the socket on which the faster one listens already.
 */
async function removeStale(path: string): Promise<boolean> {
  if (await answers(path)) return false;
  const aside = `${path.slice(0, -5)}.${randomBytes(2).toString('hex')}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    // Another peer that starts has removed it first; who listens now is settled by listening.
    if (codeOf(error) === 'ENOENT') return true;
    throw refused(path, error);
  }
  const alive = await answers(aside);
  if (alive && !existsSync(path)) linkSync(aside, path);
  rmSync(aside, { force: true });
  return !alive;
}

function answers(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = createConnection(path);
  socket.once('connect', () => resolve(true));
  // Refused or gone: nobody listens. Anything else (no right, no room) is a socket to keep away from.
  socket.once('error', (error) =>
    resolve(!['ECONNREFUSED', 'ENOENT'].includes(codeOf(error) ?? '')),
  );
  return promise.finally(() => socket.destroy());
}

async function closeAll(server: Server, sockets: Set<Socket>): Promise<void> {
  const { promise, resolve }: PromiseWithResolvers<void> = Promise.withResolvers();
  server.close(() => resolve());
  for (const socket of sockets) socket.end();
  const timer = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, CLOSE_GRACE_MS);
  await promise;
  clearTimeout(timer);
}

function alreadyRunning(path: string): ApiError {
  return new ApiError('already-running', `A peer answers on ${path} already.`);
}

function refused(path: string, error: unknown): ApiError {
  const message = `The local socket ${path} cannot be opened: ${messageOf(error)}.`;
  return new ApiError('socket-refused', message, { cause: error });
}
