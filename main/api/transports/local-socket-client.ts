import { createConnection } from 'node:net';
import { codeOf, messageOf } from '../../base/errors.ts';
import { ClientConnection } from '../client-connection.ts';
import type { ApiClient } from '../contract.ts';
import { ApiError } from '../errors.ts';
import { LineDecoder } from './line-decoder.ts';
import { checkSocketFolder, isInRuntimeFolder } from './local-socket-path.ts';

/** Answers are lists without a bound of their own; this keeps a broken peer from filling our memory. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** How long a peer may take to accept the connection. */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Connects to the peer that listens on a local socket or pipe.
 *
 * @param path from `localSocketPath(home)`
 * @throws ApiError `not-running` when nobody answers, `socket-refused`, `socket-folder-unsafe`; the signal's reason
 */
export async function connectLocalSocket(
  path: string,
  options: { signal?: AbortSignal } = {},
): Promise<ApiClient> {
  options.signal?.throwIfAborted();
  try {
    if (isInRuntimeFolder(path)) checkSocketFolder(path);
  } catch (error) {
    throw codeOf(error) === 'ENOENT' ? notRunning(path, error) : error;
  }
  const socket = createConnection(path);
  await connected(socket, path, options.signal);
  const connection = new ClientConnection({
    send: (text) => socket.write(`${text}\n`),
    end: () => socket.end(),
  });
  const lines = new LineDecoder(MAX_ANSWER_BYTES);
  socket.on('data', (chunk: Buffer) => {
    try {
      for (const line of lines.push(chunk)) connection.receive(line);
    } catch (error) {
      connection.lost(error);
      socket.destroy();
    }
  });
  socket.on('error', (error) => {
    const message = `The connection to the peer broke: ${messageOf(error)}.`;
    connection.lost(new ApiError('connection-lost', message, { cause: error }));
  });
  socket.once('close', () => connection.lost());
  return connection;
}

function connected(
  socket: ReturnType<typeof createConnection>,
  path: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { promise, resolve, reject }: PromiseWithResolvers<void> = Promise.withResolvers();
  const fail = (error: unknown): void => {
    socket.destroy();
    reject(error);
  };
  const onError = (error: Error): void => fail(explain(path, error));
  const onAbort = (): void => fail(signal?.reason);
  const timer = setTimeout(
    () => fail(notRunning(path, new Error('no answer in time'))),
    CONNECT_TIMEOUT_MS,
  );
  socket.once('connect', resolve);
  socket.once('error', onError);
  signal?.addEventListener('abort', onAbort, { once: true });
  return promise.finally(() => {
    clearTimeout(timer);
    socket.off('error', onError);
    signal?.removeEventListener('abort', onAbort);
  });
}

function explain(path: string, error: unknown): ApiError {
  const code = codeOf(error) ?? '';
  if (['ENOENT', 'ECONNREFUSED', 'ENOTDIR', 'ENOTSOCK'].includes(code))
    return notRunning(path, error);
  const message = `The local socket ${path} cannot be used: ${messageOf(error)}.`;
  return new ApiError('socket-refused', message, { cause: error });
}

function notRunning(path: string, cause: unknown): ApiError {
  return new ApiError('not-running', `No peer answers on ${path}.`, { cause });
}
