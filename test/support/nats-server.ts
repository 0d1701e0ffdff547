/** A real nats-server for tests: on a free port of loopback, ready when `startNatsServer` resolves. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const READY_MS = 10_000;

export interface NatsServer {
  /** `nats://127.0.0.1:port` */
  readonly url: string;
  readonly port: number;
  /** Stops the process; a killed server says nothing to its clients. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port, with another configuration if one is given. */
  start(config?: string): Promise<void>;
  /** Stops it and removes its files. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** The path of the binary; throws with what to do when there is none. */
export function natsServerBinary(): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/bin'];
  const names = process.platform === 'win32' ? ['nats-server.exe'] : ['nats-server'];
  const paths = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  const binary = paths.find((path) => existsSync(path));
  if (binary !== undefined) return binary;
  throw new Error(
    'These tests need a real nats-server and found none on PATH. Install it: ' +
      '`apt install nats-server`, `brew install nats-server`, or https://github.com/nats-io/nats-server/releases.',
  );
}

/** @param config text of a nats-server configuration, without host and port */
export async function startNatsServer(config = ''): Promise<NatsServer> {
  const binary = natsServerBinary();
  const folder = await mkdtemp(join(tmpdir(), 'skerry-nats-'));
  const file = join(folder, 'server.conf');
  let child: ChildProcess | undefined;
  let port = -1;

  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const exited = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    await exited;
  };
  const start = async (text = config): Promise<void> => {
    await stop();
    await writeFile(file, text);
    const args = ['-c', file, '-a', '127.0.0.1', '-p', String(port)];
    child = spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    port = await listening(child);
  };

  try {
    await start();
  } catch (error) {
    await stop('SIGKILL');
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    stop,
    start,
    async [Symbol.asyncDispose]() {
      await stop('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The port, as soon as the server says that it is ready. */
function listening(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let log = '';
    const fail = (why: string): void => reject(new Error(`nats-server ${why}:\n${log}`));
    const timer = setTimeout(() => fail('did not get ready'), READY_MS);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with ${code}`);
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      // Read to the end all the same: a full pipe would stop the server.
      if (log.length > 100_000) return;
      log += chunk.toString();
      const port = /Listening for client connections on .*:(\d+)/.exec(log)?.[1];
      if (port === undefined || !log.includes('Server is ready')) return;
      clearTimeout(timer);
      resolve(Number(port));
    });
  });
}
