/** How much memory a router keeps, over time. */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ServerOptions, ServerProcess } from '../support/router-process.ts';

/** What makes a router answer `sample`. */
export const memoryHook: Pick<ServerOptions, 'nodeArgs' | 'ipc'> = {
  nodeArgs: ['--expose-gc', '--import', fileURLToPath(new URL('memory-hook.ts', import.meta.url))],
  ipc: true,
};

export interface Sample {
  readonly rss: number;
  /** JavaScript heap and what it holds outside of it. */
  readonly held: number;
}

const MIB = 1024 * 1024;

/** After a garbage collection; bytes. */
export async function sample(server: ServerProcess): Promise<Sample> {
  const answer = once(server.process, 'message') as Promise<[NodeJS.MemoryUsage]>;
  server.process.send('memory');
  const [usage] = await answer;
  return { rss: usage.rss, held: usage.heapUsed + usage.external };
}

export function mebibytes(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}

/** Growth from the first third (after the first tenth) to the last: medians, in bytes. */
export function growth(samples: readonly Sample[]): { held: number; rss: number } {
  const warm = samples.slice(Math.floor(samples.length / 10));
  const third = Math.max(1, Math.floor(warm.length / 3));
  const [early, late] = [warm.slice(0, third), warm.slice(-third)];
  const between = (of: (each: Sample) => number): number =>
    median(late.map(of)) - median(early.map(of));
  return { held: between((each) => each.held), rss: between((each) => each.rss) };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
