/**
 * A socket whose large writes are made by libuv's thread pool. The copy into the kernel is a sixth (100
 * connections to 100) to a half (1 to 100) of the work; made there, the event loop has this time for parsing and matching.
 *
 * It stays Node's socket in everything else: the order of writes, `end`, back pressure and errors are those of
 * its stream, which has one write under way at a time and is told when that is over.
 */
import { write, writev } from 'node:fs';
import { Socket } from 'node:net';
import { availableParallelism } from 'node:os';

/** Less than this many bytes are copied sooner than they are handed over: round trips of small messages stay short. */
const WORTH_IT = 8_192;

/** A piece as a stream hands it on. */
interface Piece {
  readonly chunk: Uint8Array;
  readonly encoding: BufferEncoding;
}

type Done = (error?: Error | null) => void;

let allowed = false;

/**
 * From now on the sockets of this process may use its thread pool for writes. The pool is the process's: only
 * a program that is nothing but a router should do this, since a lookup or a slow disk of anything else would
 * hold up writes.
 */
export function writeInThreadPool(): void {
  allowed = availableParallelism() > 1;
}

export class PoolSocket extends Socket {
  /** A write is under way in the pool: the descriptor must not be closed, its number could be another's by then. */
  #writing = false;
  #destroyWhenWritten: (() => void) | undefined;

  override _write(chunk: Uint8Array, encoding: BufferEncoding, done: Done): void {
    const fd = this.#descriptorFor(chunk.length);
    if (fd === undefined) {
      super._write(chunk, encoding, done);
      return;
    }
    this.#writing = true;
    write(fd, chunk, 0, chunk.length, null, (error, written) => {
      const rest = error === null ? chunk.subarray(written) : chunk;
      this.#written(rest.length === 0, done, () => super._write(rest, encoding, done));
    });
  }

  override _writev(pieces: Piece[], done: Done): void {
    const chunks = pieces.map(({ chunk }) => chunk);
    const fd = this.#descriptorFor(chunks.reduce((sum, { length }) => sum + length, 0));
    if (fd === undefined) {
      this.#writevHere(pieces, done);
      return;
    }
    this.#writing = true;
    writev(fd, chunks, (error, written) => {
      const rest = error === null ? without(pieces, written) : pieces;
      this.#written(rest.length === 0, done, () => this.#writevHere(rest, done));
    });
  }

  override _destroy(error: Error | null, done: Done): void {
    if (!this.#writing) super._destroy(error, done);
    else this.#destroyWhenWritten = () => super._destroy(error, done);
  }

  #writevHere(pieces: Piece[], done: Done): void {
    super._writev?.(pieces, done);
  }

  /** Undefined: to be written by the event loop, as where a socket is no descriptor (Windows). */
  #descriptorFor(length: number): number | undefined {
    if (!allowed || length < WORTH_IT) return undefined;
    const { _handle: handle } = this as unknown as { _handle: { fd?: number } | null };
    const fd = handle?.fd ?? -1;
    return fd > 0 ? fd : undefined;
  }

  /** What did not go, for want of room or for an error, goes the usual way, which waits or says what is wrong. */
  #written(all: boolean, done: Done, writeRest: () => void): void {
    this.#writing = false;
    if (this.#destroyWhenWritten !== undefined) {
      done();
      this.#destroyWhenWritten();
    } else if (all) done();
    else writeRest();
  }
}

/** What is left of pieces after so many bytes of them. */
function without(pieces: readonly Piece[], written: number): Piece[] {
  const rest: Piece[] = [];
  let skip = written;
  for (const { chunk, encoding } of pieces) {
    if (skip < chunk.length) rest.push({ chunk: chunk.subarray(skip), encoding });
    skip = Math.max(0, skip - chunk.length);
  }
  return rest;
}
