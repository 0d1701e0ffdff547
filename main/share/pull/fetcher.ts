import type { BufferPool } from '../buffer-pool.ts';
import {
  CHUNK_BYTES,
  GROUP_CHUNKS,
  HASH_BYTES,
  chunkCount,
  chunksInGroup,
  fileId,
} from '../chunk-tree.ts';
import { ShareError } from '../errors.ts';
import { checkProof } from '../proof.ts';
import { shownPath } from '../safe-path.ts';
import { WireError } from '../wire-errors.ts';
import { countBits, hasBit, setBit } from './bitmap.ts';
import type { ChunkBuffer, ChunkHasher } from './chunk-hasher.ts';
import type { FileRepository } from './file-repository.ts';
import { Journal } from './journal.ts';
import { Lane } from './lane.ts';
import { PartFile } from './part-file.ts';
import type { Progress } from './progress.ts';
import type { SourceStream } from './source-stream.ts';
import type { Target } from './target.ts';
import { onTarget } from './target-errors.ts';
import { bytesOf, workload, type LiveFile, type Work } from './workload.ts';

/** Streams of one download. */
const LANES = 4;
/** Chunks of one file that may come wrong before it is given up. */
const MAX_MISMATCHES = 3;

export interface FetchParts {
  readonly share: string;
  readonly open: (signal: AbortSignal) => Promise<SourceStream>;
  readonly files: FileRepository;
  readonly target: Target;
  /** Buffers of a chunk and one byte that is 0x00. */
  readonly pool: BufferPool<ChunkBuffer>;
  readonly hasher: ChunkHasher;
  readonly progress: Progress;
  readonly issued: number;
  /** Files below this index will be asked for: stored before they are. */
  readonly onIssued: (index: number) => void;
  /** Stores the counters; called inside a transaction. */
  readonly onFlush: () => void;
  readonly onProgress: () => void;
  /** A download of one file got another name than its target's. */
  readonly onPlaced: (file: LiveFile, path: string) => void;
  readonly signal: AbortSignal;
}

/**
 * One attempt to fetch all that is missing: work is spread over a few streams, each chunk is verified and
 * written as it comes, whole files get their names. Files that changed at the source are left marked in the
 * store. Rejects with the first error, when everything that was begun has come to rest.
 */
export class Fetcher {
  readonly #parts: FetchParts;
  readonly #journal: Journal;
  readonly #work: Generator<Work>;
  readonly #again: Work[] = [];
  readonly #opened = new Set<LiveFile>();
  readonly #stopped = new AbortController();
  #failure: unknown;
  #running = 0;
  #waiting: (() => void)[] = [];

  constructor(parts: FetchParts) {
    this.#parts = parts;
    this.#journal = new Journal(parts.files, parts.onFlush);
    this.#work = workload(parts.files, parts.issued, parts.onIssued);
  }

