import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { ApiError } from '../errors.ts';

/** `sun_path` has 104 bytes on macOS and 108 on Linux, with the NUL at the end. */
const MAX_SOCKET_PATH_BYTES = 103;

/**
 * Where the peer of a home listens for the CLI: `<home>/run/api.sock`; a file in this user's runtime
 * folder when that is too long for a socket; on Windows a named pipe. The same for every way to write the
 * home, so that server and client agree.
 */
export function localSocketPath(home: string): string {
  const canonical = canonicalPath(home);
  if (process.platform === 'win32') {
    return `\\\\.\\pipe\\skerry-${hashOf(canonical.toLowerCase())}`;
  }
  const inHome = join(canonical, 'run', 'api.sock');
  if (Buffer.byteLength(inHome) <= MAX_SOCKET_PATH_BYTES) return inHome;
  return join(runtimeFolder(), `${hashOf(canonical)}.sock`);
}

/** True for a path outside the home, in a place where other users could have made the folder first. */
export function isInRuntimeFolder(path: string): boolean {
  return dirname(path) === runtimeFolder();
}

/**
 * Makes the socket's folder with mode 0700, or takes the one that is there when it is ours.
 * Throws ApiError `socket-folder-unsafe`.
 */
export function secureSocketFolder(path: string): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  checkSocketFolder(path);
  if ((lstatSync(folder).mode & 0o777) !== 0o700) chmodSync(folder, 0o700);
}

/** Throws ApiError `socket-folder-unsafe` when the socket's folder is another user's, or no real folder. */
export function checkSocketFolder(path: string): void {
  const folder = dirname(path);
  const stat = lstatSync(folder);
  if (!stat.isDirectory() || stat.uid !== process.getuid?.()) {
    const message = `${folder} is not a folder of this user; the local socket cannot stand there.`;
    throw new ApiError('socket-folder-unsafe', message);
  }
}

function runtimeFolder(): string {
  const { XDG_RUNTIME_DIR } = process.env;
  const parent = XDG_RUNTIME_DIR && existsSync(XDG_RUNTIME_DIR) ? XDG_RUNTIME_DIR : tmpdir();
  return join(canonicalPath(parent), `skerry-${process.getuid?.() ?? 'user'}`);
}

/** With no links in it, so that every spelling of a home gives one socket. */
function canonicalPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Not there yet: it has the one spelling. Any other trouble shows when the socket is opened.
    return resolve(path);
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
