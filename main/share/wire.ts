/**
 * `/skerry/share/1`: what goes over a stream. Everything is a frame: payload length (uint32, big endian),
 * kind (one byte), payload. Requests are answered in the order they were sent; a stream takes several at
 * once. An error frame may stand in place of any frame of an answer and ends that answer, not the stream.
 */
import { z } from 'zod';
import { CHUNK_BYTES, GROUP_CHUNKS, HASH_BYTES } from './chunk-tree.ts';
import { MAX_PART_BYTES, MAX_PATH_BYTES } from './safe-path.ts';

export const SHARE_PROTOCOL = '/skerry/share/1';
/** Topic of the announcement that offers changed. */
export const SHARES_TOPIC = 'shares';

export const FRAME_HEADER_BYTES = 5;
export const FrameKind = { message: 0, bytes: 1, error: 2 } as const;

export const MAX_REQUEST_BYTES = 16 * 1024;
export const MAX_ERROR_BYTES = 256;
/** Answers to `offers` and `list`. */
export const MAX_LISTING_BYTES = 512 * 1024;
export const MAX_PAGE_BYTES = 256 * 1024;
export const MAX_PAGE_ENTRIES = 1_000;
export const MAX_PAGES = 8_192;
/** A signed root: the hashes of all pages and some text. */
export const MAX_ROOT_BYTES = MAX_PAGES * HASH_BYTES + 8 * 1024;
export const MAX_OFFERS = 1_000;
/** The longest payload of any frame. */
export const MAX_FRAME_BYTES = Math.max(CHUNK_BYTES, MAX_LISTING_BYTES, MAX_ROOT_BYTES);

/** Streams of one reader that are served at a time. */
export const MAX_STREAMS_PER_READER = 24;

const Natural = z.number().int().nonnegative();
const ShareId = z.string().min(1).max(64);
const Path = z.string().max(MAX_PATH_BYTES);

export const Request = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('offers') }),
  /** Direct children of a folder, by name. */
  z.strictObject({
    do: z.literal('list'),
    share: ShareId,
    path: Path,
    after: z.string().max(MAX_PART_BYTES).optional(),
    limit: z.number().int().min(1).max(1_000),
  }),
  z.strictObject({ do: z.literal('manifest'), share: ShareId }),
  z.strictObject({ do: z.literal('page'), share: ShareId, revision: Natural, index: Natural }),
  /**
   * Chunks of one group of a file: the proof, if asked for and if the file has more than one chunk, then one
   * frame a chunk. `id` is the file as the reader knows it: a file that changed is refused, whatever the
   * revision. `check` asks the source to hash the chunks itself before it sends them.
   */
  z.strictObject({
    do: z.literal('read'),
    share: ShareId,
    path: Path,
    id: z.custom<Uint8Array>((id) => id instanceof Uint8Array && id.length === HASH_BYTES),
    group: Natural,
    first: z
      .number()
      .int()
      .min(0)
      .max(GROUP_CHUNKS - 1),
    count: z.number().int().min(1).max(GROUP_CHUNKS),
    proof: z.boolean(),
    check: z.boolean(),
  }),
]);
export type Request = z.infer<typeof Request>;
export type ReadRequest = Extract<Request, { do: 'read' }>;
export type ListRequest = Extract<Request, { do: 'list' }>;

export const WireOffer = z.object({
  id: ShareId,
  name: z.string().min(1).max(255),
  kind: z.enum(['file', 'folder']),
  state: z.enum(['hashing', 'ready', 'failed']),
  files: Natural,
  bytes: Natural,
  hashedBytes: Natural,
});
export type WireOffer = z.infer<typeof WireOffer>;
export const Offers = z.array(WireOffer).max(MAX_OFFERS);

export const Listing = z.object({
  entries: z
    .array(
      z.object({
        name: z.string().min(1).max(MAX_PART_BYTES),
        kind: z.enum(['file', 'folder']),
        bytes: Natural,
        files: Natural,
        modifiedAt: Natural,
      }),
    )
    .max(1_000),
  more: z.boolean(),
});
export type Listing = z.infer<typeof Listing>;

/** Writes a frame's header into the first five bytes of `target`. */
export function writeFrameHeader(target: Buffer, kind: number, length: number): void {
  target.writeUInt32BE(length, 0);
  target[4] = kind;
}
