import { ShareError } from '../errors.ts';
import { shownPath } from '../safe-path.ts';
import { countedOf } from './counted.ts';
import { FileState, type FileRepository, type FileRow } from './file-repository.ts';
import type { PageSource } from './page-source.ts';
import type { Progress } from './progress.ts';
import type { Target } from './target.ts';

/** How often one file may be found changed before the download gives it up. */
const MAX_ATTEMPTS = 5;
const SLICE = 64;

/** Whether some file of the download was found changed at its source. */
export function hasChanged(files: FileRepository): boolean {
  return files.slice(FileState.changed, -1, 1).length > 0;
}

/**
 * Takes the files that changed at the source from its newest manifest, to be fetched anew. Returns by how many
 * bytes the download grew (or shrank). Throws ShareError `file-changed` when some are gone for good or never
 * at rest; the others are renewed then too.
 */
export async function followChanges(
  pages: PageSource,
  files: FileRepository,
  target: Target,
  progress: Progress,
): Promise<number> {
  let grown = 0;
  const lost: FileRow[] = [];
  for (let after = -1; ;) {
    const slice = files.slice(FileState.changed, after, SLICE);
    for (const row of slice) {
      const entry = await pages.find(row.path);
      if (entry?.kind !== 'file' || row.attempts >= MAX_ATTEMPTS) {
        lost.push(row);
        continue;
      }
      progress.bytesDone -= countedOf(row, files).bytes;
      grown += entry.size - row.size;
      await target.drop(row.index);
      files.transaction(() => files.renew(row.index, entry));
    }
    if (slice.length < SLICE) break;
    after = slice.at(-1)?.index ?? after;
  }
  const [first] = lost;
  if (first === undefined || files.slice(FileState.todo, -1, 1).length > 0) return grown;
  const others = lost.length > 1 ? ` and ${lost.length - 1} more` : '';
  throw new ShareError(
    'file-changed',
    `${shownPath(first.path)}${others} changed at the source while being fetched; the rest has arrived.`,
  );
}
