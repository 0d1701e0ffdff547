/** Everything that is fuzzed, for as long as asked, and what came of it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { startServer } from '../support/router-process.ts';
import { memoryHook, sample, type Sample } from './memory.ts';
import { everything } from './network-seeds.ts';
import { attack, stillAnswers, targets } from './network.ts';
import type { ParserTask } from './parsers-worker.ts';
import { Random } from './random.ts';

/** Connections at a time. */
const BATCH = 24;
const SAMPLE_EVERY_MS = 1_000;
/** A parser that works longer on one input hangs. */
const HANG_MS = 5_000;
const WATCH_MS = 500;

export interface Figures {
  connections: number;
  bytesBack: number;
  parserInputs: number;
  slowestParseMs: number;
  /** What went wrong; empty when all is well. */
  readonly failures: string[];
  readonly samples: Sample[];
}

export interface FuzzOptions {
  readonly ms: number;
  readonly seed: number;
  onFigures?(figures: Figures): void;
}

export async function runFuzz({ ms, seed, onFigures }: FuzzOptions): Promise<Figures> {
  const figures: Figures = {
    connections: 0,
    bytesBack: 0,
    parserInputs: 0,
    slowestParseMs: 0,
    failures: [],
    samples: [],
  };
  const end = performance.now() + ms;
  await Promise.all([attackRouter(figures, end, seed, onFigures), feedParsers(figures, end, seed)]);
  return figures;
}

async function attackRouter(
  figures: Figures,
  end: number,
  seed: number,
  onFigures?: (figures: Figures) => void,
): Promise<void> {
  await using server = await startServer('router', { config: everything, ...memoryHook });
  let died = false;
  void server.exited.then(() => (died = true));
  let nextSample = 0;
  for (let batch = 0; performance.now() < end; batch++) {
    const random = new Random(seed + batch);
    const received = await Promise.all(
      Array.from({ length: BATCH }, () => attack(server, random.pick(targets), random)),
    );
    figures.connections += BATCH;
    figures.bytesBack += received.reduce((sum, each) => sum + each, 0);
    try {
      await stillAnswers(server);
    } catch (error) {
      figures.failures.push(
        `batch with seed ${seed + batch}: ${String(error)}; the log ends: ${server.log.slice(-3_000)}`,
      );
      if (figures.failures.length > 5) return;
    }
    if (died) {
      figures.failures.push(
        `the router ended, batch with seed ${seed + batch}: ${server.log.slice(-3_000)}`,
      );
      return;
    }
    if (performance.now() < nextSample) continue;
    nextSample = performance.now() + SAMPLE_EVERY_MS;
    figures.samples.push(await sample(server));
    onFigures?.(figures);
  }
}

async function feedParsers(figures: Figures, end: number, seed: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-fuzz-'));
  const progress = new SharedArrayBuffer(4);
  const begun = new Int32Array(progress);
  const task: ParserTask = { seed, folder, progress };
  const worker = new Worker(new URL('parsers-worker.ts', import.meta.url), { workerData: task });
  const done = Promise.withResolvers<{ failures: string[]; slowest: number }>();
  worker.on('message', done.resolve);
  worker.on('error', done.reject);
  let last = -1;
  let changed = performance.now();
  const watch = setInterval(() => {
    const now = performance.now();
    const count = Atomics.load(begun, 0);
    if (count !== last) {
      last = count;
      changed = now;
    } else if (now - changed > HANG_MS && count > 0) {
      done.reject(new Error(`a parser hangs on the input of seed ${seed + count - 1}`));
    }
    if (now > end) worker.postMessage('end');
  }, WATCH_MS);
  try {
    const { failures, slowest } = await done.promise;
    figures.failures.push(...failures);
    figures.slowestParseMs = slowest;
  } catch (error) {
    figures.failures.push(String(error));
  } finally {
    clearInterval(watch);
    figures.parserInputs = Atomics.load(begun, 0);
    await worker.terminate();
    await rm(folder, { recursive: true, force: true });
  }
}
