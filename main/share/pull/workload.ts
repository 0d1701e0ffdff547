import { GROUP_CHUNKS, chunkCount, chunkLength, chunksInGroup, groupCount } from '../chunk-tree.ts';
import { BITMAP_BYTES, countBits, missingRuns } from './bitmap.ts';
import { FileState, type FileRepository, type FileRow } from './file-repository.ts';
import type { PartFile } from './part-file.ts';

const SLICE = 128;
/** How far ahead of the first file that is asked for the store is told so. */
const ISSUE_AHEAD = 512;

/** A group of a file of several chunks while chunks of it are under way. */
export interface LiveGroup {
  /** Proven; undefined until the proof comes. */
  leaves: Uint8Array | undefined;
  readonly bits: Uint8Array;
}

/** A file while it is fetched. */
export interface LiveFile {
  readonly row: FileRow;
  /** Chunks that are not verified yet. */
  left: number;
  /** Has chunks of an earlier attempt in its part. */
  readonly kept: boolean;
  part: Promise<PartFile> | undefined;
  readonly groups: Map<number, LiveGroup>;
  mismatches: number;
  /** The source has another file there now. */
  changed: boolean;
}

/** Chunks to ask for, of one group; `count` 0: nothing to ask, the file only has to be finished. */
export interface Work {
  readonly file: LiveFile;
  readonly group: number;
  readonly first: number;
  readonly count: number;
  readonly proof: boolean;
  /** A chunk of it was wrong before: the source shall look at it. */
  readonly check: boolean;
}

/** Bytes that the answer to a piece of work brings. */
export function bytesOf({ file, group, first, count }: Work): number {
  const start = group * GROUP_CHUNKS + first;
  const last = chunkLength(file.row.size, start + count - 1);
  return count === 0 ? 0 : (count - 1) * chunkLength(file.row.size, start) + last;
}

/**
 * Everything a download has still to do, in the order of its files, read from the store as it is needed:
 * begun files first.
 *
 * @param onIssued is told before work below an index is given out
 */
export function* workload(
  files: FileRepository,
  issued: number,
  onIssued: (index: number) => void,
): Generator<Work> {
  let told = issued;
  for (const state of [FileState.begun, FileState.todo] as const) {
    let after = -1;
    for (;;) {
      const slice = files.slice(state, after, SLICE);
      for (const row of slice) {
        if (row.index >= told) {
          told = row.index + ISSUE_AHEAD;
          onIssued(told);
        }
        yield* workOf(row, state === FileState.begun, files);
      }
      if (slice.length < SLICE) break;
      after = slice.at(-1)?.index ?? after;
    }
  }
}

function* workOf(row: FileRow, begun: boolean, files: FileRepository): Generator<Work> {
  const chunks = chunkCount(row.size);
  let left = chunks;
  if (begun) for (const { verified } of files.groups(row.index)) left -= countBits(verified);
  const file: LiveFile = {
    row,
    left,
    kept: left < chunks,
    part: undefined,
    groups: new Map(),
    mismatches: 0,
    changed: false,
  };
  const base = { file, group: 0, first: 0, proof: false, check: false };
  if (left === 0) {
    yield { ...base, count: 0 };
    return;
  }
  if (chunks === 1) {
    yield { ...base, count: 1 };
    return;
  }
  for (let group = 0; group < groupCount(row.size) && !file.changed; group += 1) {
    const known = begun ? files.group(row.index, group) : undefined;
    const bits = Uint8Array.from(known?.verified ?? new Uint8Array(BITMAP_BYTES));
    const runs = missingRuns(bits, chunksInGroup(row.size, group));
    if (runs.length === 0) continue;
    file.groups.set(group, { leaves: known?.leaves, bits });
    for (const [first, count] of runs) {
      if (file.changed) return;
      yield { file, group, first, count, proof: known === undefined, check: false };
    }
  }
}
