/** A thread that feeds mutated input to the parsers, so that one which never returns can be ended. */
import { parentPort, workerData } from 'node:worker_threads';
import { configInput, jwtInput } from './parser-inputs.ts';
import { Random } from './random.ts';

export interface ParserTask {
  readonly seed: number;
  readonly folder: string;
  /** Index 0: how many inputs were begun. */
  readonly progress: SharedArrayBuffer;
}

/** Inputs between two breaths. */
const CHUNK = 20;

const { seed, folder, progress } = workerData as ParserTask;
const begun = new Int32Array(progress);
let ended = false;
let slowest = 0;
parentPort?.once('message', () => (ended = true));

const failures: string[] = [];
for (let i = 0; !ended; i++) {
  const random = new Random(seed + i);
  Atomics.store(begun, 0, i + 1);
  const start = performance.now();
  try {
    if (i % 2 === 0) configInput(random, folder);
    else jwtInput(random);
  } catch (error) {
    failures.push(`seed ${seed + i}: ${error instanceof Error ? error.message : String(error)}`);
    if (failures.length > 20) break;
  }
  slowest = Math.max(slowest, performance.now() - start);
  if (i % CHUNK === CHUNK - 1) await new Promise((resolve) => setImmediate(resolve));
}
parentPort?.postMessage({ failures, slowest: Math.round(slowest) });
