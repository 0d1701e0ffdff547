/** Secret files on disk: bounded reads, and writes that are whole or not there. */
import { randomBytes } from 'node:crypto';
import { link, lstat, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf } from '../../base/errors.ts';
import { IdentityError } from '../errors.ts';

const POSIX = process.platform !== 'win32';
/** A temporary file older than this was left by a killed process. */
const STALE_MS = 60_000;

/** The bytes of a file, or undefined when there is none. Throws IdentityError `keys-unusable`, `keys-permissions`. */
export async function readSecretFile(
  path: string,
  maxLength: number,
): Promise<Uint8Array | undefined> {
  try {
    const handle = await open(path, 'r');
    try {
      const bytes = Buffer.alloc(maxLength + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await handle.read(bytes, length, bytes.length - length, null);
        length += bytesRead;
        if (bytesRead === 0 || length === bytes.length) break;
      }
      return bytes.subarray(0, length);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw fileError(error, path, 'read');
  }
}

/** Throws IdentityError `keys-permissions` when others than the owner have rights on a file (POSIX). */
export async function assertPrivate(path: string): Promise<void> {
  if (!POSIX) return;
  const { mode, uid } = await stat(path);
  const me = process.getuid?.() ?? uid;
  if ((mode & 0o077) !== 0) {
    const shown = (mode & 0o777).toString(8).padStart(4, '0');
    throw new IdentityError(
      'keys-permissions',
      `Other users of this computer have rights on ${path} (mode ${shown}, must be 0600).`,
    );
  }
  if (uid !== me && me !== 0) {
    throw new IdentityError('keys-permissions', `${path} belongs to another user.`);
  }
}

/**
 * Creates a file of mode 0600, whole and on disk, and never in place of another one: a temporary file is
 * written, synced, and linked to the name. False when the name is taken.
 */
export async function createSecretFile(path: string, bytes: Uint8Array): Promise<boolean> {
  return throughTemporary(path, bytes, async (temporary) => {
    try {
      await link(temporary, path);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      // File systems without hard links (FAT, some network drives); the home's lock keeps others away.
      if (await isTaken(path)) return false;
      await rename(temporary, path);
    }
    return true;
  });
}

/** Puts a file of mode 0600 in place of the one there, in one step. */
export async function replaceSecretFile(path: string, bytes: Uint8Array): Promise<void> {
  await throughTemporary(path, bytes, (temporary) => rename(temporary, path));
}

/** Removes what a process that was killed while writing `path` left beside it. */
export async function sweepTemporaries(path: string): Promise<void> {
  const folder = dirname(path);
  const prefix = `${basename(path)}.`;
  for (const name of await readdir(folder)) {
    const middle = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    if (!/^[0-9a-f]{12}\.tmp$/.test(middle)) continue;
    const leftover = join(folder, name);
    const { mtimeMs } = await lstat(leftover);
    if (Date.now() - mtimeMs > STALE_MS) await rm(leftover, { force: true });
  }
}

async function throughTemporary<T>(
  path: string,
  bytes: Uint8Array,
  place: (temporary: string) => Promise<T>,
): Promise<T> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    const placed = await place(temporary);
    await syncFolder(dirname(path));
    return placed;
  } catch (error) {
    throw fileError(error, path, 'written');
  } finally {
    await rm(temporary, { force: true });
  }
}

/** A new name is only safe from power loss when its folder is synced; Windows has no such call. */
async function syncFolder(folder: string): Promise<void> {
  if (!POSIX) return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function isTaken(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

function fileError(error: unknown, path: string, done: 'read' | 'written'): IdentityError {
  const code = codeOf(error);
  if (code === 'EACCES' || code === 'EPERM') {
    return new IdentityError('keys-permissions', `${path} cannot be ${done}: no permission.`, {
      cause: error,
    });
  }
  const why = code === 'ENOSPC' || code === 'EDQUOT' ? 'the disk is full' : (code ?? 'unknown');
  return new IdentityError('keys-unusable', `${path} cannot be ${done}: ${why}.`, { cause: error });
}
