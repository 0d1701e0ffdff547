import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, onTestFinished } from 'vitest';
import { localSocketPath } from '../../../main/api/transports/local-socket-path.ts';
import { startLocalSocketServer } from '../../../main/api/transports/local-socket-server.ts';
import type { Handlers } from '../../../main/api/contract.ts';
import { run } from '../../../main/cli/run.ts';
import { createLog } from '../../../main/base/log.ts';
import { type FakePeer, fakePeer } from '../../api/support/fake-peer.ts';

export const mainFile = fileURLToPath(new URL('../../../main/cli/main.ts', import.meta.url));

// Commands print local times, in this process and in those it starts.
process.env.TZ = 'UTC';

/** Compiled sources, for this test file: a command then starts in half the time. */
const compileCache = mkdtempSync(join(tmpdir(), 'skerry-cli-cache-'));
afterAll(() => rmSync(compileCache, { recursive: true, force: true }));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  /** Resolves when this much has been written; rejects when the process ends before. */
  seen(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<void>;
}

const UNWANTED = new Set([
  'SKERRY_HOME',
  'SKERRY_PASSPHRASE_FILE',
  'NO_COLOR',
  'FORCE_COLOR',
  'NODE_OPTIONS',
  // Node takes a build machine's terminal for one without colours.
  'CI',
]);

/** The environment of a command: this one's, less what would change what it prints. */
function cleanEnv(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !UNWANTED.has(name));
  return {
    ...Object.fromEntries(inherited),
    LC_ALL: 'C.UTF-8',
    NODE_COMPILE_CACHE: compileCache,
    ...extra,
  };
}

/** Starts a process and collects what it says. It is killed, by its pid, when the test ends before it. */
export function start(
  file: string,
  args: readonly string[],
  options: { env?: Record<string, string>; cwd?: string } = {},
): Running {
  const child = spawn(file, args, { env: cleanEnv(options.env), cwd: options.cwd });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (text.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text.stderr += chunk.toString()));
  // A command that has ended does not read its input any more.
  child.stdin.on('error', () => undefined);
  const { promise: ended, resolve, reject } = Promise.withResolvers<Ended>();
  child.once('error', reject);
  child.once('close', (code, signal) => resolve({ code, signal, ...text }));
  onTestFinished(() => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  });
  return {
    child,
    ended,
    seen: (stream, pattern) =>
      new Promise((found, missing) => {
        const look = (): void => {
          if (pattern.test(text[stream])) found();
        };
        child[stream].on('data', look);
        look();
        ended.then(
          (end) => missing(new Error(`ended without ${pattern}: ${JSON.stringify(end)}`)),
          missing,
        );
      }),
  };
}

/** Runs a command in this process, for what needs none of its own: ten times faster. */
export async function runHere(words: readonly string[]): Promise<Ended> {
  const text = { stdout: '', stderr: '' };
  const into = (stream: keyof typeof text): Writable =>
    new Writable({
      write: (chunk: Buffer, _, done) => {
        text[stream] += chunk.toString();
        done();
      },
    });
  const code = await run(words, { stdout: into('stdout'), stderr: into('stderr') });
  return { code, signal: null, ...text };
}

/** Starts the command from its sources. */
export function startCli(args: readonly string[], options?: Parameters<typeof start>[2]): Running {
  return start(process.execPath, [mainFile, ...args], options);
}

/** Runs the command from its sources to its end, with an empty input. */
export function cli(
  args: readonly string[],
  options?: Parameters<typeof start>[2],
): Promise<Ended> {
  const running = startCli(args, options);
  running.child.stdin.end();
  return running.ended;
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface ServedPeer {
  readonly peer: FakePeer;
  readonly home: string;
  /** Names of the calls it was asked, in order. */
  calls(): string[];
  /** Ends all connections, as a peer that stops does. */
  close(): Promise<void>;
  /** Runs a command on this peer's home, in this process. */
  cli(...words: string[]): Promise<Ended>;
  /** Starts one in a process of its own. */
  start(...words: string[]): Running;
}

/** Serves a fake peer on a home of its own until the test ends. */
export async function servePeer(handlers: Partial<Handlers>): Promise<ServedPeer> {
  const home = temporaryFolder();
  const peer = fakePeer(handlers);
  const asked: string[] = [];
  const noted = Object.entries(peer.handlers).map(([name, handler]) => [
    name,
    (...args: Parameters<typeof handler>) => {
      asked.push(name);
      return (handler as (...all: unknown[]) => unknown)(...args);
    },
  ]);
  const server = await startLocalSocketServer({
    path: localSocketPath(home),
    peer: { ...peer, handlers: Object.fromEntries(noted) as Handlers },
    log: createLog('silent'),
  });
  onTestFinished(() => server.close());
  return {
    peer,
    home,
    calls: () => asked,
    close: () => server.close(),
    cli: (...words) => runHere([...words, '--home', home]),
    start: (...words) => startCli([...words, '--home', home]),
  };
}
