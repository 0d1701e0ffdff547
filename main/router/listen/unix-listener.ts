import { chmodSync, existsSync, lstatSync, unlinkSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { codeOf } from '../../base/errors.ts';
import { RouterError } from '../errors.ts';
import { TcpListener } from './tcp-listener.ts';

/** Nobody but this user. */
const MODE = 0o600;

/**
 * A listener on a Unix socket, or on Windows a named pipe (`\\.\pipe\…`). What is left of a router that was
 * killed is taken away first.
 *
 * @throws RouterError 'router-listen' when another one listens there, or something else stands there
 */
export async function openUnixListener(
  path: string,
  accept: (socket: Socket) => void,
): Promise<TcpListener> {
  if (isPipe(path)) return await TcpListener.open({ path }, accept);
  await removeStale(path);
  const listening = TcpListener.open({ path }, accept);
  // It is there already; `umask` would do for a process but not for a worker thread.
  if (existsSync(path)) chmodSync(path, MODE);
  return await listening;
}

function isPipe(path: string): boolean {
  return process.platform === 'win32' || path.startsWith('\\\\');
}

async function removeStale(path: string): Promise<void> {
  let isSocket: boolean;
  try {
    isSocket = lstatSync(path).isSocket();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw new RouterError('router-listen', `${path} cannot be looked at.`, { cause: error });
  }
  if (!isSocket) throw new RouterError('router-listen', `${path} is there and is no socket.`);
  if (await answers(path)) {
    throw new RouterError('router-listen', `Another program listens on ${path}.`);
  }
  unlinkSync(path);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const done = (is: boolean) => (): void => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', done(true));
    socket.once('error', done(false));
  });
}
