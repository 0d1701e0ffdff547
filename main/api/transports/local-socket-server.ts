import { chmodSync, existsSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { codeOf, messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { ApiPeer } from '../contract.ts';
import { ApiError } from '../errors.ts';
import { HIGH_WATER_BYTES, MAX_CONNECTIONS, MAX_MESSAGE_BYTES } from '../limits.ts';
import { ApiSession } from '../session.ts';
import { LineDecoder } from './line-decoder.ts';
import { secureSocketFolder } from './local-socket-path.ts';

/** How long a client has to take its last answers when its connection is ended. */
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
  server.on('error', (error) => log.warn({ err: error }, 'the local socket has trouble'));
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
      end() {
        socket.end();
        const cut = setTimeout(() => socket.destroy(), CLOSE_GRACE_MS);
        socket.once('close', () => clearTimeout(cut));
      },
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

/** Peers that start together over a stale socket cannot take each other's away: the home's lock lets in one. */
async function open(server: Server, path: string): Promise<void> {
  if (process.platform === 'win32') return listen(server, path);
  secureSocketFolder(path);
  if (existsSync(path) && !(await answers(path))) rmSync(path);
  await listen(server, path);
  chmodSync(path, 0o600);
}

function listen(server: Server, path: string): Promise<void> {
  const { promise, resolve, reject }: PromiseWithResolvers<void> = Promise.withResolvers();
  const fail = (error: Error): void => reject(explain(path, error));
  server.once('error', fail);
  server.listen(path, () => {
    server.off('error', fail);
    resolve();
  });
  return promise;
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

function explain(path: string, error: unknown): ApiError {
  if (codeOf(error) === 'EADDRINUSE') {
    return new ApiError('already-running', `A peer answers on ${path} already.`, { cause: error });
  }
  const message = `The local socket ${path} cannot be opened: ${messageOf(error)}.`;
  return new ApiError('socket-refused', message, { cause: error });
}
