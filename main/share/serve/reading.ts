import { join } from 'node:path';
import type { BufferPool } from '../buffer-pool.ts';
import {
  CHUNK_BYTES,
  GROUP_CHUNKS,
  HASH_BYTES,
  chunkCount,
  chunkLength,
  chunksInGroup,
  fileId,
} from '../chunk-tree.ts';
import type { EntryRepository, EntryRow } from '../entry-repository.ts';
import type { LiveShare } from '../own-shares.ts';
import { makeProof } from '../proof.ts';
import { WireError } from '../wire-errors.ts';
import { FRAME_HEADER_BYTES, FrameKind, writeFrameHeader, type ReadRequest } from '../wire.ts';
import type { Answer, OutFrame, Outbox } from './outbox.ts';
import { ServedFile, hashOfChunk } from './served-file.ts';

export interface ReadingParts {
  readonly entries: EntryRepository;
  /** Buffers of a frame of one chunk. */
  readonly pool: BufferPool;
  readonly signal: AbortSignal;
  /** The file at this path is not what the store says. @param content its size and times are, though */
  readonly onChanged: (live: LiveShare, path: string, content: boolean) => void;
}

/**
 * Plans the frames of one `read`: proof, then chunks, each read from disk ahead of its turn. Resolves when the
 * last one is in the outbox.
 * Throws WireError `bad-request`, `path-unknown`, `file-changed` before the first frame.
 */
export async function planRead(
  request: ReadRequest,
  live: LiveShare,
  answer: Answer,
  outbox: Outbox,
  parts: ReadingParts,
): Promise<void> {
  const entry = parts.entries.get(live.id, request.path);
  if (entry === undefined) throw new WireError('path-unknown');
  if (entry.fileId === null || Buffer.compare(entry.fileId, request.id) !== 0) {
    throw new WireError(entry.kind === 'file' ? 'file-changed' : 'bad-request');
  }
  if (request.first + request.count > chunksInGroup(entry.bytes, request.group)) {
    throw new WireError('bad-request');
  }
  const many = chunkCount(entry.bytes) > 1;
  const leaves = many ? parts.entries.leaves(entry.id, request.group) : undefined;
  if (request.proof && many) {
    outbox.add(answer, Promise.resolve(proofFrame(entry, request.group, leaves, parts.entries)));
  }

  const absolute =
    live.row.kind === 'file' ? live.row.path : join(live.row.path, ...entry.local.split('/'));
  const file = ServedFile.open(absolute, entry.identity);
  const reads: Promise<unknown>[] = [file.catch(() => undefined)];
  try {
    for (let i = request.first; i < request.first + request.count; i += 1) {
      await outbox.room();
      if (answer.ended) break;
      if (answer.cut?.aborted === true) throw new WireError('unshared');
      const taken = parts.pool.take(parts.signal);
      const buffer = taken instanceof Promise ? await taken : taken;
      const index = request.group * GROUP_CHUNKS + i;
      const frame = readChunk(file, buffer, entry, index, parts.pool);
      const checked = request.check ? check(frame, entry, leaves, i, parts.pool, buffer) : frame;
      outbox.add(answer, checked);
      reads.push(
        checked.catch((error: unknown) => {
          if (!(error instanceof WireError) || error.wire !== 'file-changed') return;
          parts.onChanged(live, entry.path, error.cause === 'content');
        }),
      );
    }
  } finally {
    closeAfter(file, reads);
  }
}

/** Closes the file when its last read is through. What failed is told by the frames. */
function closeAfter(file: Promise<ServedFile>, reads: readonly Promise<unknown>[]): void {
  Promise.all(reads)
    .then(async () => (await file).close())
    .catch(() => undefined);
}

function proofFrame(
  entry: EntryRow,
  group: number,
  leaves: Uint8Array | undefined,
  entries: EntryRepository,
): OutFrame {
  const levels = entries.levels(entry.id);
  if (leaves === undefined || levels === undefined) throw new WireError('internal');
  const proof = makeProof(entry.bytes, group, leaves, levels);
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + proof.length);
  writeFrameHeader(bytes, FrameKind.bytes, proof.length);
  bytes.set(proof, FRAME_HEADER_BYTES);
  return { bytes };
}

async function readChunk(
  file: Promise<ServedFile>,
  buffer: Buffer<ArrayBuffer>,
  entry: EntryRow,
  index: number,
  pool: BufferPool,
): Promise<OutFrame> {
  const length = chunkLength(entry.bytes, index);
  try {
    await (await file).read(buffer, FRAME_HEADER_BYTES, length, index * CHUNK_BYTES);
  } catch (error) {
    pool.release(buffer);
    throw error instanceof WireError ? error : new WireError('file-changed', { cause: error });
  }
  writeFrameHeader(buffer, FrameKind.bytes, length);
  return {
    bytes: buffer.subarray(0, FRAME_HEADER_BYTES + length),
    release: () => pool.release(buffer),
  };
}

/** Hashes a chunk that a reader had got wrong once: is it the disk or the way? */
async function check(
  frame: Promise<OutFrame>,
  entry: EntryRow,
  leaves: Uint8Array | undefined,
  chunk: number,
  pool: BufferPool,
  buffer: Buffer<ArrayBuffer>,
): Promise<OutFrame> {
  const { bytes } = await frame;
  const found = await hashOfChunk(bytes.subarray(FRAME_HEADER_BYTES));
  const same =
    leaves === undefined
      ? Buffer.compare(fileId(entry.bytes, found), entry.fileId ?? found) === 0
      : Buffer.compare(found, leaves.subarray(chunk * HASH_BYTES, (chunk + 1) * HASH_BYTES)) === 0;
  if (same) return frame;
  pool.release(buffer);
  throw new WireError('file-changed', { cause: 'content' });
}
