import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import DatabaseConstructor, { type Database } from 'better-sqlite3';
import { codeOf } from '../base/errors.ts';
import { StoreError } from './errors.ts';

export interface HomeLock extends Disposable {
  /** Lets others in. Idempotent. */
  release(): void;
}

/**
 * Takes a home folder (created when absent, mode 0700) for this peer alone.
 *
 * The lock is the kernel's, on the empty file `peer.lock`, taken through SQLite because that is the one
 * portable file lock we have: it ends with the process however that ends, so there are no stale locks to
 * guess about, no reused pids, and no race between two who find one. `peer.pid` beside it only says whose
 * it is. Nothing else may open `peer.lock` in this process: POSIX drops a process's locks on a file with
 * any close of it (SQLite's own are safe from each other).
 *
 * @throws StoreError `home-in-use` (names the pid), `home-unlockable`
 */
export function lockHome(home: string): HomeLock {
  const lockFile = join(home, 'peer.lock');
  const pidFile = join(home, 'peer.pid');
  let db: Database | undefined;
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    db = new DatabaseConstructor(lockFile, { timeout: 0 });
    db.exec('BEGIN EXCLUSIVE');
    if (process.platform !== 'win32') chmodSync(lockFile, 0o600);
    writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  } catch (error) {
    db?.close();
    throw codeOf(error) === 'SQLITE_BUSY' ? inUse(home, pidFile) : unlockable(home, error);
  }

  const held = db;
  const release = (): void => {
    if (!held.open) return;
    rmSync(pidFile, { force: true });
    held.close();
  };
  return { release, [Symbol.dispose]: release };
}

function inUse(home: string, pidFile: string): StoreError {
  let pid = '';
  try {
    pid = readFileSync(pidFile, 'latin1').trim();
  } catch {
    // Its owner is just starting or stopping: the lock alone decides, the pid is for people.
  }
  const who = /^\d{1,10}$/.test(pid) ? `process ${pid}` : 'another process';
  return new StoreError('home-in-use', `The home folder ${home} is in use by ${who}.`);
}

function unlockable(home: string, cause: unknown): StoreError {
  const code = codeOf(cause) ?? 'unknown';
  return new StoreError('home-unlockable', `The home folder ${home} cannot be locked (${code}).`, {
    cause,
  });
}
