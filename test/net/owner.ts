/** Whose a namespace or folder is: its name says it, so that what a dead runner left behind can be told and removed. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where iproute2 keeps the names of namespaces. */
const NAMESPACES = '/run/netns';
const NAME = /^skerrynet-(\d+)-(\d+)-/;

/** When a process started, in ticks since boot: with its id this names it for ever. Undefined when it is gone. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets, which may hold anything; start time is the 22nd.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined; // No such process.
  }
}

/** In front of the name of everything this process makes. */
export function ownPrefix(): string {
  return `skerrynet-${process.pid}-${startOf(process.pid)}-`;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // Nobody has made a namespace yet.
  }
}

function isLeftOver(name: string): boolean {
  const [, pid, start] = NAME.exec(name) ?? [];
  return pid !== undefined && startOf(Number(pid)) !== start;
}

/** Kills what runs in a namespace, by process id, and deletes it. Synchronous, so that it can run at a process's exit. */
export function deleteNamespace(name: string): void {
  try {
    const pids = execFileSync('ip', ['netns', 'pids', name], { encoding: 'utf8' });
    for (const pid of pids.split('\n').filter((line) => line !== '')) {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It has just ended by itself.
      }
    }
    execFileSync('ip', ['netns', 'del', name], { stdio: 'pipe' });
  } catch (error) {
    // Another runner, which also found the leftover, may have been faster.
    if (namesIn(NAMESPACES).includes(name)) throw error;
  }
}

/** Removes namespaces, processes in them and folders of runners that ended without doing it. Returns how many. */
export function removeLeftovers(): number {
  const namespaces = namesIn(NAMESPACES).filter(isLeftOver);
  for (const name of namespaces) deleteNamespace(name);
  const folders = namesIn(tmpdir()).filter(isLeftOver);
  for (const name of folders) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  return namespaces.length + folders.length;
}
