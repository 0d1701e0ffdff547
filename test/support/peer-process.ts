/** Real headless peers as processes of their own, driven by the real command line. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Status } from '../../main/api/contract.ts';

const launcher = fileURLToPath(new URL('../../bin/skerry', import.meta.url));

interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command to its end. */
export function runSkerry(home: string, args: readonly string[], cwd?: string): Promise<CliResult> {
  return new Promise((resolve) => {
    execFile(
      launcher,
      ['--home', home, ...args],
      { maxBuffer: 64 * 1024 * 1024, ...(cwd !== undefined && { cwd }) },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ code, stdout, stderr });
      },
    );
  });
}

export interface PeerProcess {
  readonly home: string;
  readonly pid: number;
  readonly status: Status;
  /** The UI's one-time address. */
  readonly url: string | null;
  /** What the peer logged so far. */
  log(): string;
  /** A command's `--json` answer; rejects with its error line when it fails. */
  json<T>(...args: string[]): Promise<T>;
  run(args: readonly string[], cwd?: string): Promise<CliResult>;
  /** SIGKILL, and gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/**
 * Starts `skerry up` and resolves when it is ready.
 *
 * @param surroundings a command that runs it somewhere else (`ip netns exec …`), and environment variables
 */
export async function startPeer(
  home: string,
  args: readonly string[] = [],
  surroundings: { readonly within?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<PeerProcess> {
  const { within = [], env } = surroundings;
  const [command = launcher, ...words] = [...within, launcher, '--home', home, 'up', '--json'];
  const child: ChildProcess = spawn(command, [...words, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Nothing is said to the network that this machine is in.
    env: { ...process.env, SKERRY_DISCOVERY: 'off', ...env },
  });
  let log = '';
  child.stderr?.on('data', (text: Buffer) => {
    log = (log + text.toString()).slice(-100_000);
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const ready = await new Promise<{ status: Status; url: string | null }>((resolve, reject) => {
    if (child.stdout === null) throw new Error('no standard output');
    createInterface({ input: child.stdout }).once('line', (line) => {
      resolve(JSON.parse(line) as { status: Status; url: string | null });
    });
    void ended.then((code) => reject(new Error(`skerry up ended with ${code}: ${log}`)));
  });
  const run = (command: readonly string[], cwd?: string): Promise<CliResult> =>
    runSkerry(home, command, cwd);
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return ended;
  };
  return {
    home,
    pid: child.pid ?? 0,
    status: ready.status,
    url: ready.url,
    log: () => log,
    run,
    async json<T>(...command: string[]): Promise<T> {
      const { code, stdout, stderr } = await run([...command, '--json']);
      if (code !== 0) throw new Error(`skerry ${command.join(' ')} failed: ${stdout}${stderr}`);
      return JSON.parse(stdout) as T;
    },
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
  };
}

/** A folder for the homes and files of one test; removed by `[Symbol.dispose]`. */
export function scratchFolder(): Disposable & { path(...names: string[]): string } {
  const root = mkdtempSync(join(tmpdir(), 'skerry-e2e-'));
  return {
    path: (...names) => join(root, ...names),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** `b` adds an invite of `a`; resolves when both are linked. */
export async function introduce(a: PeerProcess, b: PeerProcess): Promise<void> {
  const { link } = await a.json<{ link: string }>('invite');
  await b.json('add', link, '--yes');
  await until(async () => {
    const [ofA, ofB] = await Promise.all([
      a.json<{ peer: string }[]>('links'),
      b.json<{ peer: string }[]>('links'),
    ]);
    return (
      ofA.some(({ peer }) => peer === b.status.key) && ofB.some(({ peer }) => peer === a.status.key)
    );
  }, 'both peers are linked');
}

/** Waits until `condition` holds, asking every 100 ms. */
export async function until(
  condition: () => Promise<boolean> | boolean,
  what: string,
  timeoutMs = 20_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`timed out: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
