/** The servers that are compared: the same configuration text for both. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { natsServerBinary } from '../../support/nats-server.ts';

export interface BenchServer {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

export type Kind = 'skerry' | 'nats-server';

const READY_MS = 10_000;
const program =
  process.env['SKERRY_BENCH_PROGRAM'] ??
  fileURLToPath(new URL('../../../dist/main/cli/main.js', import.meta.url));

/** @param config text without host and port of the client listener */
export async function startServer(kind: Kind, config: string): Promise<BenchServer> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-bench-'));
  const file = join(folder, 'server.conf');
  await writeFile(file, config);
  const args = ['-c', file, '-a', '127.0.0.1', '-p', '-1', '--ports_file_dir', folder];
  const child =
    kind === 'skerry'
      ? spawn(process.execPath, [program, 'router', ...args], { stdio: 'ignore' })
      : spawn(natsServerBinary(), args, { stdio: 'ignore' });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const port = await portOf(folder, child.pid ?? 0);
    return { pid: child.pid ?? 0, port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function portOf(folder: string, pid: number): Promise<number> {
  const deadline = performance.now() + READY_MS;
  while (performance.now() < deadline) {
    const name = (await readdir(folder)).find((file) => file.endsWith(`_${String(pid)}.ports`));
    if (name !== undefined) {
      const text = await readFile(join(folder, name), 'utf8');
      const url = /nats:\/\/[^"]+/.exec(text)?.[0];
      if (url !== undefined) return Number(new URL(url).port);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('the server does not say where it listens');
}
