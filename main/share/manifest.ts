/**
 * A share's manifest: pages of entries sorted by the bytes of their paths, and a root with the hash of every
 * page, signed by the owner. A page is checked alone against the root, so that a million entries never
 * stand in memory together.
 */
import { hash } from 'node:crypto';
import { z } from 'zod';
import { isPeerKey } from '../base/nkey.ts';
import { verifySignature } from '../base/signature.ts';
import type { PeerKey, Signer } from '../identity/types.ts';
import { decodeCbor, encodeCbor } from '../base/cbor.ts';
import { HASH_BYTES } from './chunk-tree.ts';
import { ShareError } from './errors.ts';
import { MAX_PATH_BYTES } from './safe-path.ts';
import { MAX_PAGES, MAX_PAGE_BYTES, MAX_PAGE_ENTRIES, MAX_ROOT_BYTES } from './wire.ts';

const DOMAIN = 'skerry share manifest 1';
const VERSION = 1;

/** A file, or a folder that holds nothing; other folders follow from the paths. */
export type ManifestEntry =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly size: number;
      /** Milliseconds since 1970. */
      readonly modifiedAt: number;
      readonly executable: boolean;
      readonly mediaType: string;
      readonly id: Uint8Array;
    }
  | { readonly kind: 'folder'; readonly path: string; readonly modifiedAt: number };

const Natural = z.number().int().nonnegative();
const Path = z.string().min(1).max(MAX_PATH_BYTES);
const Hash = z.instanceof(Uint8Array).refine((bytes) => bytes.length === HASH_BYTES);

const Page = z
  .array(
    z.union([
      z.tuple([Path, Natural, Natural, z.boolean(), z.string().max(127), Hash]),
      z.tuple([Path, Natural]),
    ]),
  )
  .min(1)
  .max(MAX_PAGE_ENTRIES);

const Root = z.strictObject({
  v: z.literal(VERSION),
  share: z.string().min(1).max(64),
  owner: z.string().refine(isPeerKey),
  name: z.string().min(1).max(255),
  description: z.string().max(2_048),
  kind: z.enum(['file', 'folder']),
  revision: z.number().int().positive(),
  files: Natural,
  bytes: Natural,
  entries: Natural,
  pages: z
    .instanceof(Uint8Array)
    .refine((bytes) => bytes.length % HASH_BYTES === 0 && bytes.length <= MAX_PAGES * HASH_BYTES),
});
export type ManifestRoot = z.infer<typeof Root>;

const Signed = z.strictObject({
  root: z.instanceof(Uint8Array),
  sig: z.instanceof(Uint8Array).refine((sig) => sig.length === 64),
});

/** The encoding of one entry; a page is an array of them. */
export function encodeEntry(entry: ManifestEntry): Uint8Array {
  return entry.kind === 'folder'
    ? encodeCbor([entry.path, entry.modifiedAt])
    : encodeCbor([
        entry.path,
        entry.size,
        entry.modifiedAt,
        entry.executable,
        entry.mediaType,
        entry.id,
      ]);
}

/** A page of encoded entries: a CBOR array of 1 to 1,000 items. */
export function encodePage(entries: readonly Uint8Array[]): Buffer {
  const count = entries.length;
  // RFC 8949 section 3: major type 4 with the count in the shortest form.
  const head =
    count < 24
      ? Buffer.of(0x80 | count)
      : count < 256
        ? Buffer.of(0x98, count)
        : Buffer.of(0x99, count >> 8, count & 0xff);
  return Buffer.concat([head, ...entries]);
}

export function pageHash(page: Uint8Array): Uint8Array {
  return hash('sha256', page, 'buffer');
}

/** Compares paths by the bytes of their UTF-8, as the store does. */
export function comparePaths(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

export function signRoot(root: Omit<ManifestRoot, 'v' | 'owner'>, signer: Signer): Uint8Array {
  const bytes = encodeCbor({ ...root, v: VERSION, owner: signer.key });
  return encodeCbor({ root: bytes, sig: signer.sign(DOMAIN, bytes) });
}

function invalid(message: string, cause?: unknown): ShareError {
  return new ShareError('manifest-invalid', message, { cause });
}

/** Reads a root that must be `owner`'s, of `share`. Throws ShareError `manifest-invalid`. */
export function openRoot(bytes: Uint8Array, owner: PeerKey, share: string): ManifestRoot {
  let signed: z.infer<typeof Signed>;
  let root: ManifestRoot;
  try {
    signed = Signed.parse(decodeCbor(bytes, MAX_ROOT_BYTES));
    if (!verifySignature(owner, DOMAIN, signed.root, signed.sig)) {
      throw invalid('The list of files is not signed by the contact.');
    }
    root = Root.parse(decodeCbor(signed.root, MAX_ROOT_BYTES));
  } catch (error) {
    if (error instanceof ShareError) throw error;
    throw invalid('The list of files is malformed.', error);
  }
  const pages = root.pages.length / HASH_BYTES;
  if (root.owner !== owner || root.share !== share) {
    throw invalid('The list of files is of another share.');
  }
  if (
    root.entries < pages ||
    root.entries > pages * MAX_PAGE_ENTRIES ||
    root.files > root.entries
  ) {
    throw invalid('The list of files contradicts itself.');
  }
  return root;
}

/** Reads a page and checks it against the signed root. Throws ShareError `manifest-invalid`. */
export function openPage(bytes: Uint8Array, root: ManifestRoot, index: number): ManifestEntry[] {
  const expected = root.pages.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
  if (Buffer.compare(pageHash(bytes), expected) !== 0) {
    throw invalid('A page of the list of files is not the one that was signed.');
  }
  let page: z.infer<typeof Page>;
  try {
    page = Page.parse(decodeCbor(bytes, MAX_PAGE_BYTES));
  } catch (error) {
    throw invalid('A page of the list of files is malformed.', error);
  }
  return page.map((entry) =>
    entry.length === 2
      ? { kind: 'folder', path: entry[0], modifiedAt: entry[1] }
      : {
          kind: 'file',
          path: entry[0],
          size: entry[1],
          modifiedAt: entry[2],
          executable: entry[3],
          mediaType: entry[4],
          id: entry[5],
        },
  );
}
