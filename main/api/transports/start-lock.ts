import { rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '../../base/errors.ts';

/** What happens under the lock takes milliseconds; a lock of this age was left by a killed process. */
const ABANDONED_MS = 5_000;
const RETRY_MS = 25;

/**
 * Runs `work` while no other process runs its own under the same path. The lock is a file that only one
 * process can create. (Two that find the same abandoned lock at the same moment could both go on: that
 * needs a process killed within its few milliseconds and two that start together after it.)
 */
export async function withStartLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  while (!create(path)) {
    if (ageOf(path) > ABANDONED_MS) rmSync(path, { force: true });
    else await sleep(RETRY_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function create(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Milliseconds since the lock was made; 0 when it is gone. A clock that was set back makes it old too. */
function ageOf(path: string): number {
  const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return made === undefined ? 0 : Math.abs(Date.now() - made);
}
