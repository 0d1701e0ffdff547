import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { webcrypto } from 'node:crypto';
import {
  CHUNK_BYTES,
  GROUP_CHUNKS,
  HASH_BYTES,
  LEAF_PREFIX,
  chunkCount,
  chunkLength,
  chunksInGroup,
  fileId,
  groupCount,
  leafHash,
  treeLevels,
  treeRoot,
} from '../chunk-tree.ts';
import { OPEN_TO_READ, identityOf, isExecutable, modifiedAtOf } from './identity.ts';
import type { HashedFile } from './messages.ts';

/** Chunks hashed at once on the thread pool: two cores' worth, so that other work finds a thread free. */
const AT_ONCE = 2;
/** How often a file that is being written is tried. */
const ATTEMPTS = 3;

const buffers = Array.from({ length: AT_ONCE + 1 }, () => {
  const buffer = Buffer.allocUnsafeSlow(1 + CHUNK_BYTES);
  buffer[0] = LEAF_PREFIX;
  return buffer;
});

export interface HashListener {
  readonly group: (group: number, hashes: Uint8Array) => void;
  readonly progress: (bytes: number) => void;
}

/** The file changed under the reader each time it was tried. */
export class RestlessFile extends Error {
  override readonly name = 'RestlessFile';
}

/**
 * Hashes one file as it is now. The answer describes what was hashed: the file is the same before and after.
 * Throws the system's errors, and `RestlessFile`.
 */
export async function hashFile(
  absolute: string,
  entry: number,
  listener: HashListener,
): Promise<HashedFile> {
  const fd = openSync(absolute, OPEN_TO_READ);
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const before = fstatSync(fd, { bigint: true });
      if (!before.isFile()) throw Object.assign(new Error('no file'), { code: 'ENOENT' });
      const size = Number(before.size);
      const hashed = await hashContent(fd, size, listener);
      const after = fstatSync(fd, { bigint: true });
      if (hashed === undefined || identityOf(before) !== identityOf(after)) continue;
      return {
        entry,
        id: fileId(size, hashed.tree),
        bytes: size,
        modifiedAt: modifiedAtOf(before),
        executable: isExecutable(before),
        identity: identityOf(before),
        levels: hashed.levels,
      };
    }
    throw new RestlessFile(absolute);
  } finally {
    closeSync(fd);
  }
}

/** Undefined when the file got shorter meanwhile. */
async function hashContent(
  fd: number,
  size: number,
  listener: HashListener,
): Promise<{ tree: Uint8Array; levels: Uint8Array | null } | undefined> {
  if (chunkCount(size) <= 1) {
    const buffer = buffers[0] as Buffer;
    if (!readFully(fd, buffer, size, 0)) return undefined;
    listener.progress(size);
    return {
      tree: size === 0 ? treeRoot(new Uint8Array()) : leafHash(buffer.subarray(0, 1 + size)),
      levels: null,
    };
  }
  const groups = groupCount(size);
  const roots = new Uint8Array(groups * HASH_BYTES);
  for (let group = 0; group < groups; group += 1) {
    const leaves = await hashGroup(fd, size, group, listener);
    if (leaves === undefined) return undefined;
    roots.set(treeRoot(leaves), group * HASH_BYTES);
    listener.group(group, leaves);
  }
  const levels = treeLevels(roots);
  return { tree: levels.subarray(-HASH_BYTES), levels };
}

async function hashGroup(
  fd: number,
  size: number,
  group: number,
  listener: HashListener,
): Promise<Uint8Array | undefined> {
  const count = chunksInGroup(size, group);
  const leaves = new Uint8Array(count * HASH_BYTES);
  const running: Promise<void>[] = [];
  let whole = true;
  for (let i = 0; i < count && whole; i += 1) {
    // The buffer of AT_ONCE + 1 chunks ago is free: its digest was waited for.
    if (running.length >= AT_ONCE) await running.shift();
    const buffer = buffers[i % buffers.length] as Buffer<ArrayBuffer>;
    const index = group * GROUP_CHUNKS + i;
    const length = chunkLength(size, index);
    whole = readFully(fd, buffer, length, index * CHUNK_BYTES);
    if (!whole) break;
    running.push(
      webcrypto.subtle.digest('SHA-256', buffer.subarray(0, 1 + length)).then((digest) => {
        leaves.set(new Uint8Array(digest), i * HASH_BYTES);
        listener.progress(length);
      }),
    );
  }
  await Promise.all(running);
  return whole ? leaves : undefined;
}

/** Reads `length` bytes behind the prefix byte; false at a premature end. */
function readFully(fd: number, buffer: Buffer, length: number, position: number): boolean {
  for (let done = 0; done < length;) {
    const read = readSync(fd, buffer, 1 + done, length - done, position + done);
    if (read === 0) return false;
    done += read;
  }
  return true;
}
