import { setImmediate } from 'node:timers/promises';
import type { Signer } from '../identity/types.ts';
import type { EntryRepository, EntryRow } from './entry-repository.ts';
import { ShareError } from './errors.ts';
import { encodeEntry, encodePage, pageHash, signRoot } from './manifest.ts';
import { mediaTypeOf } from './media-type.ts';
import type { ShareRepository, ShareRow } from './share-repository.ts';
import { MAX_PAGES, MAX_PAGE_BYTES, MAX_PAGE_ENTRIES } from './wire.ts';

/** Rows read at once: a few milliseconds of work. */
const SLICE = 200;
/** Room for the array's own head in a page. */
const PAGE_HEAD_BYTES = 3;

export interface BuiltManifest {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Makes the pages of a share's next revision, page by page with the event loop free in between, and puts the
 * signed root last: until then the old revision is served.
 * Throws ShareError `share-too-large`, or the signal's reason.
 */
export async function buildManifest(
  share: ShareRow,
  revision: number,
  stores: { readonly shares: ShareRepository; readonly entries: EntryRepository },
  signer: Signer,
  signal: AbortSignal,
): Promise<BuiltManifest> {
  const hashes: Uint8Array[] = [];
  const sums = { files: 0, bytes: 0, entries: 0 };
  let page: Uint8Array[] = [];
  let pageBytes = PAGE_HEAD_BYTES;

  const flush = (): void => {
    if (hashes.length === MAX_PAGES) {
      throw new ShareError('share-too-large', `${share.name} holds too many files for one share.`);
    }
    const bytes = encodePage(page);
    stores.shares.putPage(share.id, revision, hashes.length, bytes);
    hashes.push(pageHash(bytes));
    page = [];
    pageBytes = PAGE_HEAD_BYTES;
  };

  let after = '';
  for (;;) {
    const rows = stores.entries.manifestSlice(share.id, after, SLICE);
    for (const row of rows) {
      const encoded = encodeEntry(entryOf(row));
      if (page.length === MAX_PAGE_ENTRIES || pageBytes + encoded.length > MAX_PAGE_BYTES) flush();
      page.push(encoded);
      pageBytes += encoded.length;
      sums.entries += 1;
      if (row.kind === 'file') {
        sums.files += 1;
        sums.bytes += row.bytes;
      }
      after = row.path;
    }
    if (rows.length < SLICE) break;
    await setImmediate();
    signal.throwIfAborted();
  }
  if (page.length > 0) flush();

  const { id, name, description, kind } = share;
  const pages = Buffer.concat(hashes);
  const root = signRoot({ share: id, name, description, kind, revision, ...sums, pages }, signer);
  stores.shares.putManifest(id, revision, root);
  while (stores.shares.dropOldPages(id, revision)) await setImmediate();
  return { files: sums.files, bytes: sums.bytes };
}

function entryOf(row: EntryRow): Parameters<typeof encodeEntry>[0] {
  const { path, modifiedAt } = row;
  if (row.fileId === null) return { kind: 'folder', path, modifiedAt };
  return {
    kind: 'file',
    path,
    size: row.bytes,
    modifiedAt,
    executable: row.executable,
    mediaType: mediaTypeOf(path),
    id: row.fileId,
  };
}
