import type { Log } from '../../base/log.ts';
import type { PeerKey } from '../../identity/types.ts';
import type { Stream } from '../../link/types.ts';
import { BufferPool } from '../buffer-pool.ts';
import { encodeCbor } from '../../base/cbor.ts';
import { CHUNK_BYTES } from '../chunk-tree.ts';
import type { EntryRepository } from '../entry-repository.ts';
import { isWithheld, type LiveShare, type OwnShares } from '../own-shares.ts';
import type { ShareRepository } from '../share-repository.ts';
import { WireError } from '../wire-errors.ts';
import {
  FRAME_HEADER_BYTES,
  FrameKind,
  MAX_LISTING_BYTES,
  MAX_OFFERS,
  MAX_STREAMS_PER_READER,
  type ListRequest,
  type Listing,
  type Request,
  type WireOffer,
} from '../wire.ts';
import type { Answer } from './outbox.ts';
import { planRead } from './reading.ts';
import { ServedStream } from './served-stream.ts';

/** Chunks in memory for one reader, over all its streams: 8 MiB. */
const BUFFERS_PER_READER = 32;

export interface ServerParts {
  readonly own: OwnShares;
  readonly shares: ShareRepository;
  readonly entries: EntryRepository;
  readonly isAccepted: (peer: PeerKey) => boolean;
  readonly log: Log;
}

interface Reader {
  readonly streams: Set<ServedStream>;
  readonly pool: BufferPool;
}

/** Serves `/skerry/share/1` to contacts, each within its limits. The audience is asked at every request. */
export class ShareServer {
  readonly #parts: ServerParts;
  readonly #readers = new Map<PeerKey, Reader>();

  constructor(parts: ServerParts) {
    this.#parts = parts;
  }

  /** Serves one stream to its end. */
  async serve(stream: Stream): Promise<void> {
    const { peer } = stream;
    const served = new ServedStream(stream, this.#parts.log);
    const reader = this.#readers.get(peer) ?? {
      streams: new Set(),
      pool: new BufferPool(BUFFERS_PER_READER, () =>
        Buffer.allocUnsafeSlow(FRAME_HEADER_BYTES + CHUNK_BYTES),
      ),
    };
    this.#readers.set(peer, reader);
    const busy = reader.streams.size >= MAX_STREAMS_PER_READER;
    reader.streams.add(served);
    try {
      await served.serve(async (request) => {
        const answer: Answer = { ended: false, cut: undefined };
        if (busy) served.fail(answer, new WireError('busy'));
        else await this.#answer(request, served, reader.pool);
      });
    } finally {
      reader.streams.delete(served);
      // The pool goes with its last stream, and its memory with it.
      if (reader.streams.size === 0) this.#readers.delete(peer);
    }
  }

  /** Ends every stream of a reader that is no contact any more. */
  drop(peer: PeerKey): void {
    for (const { stream } of this.#readers.get(peer)?.streams ?? []) stream.abort();
  }

  dropAll(): void {
    for (const peer of this.#readers.keys()) this.drop(peer);
  }

  /** What `peer` may know of. */
  offersTo(peer: PeerKey): WireOffer[] {
    const offers: WireOffer[] = [];
    for (const live of this.#parts.own.all()) {
      if (!this.#mayRead(live, peer) || offers.length === MAX_OFFERS) continue;
      const { id, name, kind, state, files, bytes, hashedBytes } = live.row;
      offers.push({ id, name, kind, state, files, bytes, hashedBytes });
    }
    return offers;
  }

  #mayRead({ row }: LiveShare, peer: PeerKey): boolean {
    if (!this.#parts.isAccepted(peer)) return false;
    return row.audience === 'everyone' || row.audience.includes(peer);
  }

  /** Throws WireError `share-unknown`, whether there is none or it is not for this reader. */
  #visible(id: string, peer: PeerKey): LiveShare {
    const live = this.#parts.own.get(id);
    if (live === undefined || !this.#mayRead(live, peer)) throw new WireError('share-unknown');
    return live;
  }

  async #answer(request: Request, served: ServedStream, pool: BufferPool): Promise<void> {
    const { peer } = served.stream;
    let answer: Answer = { ended: false, cut: undefined };
    try {
      if (request.do === 'offers') {
        served.reply(answer, FrameKind.message, encodeCbor(this.offersTo(peer)));
        return;
      }
      const live = this.#visible(request.share, peer);
      answer = { ended: false, cut: live.gone.signal };
      if (request.do === 'read') {
        await planRead(request, live, answer, served.outbox, {
          entries: this.#parts.entries,
          pool,
          signal: served.ended.signal,
          onChanged: (share, path, content) => this.#changed(share, path, content),
        });
      } else if (request.do === 'list') {
        served.reply(answer, FrameKind.message, this.#list(request, live));
      } else if (request.do === 'manifest') {
        served.reply(answer, FrameKind.bytes, this.#manifest(live));
      } else {
        const { revision, index } = request;
        const page =
          revision === live.row.revision
            ? this.#parts.shares.page(live.id, revision, index)
            : undefined;
        if (page === undefined) throw new WireError('revision-gone');
        served.reply(answer, FrameKind.bytes, page);
      }
    } catch (error) {
      if (served.ended.signal.aborted) throw error;
      served.fail(answer, error);
    }
  }

  #manifest(live: LiveShare): Uint8Array {
    if (live.row.state === 'failed') throw new WireError('share-failed');
    const manifest = isWithheld(live) ? undefined : this.#parts.shares.manifest(live.id);
    if (manifest === undefined) throw new WireError('hashing');
    return manifest;
  }

  #list(request: ListRequest, live: LiveShare): Uint8Array {
    const { path, after, limit } = request;
    const rows = this.#parts.entries.children(live.id, path, after ?? '', limit + 1);
    if (rows.length === 0 && path !== '') {
      if (this.#parts.entries.get(live.id, path)?.kind !== 'folder') {
        throw new WireError('path-unknown');
      }
    }
    const entries: Listing['entries'] = [];
    let room = MAX_LISTING_BYTES - 64;
    for (const row of rows) {
      // What the fields and their names take in CBOR, rather more than less.
      room -= Buffer.byteLength(row.name) + 80;
      if (entries.length === limit || room < 0) break;
      const { name, kind, bytes, files, modifiedAt } = row;
      entries.push({ name, kind, bytes, files, modifiedAt });
    }
    return encodeCbor({ entries, more: entries.length < rows.length } satisfies Listing);
  }

  #changed(live: LiveShare, path: string, content: boolean): void {
    // Same size and times, other bytes: the next walk would not see it.
    if (content) this.#parts.entries.forgetHash(live.id, path);
    this.#parts.own.noteChanged(live);
  }
}
