import { GROUP_CHUNKS, chunkLength } from '../chunk-tree.ts';
import { hasBit } from './bitmap.ts';
import type { FileRepository, FileRow } from './file-repository.ts';

/** What the store counts as verified of a file that is begun. */
export function countedOf(
  row: FileRow,
  files: FileRepository,
): { readonly chunks: number; readonly bytes: number } {
  let chunks = 0;
  let bytes = 0;
  for (const { group, verified } of files.groups(row.index)) {
    for (let chunk = 0; chunk < GROUP_CHUNKS; chunk += 1) {
      if (!hasBit(verified, chunk)) continue;
      chunks += 1;
      bytes += chunkLength(row.size, group * GROUP_CHUNKS + chunk);
    }
  }
  return { chunks, bytes };
}
