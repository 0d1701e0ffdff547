import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  CHUNK_BYTES,
  GROUP_CHUNKS,
  HASH_BYTES,
  chunkCount,
  chunkLength,
  chunksInGroup,
  fileId,
  groupCount,
  leafHash,
  rootFromPath,
  siblingCount,
  siblingPath,
  treeLevels,
  treeRoot,
} from '../../main/share/chunk-tree.ts';
import { checkProof, makeProof, proofBytes } from '../../main/share/proof.ts';

const sha = (...parts: Uint8Array[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest();

/** RFC 6962 section 2.1 word for word, over hashes of leaves. */
function mth(leaves: readonly Buffer[]): Buffer {
  const [first] = leaves;
  if (first === undefined) return sha();
  if (leaves.length === 1) return first;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha(Buffer.of(1), mth(leaves.slice(0, k)), mth(leaves.slice(k)));
}

const leavesOf = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, i) => sha(Buffer.from(`leaf ${i}`)));

test('chunk tree - is the tree of RFC 6962 for any number of leaves', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 300 }), (count) => {
      const leaves = leavesOf(count);
      expect(Buffer.from(treeRoot(Buffer.concat(leaves)))).toEqual(mth(leaves));
    }),
    { numRuns: 60 },
  );
});

test('chunk tree - the tree over groups of 64 leaves is the tree over all leaves', () => {
  for (const count of [1, 63, 64, 65, 127, 128, 129, 500]) {
    const leaves = Buffer.concat(leavesOf(count));
    const roots: Uint8Array[] = [];
    for (let at = 0; at < count; at += GROUP_CHUNKS) {
      roots.push(treeRoot(leaves.subarray(at * HASH_BYTES, (at + GROUP_CHUNKS) * HASH_BYTES)));
    }
    expect(Buffer.from(treeRoot(Buffer.concat(roots)))).toEqual(Buffer.from(treeRoot(leaves)));
  }
});

test('chunk tree - every hash finds the root by its siblings, and no other place does', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 80 }), fc.nat(), (count, seed) => {
      const hashes = leavesOf(count);
      const index = seed % count;
      const levels = treeLevels(Buffer.concat(hashes));
      const path = siblingPath(levels, index, count);
      expect(path.length).toBe(siblingCount(index, count) * HASH_BYTES);
      const from = hashes[index] as Buffer;
      const root = Buffer.from(treeRoot(Buffer.concat(hashes)));
      expect(Buffer.from(rootFromPath(from, index, count, path))).toEqual(root);
      if (count === 1) return;
      const other = hashes[(index + 1) % count] as Buffer;
      expect(Buffer.from(rootFromPath(other, index, count, path))).not.toEqual(root);
    }),
    { numRuns: 100 },
  );
});

test('chunk tree - ids of known files', () => {
  const id = (content: Buffer): string => {
    const leaves: Uint8Array[] = [];
    for (let i = 0; i < chunkCount(content.length); i += 1) {
      const start = i * CHUNK_BYTES;
      leaves.push(
        leafHash(Buffer.concat([Buffer.of(0), content.subarray(start, start + CHUNK_BYTES)])),
      );
    }
    return Buffer.from(fileId(content.length, treeRoot(Buffer.concat(leaves)))).toString('hex');
  };
  const length = (n: number): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(n));
    return bytes;
  };
  expect(id(Buffer.alloc(0))).toBe(sha(Buffer.of(2), length(0), sha()).toString('hex'));
  expect(id(Buffer.from('abc'))).toBe(
    sha(Buffer.of(2), length(3), sha(Buffer.of(0), Buffer.from('abc'))).toString('hex'),
  );
  const two = Buffer.alloc(CHUNK_BYTES + 1, 7);
  const tree = sha(
    Buffer.of(1),
    sha(Buffer.of(0), two.subarray(0, CHUNK_BYTES)),
    sha(Buffer.of(0), two.subarray(CHUNK_BYTES)),
  );
  expect(id(two)).toBe(sha(Buffer.of(2), length(two.length), tree).toString('hex'));
});

test('chunk tree - sizes are cut into chunks and groups without rest', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 45 }), (size) => {
      const chunks = chunkCount(size);
      const groups = groupCount(size);
      if (size === 0) {
        expect([chunks, groups]).toEqual([0, 0]);
        return;
      }
      const last = chunkLength(size, chunks - 1);
      expect((chunks - 1) * CHUNK_BYTES + last).toBe(size);
      expect(last).toBeGreaterThan(0);
      expect(chunkLength(size, chunks)).toBe(0);
      expect((groups - 1) * GROUP_CHUNKS + chunksInGroup(size, groups - 1)).toBe(chunks);
      expect(chunksInGroup(size, groups)).toBe(0);
    }),
  );
});

test('proof - leads to the file for each group, and for nothing that was changed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 400 }),
      fc.integer({ min: 0, max: CHUNK_BYTES - 1 }),
      fc.nat(),
      fc.nat(),
      (chunks, rest, groupSeed, flipSeed) => {
        const size = chunks * CHUNK_BYTES - rest;
        const leaves = Buffer.concat(leavesOf(chunks));
        const groups = groupCount(size);
        const of = (g: number): Buffer =>
          leaves.subarray(g * GROUP_CHUNKS * HASH_BYTES, (g + 1) * GROUP_CHUNKS * HASH_BYTES);
        const roots = Array.from({ length: groups }, (_, g) => treeRoot(of(g)));
        const levels = treeLevels(Buffer.concat(roots));
        const file = { size, id: fileId(size, treeRoot(Buffer.concat(roots))) };
        const group = groupSeed % groups;
        const proof = Buffer.from(makeProof(size, group, of(group), levels));
        expect(proof.length).toBe(proofBytes(size, group));
        expect(Buffer.from(checkProof(file, group, proof) ?? [])).toEqual(of(group));
        const bad = Buffer.from(proof);
        const at = flipSeed % bad.length;
        bad[at] = (bad[at] ?? 0) ^ 1;
        expect(checkProof(file, group, bad)).toBeUndefined();
        expect(checkProof({ ...file, size: size - 1 }, group, proof)).toBeUndefined();
        expect(checkProof(file, group, proof.subarray(1))).toBeUndefined();
      },
    ),
    { numRuns: 40 },
  );
});
