/** Hashes chunks off the main thread. The chunks stand in shared memory: nothing is copied. */
import { parentPort } from 'node:worker_threads';
import { leafHash } from '../chunk-tree.ts';

export interface HashTask {
  /** Names the buffer. */
  readonly slot: number;
  /** The buffer itself, with its first task. */
  readonly memory?: SharedArrayBuffer;
  /** Bytes to hash, from the buffer's start: prefix and chunk. */
  readonly bytes: number;
}

export interface HashDone {
  readonly slot: number;
  readonly leaf: Uint8Array;
}

const buffers = new Map<number, Uint8Array>();

parentPort?.on('message', ({ slot, memory, bytes }: HashTask) => {
  if (memory !== undefined) buffers.set(slot, new Uint8Array(memory));
  const buffer = buffers.get(slot);
  if (buffer === undefined) throw new Error('a task came without its buffer');
  const done: HashDone = { slot, leaf: leafHash(buffer.subarray(0, bytes)) };
  parentPort?.postMessage(done);
});
