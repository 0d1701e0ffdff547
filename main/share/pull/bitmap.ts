/** One bit for each chunk of a group: 64 bits, lowest bit of the first byte first. */
import { GROUP_CHUNKS } from '../chunk-tree.ts';

export const BITMAP_BYTES = GROUP_CHUNKS / 8;

export function hasBit(bits: Uint8Array, chunk: number): boolean {
  return ((bits[chunk >> 3] ?? 0) & (1 << (chunk & 7))) !== 0;
}

export function setBit(bits: Uint8Array, chunk: number): void {
  bits[chunk >> 3] = (bits[chunk >> 3] ?? 0) | (1 << (chunk & 7));
}

export function countBits(bits: Uint8Array): number {
  let count = 0;
  for (let chunk = 0; chunk < bits.length * 8; chunk += 1) if (hasBit(bits, chunk)) count += 1;
  return count;
}

/** The runs of chunks below `count` whose bits are not set, as `[first, length]`. */
export function missingRuns(bits: Uint8Array, count: number): [first: number, length: number][] {
  const runs: [number, number][] = [];
  for (let chunk = 0; chunk < count; chunk += 1) {
    if (hasBit(bits, chunk)) continue;
    const last = runs.at(-1);
    if (last !== undefined && last[0] + last[1] === chunk) last[1] += 1;
    else runs.push([chunk, 1]);
  }
  return runs;
}