  async run(): Promise<void> {
    const onAbort = (): void => this.#fail(this.#parts.signal.reason);
    this.#parts.signal.addEventListener('abort', onAbort);
    if (this.#parts.signal.aborted) onAbort();
    try {
      await Promise.all(Array.from({ length: LANES }, () => this.#lane()));
      while (this.#running > 0) await this.#change();
    } finally {
      this.#parts.signal.removeEventListener('abort', onAbort);
      for (const { part } of this.#opened) {
        await part?.then((open) => open.close()).catch(() => undefined);
      }
      this.#journal.close();
    }
    if (this.#stopped.signal.aborted) throw this.#failure;
  }

  #fail(error: unknown): void {
    if (this.#stopped.signal.aborted) return;
    this.#failure = error;
    this.#stopped.abort(error);
    this.#changed();
  }

  #changed(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The next work; waits while what is under way may still come back. Undefined at the end. */
  async #next(): Promise<Work | undefined> {
    while (!this.#stopped.signal.aborted) {
      const again = this.#again.pop();
      if (again !== undefined) return again;
      const next = this.#work.next();
      if (next.done !== true) return next.value;
      if (this.#running === 0) return undefined;
      await this.#change();
    }
    return undefined;
  }

  /** Takes work until there is none, over one stream that is opened with the first. */
  async #lane(): Promise<void> {
    let lane: Lane | undefined;
    try {
      for (;;) {
        const work = await this.#next();
        if (work === undefined) break;
        if (work.file.changed) continue;
        if (work.count === 0) {
          await this.#whole(work.file);
          continue;
        }
        // Counted from here on, so that other lanes do not take the end for reached.
        this.#running += 1;
        try {
          lane ??= new Lane(await this.#parts.open(this.#stopped.signal), this.#stopped.signal);
          await lane.room();
        } catch (error) {
          this.#running -= 1;
          throw error;
        }
        void this.#fetch(work, lane);
      }
      await lane?.close();
    } catch (error) {
      this.#fail(error);
      lane?.abort();
    } finally {
      this.#changed();
    }
  }

  /** Never rejects. */
  async #fetch(work: Work, lane: Lane): Promise<void> {
    const { file, group, first, count, proof, check } = work;
    const { row } = file;
    const settling: Promise<void>[] = [];
    const answer = lane.begin(bytesOf(work));
    try {
      await lane.stream.read(
        {
          do: 'read',
          share: this.#parts.share,
          path: row.path,
          id: row.id,
          group,
          first,
          count,
          proof,
          check,
        },
        row.size,
        {
          proof: (bytes) => this.#prove(file, group, bytes),
          buffer: () => this.#parts.pool.take(this.#stopped.signal),
          release: (buffer) => this.#parts.pool.release(buffer),
          chunk: (chunk, buffer, length) => {
            answer.received(length);
            settling.push(this.#settle(work, chunk, buffer, length));
          },
        },
      );
    } catch (error) {
      if (error instanceof WireError && isChanged(error)) this.#leave(file);
      else this.#fail(error);
    } finally {
      answer.end();
    }
    await Promise.all(settling);
    this.#running -= 1;
    this.#changed();
  }

  #prove(file: LiveFile, group: number, bytes: Uint8Array): void {
    const leaves = checkProof(file.row, group, bytes);
    if (leaves === undefined) {
      throw new ShareError(
        'chunk-mismatch',
        `The contact's proof for ${shownPath(file.row.path)} does not fit the file.`,
      );
    }
    const live = file.groups.get(group);
    if (live === undefined || file.changed) return;
    live.leaves = leaves;
    this.#journal.proven(file.row.index, group, leaves);
  }

  /** Verifies and stores one chunk. Never rejects. */
  async #settle(work: Work, chunk: number, buffer: ChunkBuffer, length: number): Promise<void> {
    const { file, group } = work;
    try {
      const hashed = this.#parts.hasher.leafOf(buffer, length);
      const leaf = hashed instanceof Uint8Array ? hashed : await hashed;
      // After trouble on the link, what has come is still kept; after a cancel it is not.
      if (this.#parts.signal.aborted || file.changed) return;
      if (!isExpected(file, group, chunk, leaf)) this.#mismatch(work, chunk);
      else if (chunkCount(file.row.size) === 1) await this.#storeAlone(file, buffer, length);
      else await this.#store(file, group, chunk, buffer, length);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#parts.pool.release(buffer);
    }
  }

  #mismatch(work: Work, chunk: number): void {
    const { file } = work;
    file.mismatches += 1;
    if (file.mismatches > MAX_MISMATCHES) {
      throw new ShareError(
        'chunk-mismatch',
        `A part of ${shownPath(file.row.path)} came wrong ${file.mismatches} times.`,
      );
    }
    this.#again.push({ ...work, first: chunk, count: 1, proof: false, check: true });
  }

  async #store(
    file: LiveFile,
    group: number,
    chunk: number,
    buffer: Buffer,
    length: number,
  ): Promise<void> {
    const { row } = file;
    const position = (group * GROUP_CHUNKS + chunk) * CHUNK_BYTES;
    const path = this.#parts.target.part(row.index);
    await onTarget(path, async () => {
      const part = await this.#open(file);
      await part.write(buffer.subarray(1, 1 + length), position);
    });
    const live = file.groups.get(group);
    if (live === undefined || hasBit(live.bits, chunk)) return;
    setBit(live.bits, chunk);
    this.#journal.verified(row.index, group, live.bits);
    if (countBits(live.bits) === chunksInGroup(row.size, group)) file.groups.delete(group);
    file.left -= 1;
    this.#parts.progress.received(length);
    this.#parts.onProgress();
    if (file.left === 0) await this.#whole(file);
  }

  /** The part of a file of several chunks; several may ask at once. */
  #open(file: LiveFile): Promise<PartFile> {
    if (file.part === undefined) {
      file.part = this.#openPart(file);
      this.#opened.add(file);
    }
    return file.part;
  }

  async #openPart({ row, kept }: LiveFile): Promise<PartFile> {
    const path = this.#parts.target.part(row.index);
    if (!kept) return PartFile.create(path, row.executable);
    const part = await PartFile.reopen(path, 'write');
    if (part === undefined)
      throw new ShareError('target-missing', `The part file ${path} is gone.`);
    return part.file;
  }

  /** A file of one chunk: made, written and named in one go. */
  async #storeAlone(file: LiveFile, buffer: Buffer, length: number): Promise<void> {
    const { row } = file;
    const path = this.#parts.target.part(row.index);
    await onTarget(path, async () => {
      const part = await PartFile.create(path, row.executable);
      try {
        await part.write(buffer.subarray(1, 1 + length), 0);
      } catch (error) {
        await part.close();
        throw error;
      }
      await part.finish(row.size, row.modifiedAt);
    });
    this.#parts.progress.received(length);
    await this.#name(file);
  }

  /** Nothing of it is missing: an empty folder, an empty file, or one whose last chunk was written. */
  async #whole(file: LiveFile): Promise<void> {
    const { row } = file;
    const { target } = this.#parts;
    if (row.kind === 'folder') {
      await onTarget(target.final(row.local), () => target.folder(row.local));
      this.#journal.done(row.index);
      return;
    }
    await onTarget(target.part(row.index), async () => {
      const part = row.size > 0 ? await this.#open(file) : await this.#openPart(file);
      this.#opened.delete(file);
      await part.finish(row.size, row.modifiedAt);
    });
    await this.#name(file);
  }

  async #name(file: LiveFile): Promise<void> {
    const { row } = file;
    this.#parts.onPlaced(file, await this.#parts.target.place(row.index, row.local));
    this.#journal.done(row.index);
    this.#parts.progress.filesDone += 1;
    this.#parts.onProgress();
  }

  /** The source has another file there now: what was fetched of it is of no use. */
  #leave(file: LiveFile): void {
    if (file.changed) return;
    file.changed = true;
    this.#journal.changed(file.row.index);
  }
}

function isChanged({ wire }: WireError): boolean {
  return wire === 'file-changed' || wire === 'path-unknown';
}

/** Whether a chunk is the one that the owner signed for. */
function isExpected(file: LiveFile, group: number, chunk: number, leaf: Uint8Array): boolean {
  const { row } = file;
  if (chunkCount(row.size) === 1) return Buffer.compare(fileId(row.size, leaf), row.id) === 0;
  const leaves = file.groups.get(group)?.leaves;
  const expected = leaves?.subarray(chunk * HASH_BYTES, (chunk + 1) * HASH_BYTES);
  return expected !== undefined && Buffer.compare(leaf, expected) === 0;
}
