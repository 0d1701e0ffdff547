import type { BufferPool } from '../buffer-pool.ts';
import {
  CHUNK_BYTES,
  GROUP_CHUNKS,
  HASH_BYTES,
  chunkCount,
  chunkLength,
  chunksInGroup,
  fileId,
  treeRoot,
} from '../chunk-tree.ts';
import { BITMAP_BYTES, hasBit, setBit } from './bitmap.ts';
import type { ChunkBuffer, ChunkHasher } from './chunk-hasher.ts';
import { countedOf } from './counted.ts';
import { FileState, type FileRepository, type FileRow, type GroupRow } from './file-repository.ts';
import { PartFile } from './part-file.ts';
import type { Progress } from './progress.ts';
import type { Target } from './target.ts';
import { onTarget } from './target-errors.ts';

/** Chunks read and hashed at once. */
const AT_ONCE = 4;
const SLICE = 256;

export interface VerifierParts {
  readonly files: FileRepository;
  readonly target: Target;
  /** Buffers of a chunk and one byte. */
  readonly pool: BufferPool<ChunkBuffer>;
  readonly hasher: ChunkHasher;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Told of each step, bytes. */
  readonly onStage: (done: number, total: number) => void;
}

/**
 * Looks at what an earlier run of the program left on disk: every chunk of a part is hashed against the proven
 * leaves, so that what is there is never asked for again, and what is torn is. A file that got its name just
 * before the end is found under it.
 */
export class Verifier {
  readonly #parts: VerifierParts;
  #done = 0;
  #total = 0;

  constructor(parts: VerifierParts) {
    this.#parts = parts;
  }

  /** @param issued files below this index may have been asked for */
  async run(issued: number): Promise<void> {
    const { files } = this.#parts;
    for (const row of rows(files, FileState.begun)) this.#total += row.size;
    this.#parts.onStage(0, this.#total);
    for (const row of rows(files, FileState.begun)) {
      await onTarget(this.#parts.target.final(row.local), () => this.#begun(row));
    }
    for (const row of rows(files, FileState.todo)) {
      if (row.index >= issued) return;
      await onTarget(this.#parts.target.final(row.local), () => this.#asked(row));
    }
  }

  #step(bytes: number): void {
    this.#parts.signal.throwIfAborted();
    this.#done += bytes;
    this.#parts.onStage(Math.min(this.#done, this.#total), this.#total);
  }

  /** A file with proofs: chunk by chunk. */
  async #begun(row: FileRow): Promise<void> {
    const { files, target } = this.#parts;
    const opened = await PartFile.reopen(target.part(row.index), 'write');
    if (opened === undefined) {
      if (await this.#isWhole(row)) this.#found(row, this.#forget(row, false));
      else {
        this.#forget(row, true);
        files.dropGroups(row.index);
        files.setState(row.index, FileState.todo);
      }
      return;
    }
    const before = this.#done;
    try {
      for (const group of files.groups(row.index)) await this.#group(row, group, opened);
    } finally {
      await opened.file.close();
    }
    this.#step(before + row.size - this.#done);
  }

  async #group(
    row: FileRow,
    group: GroupRow,
    part: { file: PartFile; size: number },
  ): Promise<void> {
    const { files, progress } = this.#parts;
    const verified = new Uint8Array(BITMAP_BYTES);
    await eachAtOnce(chunksInGroup(row.size, group.group), async (chunk) => {
      const index = group.group * GROUP_CHUNKS + chunk;
      const length = chunkLength(row.size, index);
      const present = part.size >= index * CHUNK_BYTES + length;
      const leaf = present ? await this.#leaf(part.file, index, length) : undefined;
      const expected = group.leaves.subarray(chunk * HASH_BYTES, (chunk + 1) * HASH_BYTES);
      const good = leaf !== undefined && Buffer.compare(leaf, expected) === 0;
      const known = hasBit(group.verified, chunk);
      if (good) setBit(verified, chunk);
      if (good && !known) {
        progress.chunksReceived += 1;
        progress.bytesDone += length;
      } else if (!good && known) {
        progress.chunksRefetched += 1;
        progress.bytesDone -= length;
      }
      this.#step(length);
    });
    files.putVerified(row.index, group.group, verified);
  }

  /** The leaf hash of a chunk on disk; undefined at a premature end. */
  async #leaf(file: PartFile, index: number, length: number): Promise<Uint8Array | undefined> {
    const { pool, signal } = this.#parts;
    const buffer = await pool.take(signal);
    try {
      const read = await file.read(buffer, 1, length, index * CHUNK_BYTES);
      return read === length ? await this.#parts.hasher.leafOf(buffer, length) : undefined;
    } finally {
      pool.release(buffer);
    }
  }

  /** Takes a file's verified chunks out of the counters. Returns how many chunks were not counted yet. */
  #forget(row: FileRow, lost: boolean): number {
    const { files, progress } = this.#parts;
    const counted = countedOf(row, files);
    progress.bytesDone -= counted.bytes;
    if (lost) progress.chunksRefetched += counted.chunks;
    return chunkCount(row.size) - counted.chunks;
  }

  /** A file without proofs that may have been asked for. */
  async #asked(row: FileRow): Promise<void> {
    if (row.kind === 'file' && (await this.#isWhole(row))) {
      this.#found(row, chunkCount(row.size));
    }
    this.#step(0);
  }

  #found(row: FileRow, uncounted: number): void {
    const { files, progress } = this.#parts;
    files.transaction(() => files.done(row.index));
    progress.filesDone += 1;
    progress.bytesDone += row.size;
    progress.chunksReceived += uncounted;
  }

  /** Whether the final name holds this very file. */
  async #isWhole(row: FileRow): Promise<boolean> {
    const opened = await PartFile.reopen(this.#parts.target.final(row.local), 'read');
    if (opened === undefined) return false;
    try {
      if (opened.size !== row.size) return false;
      const count = chunkCount(row.size);
      const leaves = new Uint8Array(count * HASH_BYTES);
      let whole = true;
      await eachAtOnce(count, async (index) => {
        const leaf = await this.#leaf(opened.file, index, chunkLength(row.size, index));
        if (leaf === undefined) whole = false;
        else leaves.set(leaf, index * HASH_BYTES);
      });
      return whole && Buffer.compare(fileId(row.size, treeRoot(leaves)), row.id) === 0;
    } finally {
      await opened.file.close();
    }
  }
}

/** All files that stand there, a slice of the store at a time. */
function* rows(files: FileRepository, state: 0 | 1): Generator<FileRow> {
  let after = -1;
  for (;;) {
    const slice = files.slice(state, after, SLICE);
    yield* slice;
    if (slice.length < SLICE) return;
    after = slice.at(-1)?.index ?? after;
  }
}

/** Runs `work` for 0 to `count` - 1, a few at a time. */
async function eachAtOnce(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  const lanes = Array.from({ length: Math.min(AT_ONCE, count) }, lane);
  // All have to come to rest before a failure is told: the caller closes the file then.
  await Promise.allSettled(lanes);
  await Promise.all(lanes);
}
