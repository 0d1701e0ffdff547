import { Worker } from 'node:worker_threads';
import { workerEntry } from '../../base/worker-entry.ts';
import { CHUNK_BYTES, LEAF_PREFIX, leafHash } from '../chunk-tree.ts';
import type { HashDone, HashTask } from './hash-worker.ts';

/** Up to this size the way to the other thread and back costs more than the hash: 0.1 ms. */
const INLINE_BYTES = 32 * 1024;
/** The thread ends after this long without work, and its memory with it. */
const LINGER_MS = 10_000;

/** A chunk's place in memory that the hashing thread sees too: one prefix byte, then the chunk. */
export type ChunkBuffer = Buffer<SharedArrayBuffer>;

export function createChunkBuffer(): ChunkBuffer {
  const buffer = Buffer.from(new SharedArrayBuffer(1 + CHUNK_BYTES));
  buffer[0] = LEAF_PREFIX;
  return buffer;
}

/**
 * Leaf hashes of chunks, made on a thread of its own that runs while there is work. WebCrypto's thread pool
 * would do too, but copies each chunk first, on the main thread.
 */
export class ChunkHasher {
  readonly #slots = new Map<SharedArrayBuffer, number>();
  readonly #waiting = new Map<number, PromiseWithResolvers<Uint8Array>>();
  #worker: Worker | undefined;
  #linger: NodeJS.Timeout | undefined;

  /**
   * The leaf hash of the `length` bytes behind the prefix. The buffer must stay as it is until then, and has
   * one hash under way at a time.
   */
  leafOf(buffer: ChunkBuffer, length: number): Uint8Array | Promise<Uint8Array> {
    if (length <= INLINE_BYTES) return leafHash(buffer.subarray(0, 1 + length));
    clearTimeout(this.#linger);
    const worker = (this.#worker ??= this.#start());
    const known = this.#slots.get(buffer.buffer);
    const slot = known ?? this.#slots.size;
    this.#slots.set(buffer.buffer, slot);
    const task: HashTask = {
      slot,
      bytes: 1 + length,
      ...(known === undefined && { memory: buffer.buffer }),
    };
    const done = Promise.withResolvers<Uint8Array>();
    this.#waiting.set(slot, done);
    worker.postMessage(task);
    return done.promise;
  }

  /** Ends the thread; what is under way fails. Idempotent. */
  async close(): Promise<void> {
    clearTimeout(this.#linger);
    const worker = this.#worker;
    this.#forget(new Error('the hashing thread was ended'));
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(workerEntry(import.meta.url, './hash-worker'), { name: 'hash' });
    worker.unref();
    worker.on('message', ({ slot, leaf }: HashDone) => {
      const done = this.#waiting.get(slot);
      this.#waiting.delete(slot);
      if (this.#waiting.size === 0) this.#rest();
      done?.resolve(leaf);
    });
    worker.on('error', (error) => {
      if (this.#worker === worker) this.#forget(error);
    });
    return worker;
  }

  #rest(): void {
    clearTimeout(this.#linger);
    this.#linger = setTimeout(() => void this.close(), LINGER_MS).unref();
  }

  /** The thread is gone, and what it knew. */
  #forget(reason: unknown): void {
    this.#worker = undefined;
    this.#slots.clear();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const done of waiting) done.reject(reason);
  }
}
