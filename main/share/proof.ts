/**
 * What lets a receiver check each chunk of a group alone: the group's leaf hashes, then the sibling path of
 * the group. A file of at most one chunk needs none: its only leaf is its tree.
 */
import {
  HASH_BYTES,
  chunkCount,
  chunksInGroup,
  fileId,
  groupCount,
  rootFromPath,
  siblingCount,
  siblingPath,
  treeRoot,
} from './chunk-tree.ts';

/** Bytes of the proof of one group, known from the size alone; nothing longer or shorter is accepted. */
export function proofBytes(size: number, group: number): number {
  if (chunkCount(size) <= 1) return 0;
  return (chunksInGroup(size, group) + siblingCount(group, groupCount(size))) * HASH_BYTES;
}

/**
 * @param leaves leaf hashes of the group
 * @param levels `treeLevels` over the roots of the file's groups
 */
export function makeProof(
  size: number,
  group: number,
  leaves: Uint8Array,
  levels: Uint8Array,
): Uint8Array {
  const groups = groupCount(size);
  if (groups === 1) return leaves;
  return Buffer.concat([leaves, siblingPath(levels, group, groups)]);
}

/** The group's leaf hashes, when the proof leads to the file's id; undefined when it does not. */
export function checkProof(
  file: { readonly size: number; readonly id: Uint8Array },
  group: number,
  proof: Uint8Array,
): Uint8Array | undefined {
  if (proof.length !== proofBytes(file.size, group)) return undefined;
  const leaves = proof.subarray(0, chunksInGroup(file.size, group) * HASH_BYTES);
  const top = rootFromPath(
    treeRoot(leaves),
    group,
    groupCount(file.size),
    proof.subarray(leaves.length),
  );
  return Buffer.compare(fileId(file.size, top), file.id) === 0 ? leaves : undefined;
}
