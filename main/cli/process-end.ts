import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '../base/errors.ts';

const STEP_MS = 25;

/** Whether a process of this machine runs; one that ended and was not yet waited for does not. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
  try {
    // proc_pid_stat(5): the state follows the name, which stands in parentheses and may hold any.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !stat.slice(stat.lastIndexOf(')')).startsWith(') Z');
  } catch {
    // No /proc on this system: the answer to the signal counts.
    return true;
  }
}

/** Returns when the process has ended, or after `timeoutMs`. */
export async function processEnd(pid: number, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (isAlive(pid) && performance.now() < deadline) await sleep(STEP_MS);
}
