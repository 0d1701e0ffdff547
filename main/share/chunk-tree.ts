/**
 * The hash tree that names a file: SHA-256 over chunks of 256 KiB, shaped as RFC 6962 section 2.1 shapes its
 * tree (split at the largest power of two below n). Pure functions of bytes.
 *
 * leaf = SHA-256(0x00 ‖ chunk), node = SHA-256(0x01 ‖ left ‖ right),
 * file id = SHA-256(0x02 ‖ length as uint64 ‖ tree root); the tree root of an empty file is SHA-256("").
 *
 * Groups of 64 chunks are whole subtrees, because 64 is a power of two: the tree over the leaves is the tree
 * over the roots of the groups.
 */
import { hash } from 'node:crypto';

/** Bytes of every chunk but the last. */
export const CHUNK_BYTES = 256 * 1024;
/** Chunks of every group but the last: 16 MiB. */
export const GROUP_CHUNKS = 64;
export const HASH_BYTES = 32;
/** What stands in front of a chunk when it is hashed. */
export const LEAF_PREFIX = 0x00;

const node = Buffer.alloc(1 + 2 * HASH_BYTES);
node[0] = 0x01;
const root = Buffer.alloc(1 + 8 + HASH_BYTES);
root[0] = 0x02;

function sha256(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer');
}

/** Chunks of a file of `size` bytes; 0 for an empty file. */
export function chunkCount(size: number): number {
  return Math.ceil(size / CHUNK_BYTES);
}

export function groupCount(size: number): number {
  return Math.ceil(chunkCount(size) / GROUP_CHUNKS);
}

/** Chunks in group `group` of a file of `size` bytes; 0 beyond the end. */
export function chunksInGroup(size: number, group: number): number {
  return Math.max(0, Math.min(GROUP_CHUNKS, chunkCount(size) - group * GROUP_CHUNKS));
}

/** Bytes of chunk `index`, counted from the start of the file; 0 beyond the end. */
export function chunkLength(size: number, index: number): number {
  return Math.max(0, Math.min(CHUNK_BYTES, size - index * CHUNK_BYTES));
}

/** @param prefixed 0x00 and the chunk */
export function leafHash(prefixed: Uint8Array): Uint8Array {
  return sha256(prefixed);
}

function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return sha256(node);
}

function at(hashes: Uint8Array, index: number): Uint8Array {
  return hashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
}

/**
 * All levels of the tree over hashes that stand one after the other, 32 bytes each: first the hashes
 * themselves, then each level above, last the root. Of no hashes: the root of the empty tree alone.
 *
 * Pairs are joined level by level and an odd last one moves up as it is: that is RFC 6962's shape.
 */
export function treeLevels(hashes: Uint8Array): Uint8Array {
  if (hashes.length === 0) return sha256(hashes);
  const levels: Uint8Array[] = [hashes];
  let level = hashes;
  for (let n = hashes.length / HASH_BYTES; n > 1; n = Math.ceil(n / 2)) {
    const next = new Uint8Array(Math.ceil(n / 2) * HASH_BYTES);
    for (let i = 0; i < n; i += 2) {
      const joined = i + 1 < n ? nodeHash(at(level, i), at(level, i + 1)) : at(level, i);
      next.set(joined, (i / 2) * HASH_BYTES);
    }
    levels.push(next);
    level = next;
  }
  return levels.length === 1 ? hashes : Buffer.concat(levels);
}

/** The root over hashes: over the leaves of a group, all leaves of a file, or the roots of all groups. */
export function treeRoot(hashes: Uint8Array): Uint8Array {
  return treeLevels(hashes).subarray(-HASH_BYTES);
}

/** The id of a file of `size` bytes whose tree has this root. */
export function fileId(size: number, tree: Uint8Array): Uint8Array {
  root.writeBigUInt64BE(BigInt(size), 1);
  root.set(tree, 9);
  return sha256(root);
}

/** The siblings that hash `index` of `count` meets on its way up: where each stands, and on which side. */
function* siblings(
  index: number,
  count: number,
): Generator<{ readonly levelStart: number; readonly sibling: number; readonly onLeft: boolean }> {
  let levelStart = 0;
  for (let n = count, i = index; n > 1; i >>>= 1) {
    const sibling = i ^ 1;
    if (sibling < n) yield { levelStart, sibling, onLeft: sibling < i };
    levelStart += n;
    n = Math.ceil(n / 2);
  }
}

/** RFC 6962's audit path (section 2.1.1) of hash `index` of `count`, nearest first, from `treeLevels`. */
export function siblingPath(levels: Uint8Array, index: number, count: number): Uint8Array {
  const path: Uint8Array[] = [];
  for (const { levelStart, sibling } of siblings(index, count)) {
    path.push(at(levels, levelStart + sibling));
  }
  return Buffer.concat(path);
}

/** How many hashes `siblingPath` gives. */
export function siblingCount(index: number, count: number): number {
  return [...siblings(index, count)].length;
}

/** The root of the whole, from one hash and its sibling path, which must be of the right length. */
export function rootFromPath(
  from: Uint8Array,
  index: number,
  count: number,
  path: Uint8Array,
): Uint8Array {
  let hashed = from;
  let step = 0;
  for (const { onLeft } of siblings(index, count)) {
    const sibling = at(path, step);
    hashed = onLeft ? nodeHash(sibling, hashed) : nodeHash(hashed, sibling);
    step += 1;
  }
  return hashed;
}
