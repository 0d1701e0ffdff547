/**
 * A server in a process of its own: our router (`skerry router`) or a real nats-server, started with the same
 * flags and the same configuration, so that one test can ask both the same things.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { natsServerBinary } from '../../support/nats-server.ts';

const READY_MS = 15_000;
const STOP_MS = 1_000;
/** At least this much of a log's end is kept: a server under fuzzing writes gigabytes. */
const LOG_CHARS = 1_000_000;
const root = fileURLToPath(new URL('../../..', import.meta.url));

export type ServerKind = 'nats-server' | 'router';

/** TCP ports on 127.0.0.1; undefined where the configuration opens no such listener. */
export interface ServerPorts {
  readonly client: number;
  readonly monitoring: number | undefined;
  readonly websocket: number | undefined;
  readonly leafnodes: number | undefined;
}

export interface ServerOptions {
  /** nats.conf text, without `listen`: the client port is chosen by flags. */
  readonly config?: string;
  /** Files beside the configuration, by relative path; the process' working directory is that folder. */
  readonly files?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** The client port; any free one when absent. */
  readonly port?: number;
  /** Flags of Node, for the router only. */
  readonly nodeArgs?: readonly string[];
  /** Opens `child.send`, for a module in `nodeArgs` that answers. */
  readonly ipc?: boolean;
}

export class ServerProcess {
  readonly kind: ServerKind;
  readonly folder: string;
  readonly #options: ServerOptions;
  #child: ChildProcess | undefined;
  #log = '';
  #ports: ServerPorts | undefined;
  #exited: Promise<number | NodeJS.Signals | null> = Promise.resolve(null);

  constructor(kind: ServerKind, folder: string, options: ServerOptions) {
    this.kind = kind;
    this.folder = folder;
    this.#options = options;
  }

  get ports(): ServerPorts {
    if (this.#ports === undefined) throw new Error(`${this.kind} is not running`);
    return this.#ports;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.ports.client}`;
  }

  get process(): ChildProcess {
    if (this.#child === undefined) throw new Error(`${this.kind} is not running`);
    return this.#child;
  }

  /** The last of what it wrote to stderr. */
  get log(): string {
    return this.#log;
  }

  /** Exit code or signal of the process that was started last. */
  get exited(): Promise<number | NodeJS.Signals | null> {
    return this.#exited;
  }

  async start(config = this.#options.config ?? ''): Promise<void> {
    await this.stop();
    await this.configure(config);
    const port = this.#ports?.client ?? this.#options.port ?? -1;
    const flags = ['-c', 'server.conf', '-a', '127.0.0.1', '-p', String(port)];
    flags.push(...(this.#options.args ?? []));
    const [command, args] =
      this.kind === 'nats-server'
        ? [natsServerBinary(), flags]
        : [process.execPath, [...(this.#options.nodeArgs ?? []), ...routerCommand, ...flags]];
    const ipc = this.#options.ipc === true ? (['ipc'] as const) : [];
    const child = spawn(command, args, {
      cwd: this.folder,
      stdio: ['ignore', 'ignore', 'pipe', ...ipc],
      env: { ...process.env, NODE_NO_WARNINGS: '1', NODE_COMPILE_CACHE: compileCache },
    });
    this.#child = child;
    this.#log = '';
    this.#exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve(signal ?? code));
      child.once('error', () => resolve(null));
    });
    this.#ports = await this.#ready(child);
  }

  /** Writes the configuration that the next start or reload reads. */
  async configure(config: string): Promise<void> {
    await writeFile(join(this.folder, 'server.conf'), config);
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** Waits until the log has something; throws with the log after `ms`. */
  async logged(what: RegExp, ms = 5_000): Promise<void> {
    const end = Date.now() + ms;
    while (!what.test(this.#log)) {
      if (Date.now() > end) throw new Error(`${this.kind} did not log ${what}:\n${this.#log}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | NodeJS.Signals | null> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return null;
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return this.#exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Not killed at once: a Node that ends by itself keeps what it compiled for the next one.
    const kill = setTimeout(() => void this.#child?.kill('SIGKILL'), STOP_MS);
    const child = this.#child;
    if (child?.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await this.#exited;
    clearTimeout(kill);
    await rm(this.folder, { recursive: true, force: true });
  }

  #ready(child: ChildProcess): Promise<ServerPorts> {
    let ready = false;
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        clearTimeout(timer);
        reject(new Error(`${this.kind} ${why}:\n${this.#log}`));
      };
      const timer = setTimeout(() => fail('did not get ready'), READY_MS);
      child.once('error', (error) => fail(error.message));
      child.once('exit', (code, signal) => fail(`ended with ${signal ?? code}`));
      child.stderr?.on('data', (chunk: Buffer) => {
        this.#log += chunk.toString();
        if (this.#log.length > 2 * LOG_CHARS) this.#log = this.#log.slice(-LOG_CHARS);
        if (ready) return;
        const ports = portsIn(this.#log);
        if (ports === undefined) return;
        ready = true;
        clearTimeout(timer);
        resolve(ports);
      });
    });
  }
}

/** Sources are stripped and compiled once, not for every router that a test starts. */
const compileCache = join(root, 'node_modules/.cache/skerry-router');

const routerCommand = [join(root, 'main/cli/main.ts'), 'router'];

/** Starts a server in a temporary folder; `await using` stops it and removes the folder. */
export async function startServer(
  kind: ServerKind,
  options: ServerOptions = {},
): Promise<ServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), `skerry-${kind}-`));
  const server = new ServerProcess(kind, folder, options);
  try {
    for (const [path, text] of Object.entries(options.files ?? {})) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    await server.start();
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

/** The ports as the log names them, once the server is ready. */
function portsIn(log: string): ServerPorts | undefined {
  if (!log.includes('Server is ready')) return undefined;
  const port = (line: RegExp): number | undefined => {
    const digits = line.exec(log)?.[1];
    return digits === undefined ? undefined : Number(digits);
  };
  const client = port(/Listening for client connections on \S*:(\d+)/);
  if (client === undefined) return undefined;
  return {
    client,
    monitoring: port(/Starting https? monitor on \S*:(\d+)/),
    websocket: port(/Listening for websocket clients on \S*:(\d+)/),
    leafnodes: port(/Listening for leafnode connections on \S*:(\d+)/),
  };
}
