import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, realpath, rmdir } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { Emitter } from '../../base/emitter.ts';
import type { Log } from '../../base/log.ts';
import type { Links } from '../../link/types.ts';
import { Background } from '../background.ts';
import { BufferPool } from '../buffer-pool.ts';
import { ShareError } from '../errors.ts';
import { failureOf } from '../failure.ts';
import type { RemoteOffers } from '../remote-offers.ts';
import { folderNameOf, type Platform } from '../safe-path.ts';
import { Slots } from '../slots.ts';
import { Throttle } from '../throttle.ts';
import type { Transfer } from '../types.ts';
import { ChunkHasher, createChunkBuffer } from './chunk-hasher.ts';
import { FileRepository } from './file-repository.ts';
import { LiveTransfer } from './live-transfer.ts';
import { clearParts, makeFolders } from './target.ts';
import { onTarget } from './target-errors.ts';
import { TransferRepository, type TransferRow } from './transfer-repository.ts';
import { TransferRun } from './transfer-run.ts';

/** Downloads that run at once; others wait their turn. */
const MAX_RUNNING = 4;
/** Chunks in memory over all downloads: 16 MiB. */
const MAX_BUFFERS = 64;
const SHOW_GAP_MS = 100;

export interface DownloadParts {
  readonly links: Links;
  readonly db: Database;
  readonly offers: RemoteOffers;
  readonly platform: Platform;
  readonly log: Log;
  readonly now: () => number;
}

export type DownloadEvents = {
  transfer: [id: string, transfer: Transfer | undefined];
};

/** All downloads of this peer: begun, taken up again after a restart, cancelled, forgotten. */
export class Downloads implements AsyncDisposable {
  readonly events = new Emitter<DownloadEvents>();
  readonly #parts: DownloadParts;
  readonly #repository: TransferRepository;
  readonly #live = new Map<string, LiveTransfer>();
  readonly #slots = new Slots(MAX_RUNNING, () => this.#rest());
  readonly #pool = new BufferPool(MAX_BUFFERS, createChunkBuffer);
  readonly #hasher = new ChunkHasher();
  readonly #shown: Throttle<string>;
  readonly #background: Background;
  #closed = false;

  constructor(parts: DownloadParts) {
    this.#parts = parts;
    this.#repository = new TransferRepository(parts.db);
    this.#background = new Background(parts.log);
    this.#shown = new Throttle(SHOW_GAP_MS, (id) => {
      const transfer = this.#live.get(id);
      if (transfer !== undefined) this.events.emit('transfer', id, transfer.shown());
    });
  }

  start(): void {
    for (const row of this.#repository.all()) {
      const transfer = this.#adopt(row);
      if (!transfer.ended) this.#run(transfer);
    }
    for (const { id, into } of this.#repository.removed()) this.#sweep(id, into, undefined);
  }

  list(): Transfer[] {
    return [...this.#live.values()].map((transfer) => transfer.shown());
  }

  /** Throws ShareError `offer-unknown`, `target-not-writable`, `target-missing`, … */
  async add(options: {
    peer: string;
    share: string;
    path: string;
    into: string;
  }): Promise<Transfer> {
    const { peer, share } = options;
    const offer = this.#parts.offers.get(peer, share);
    if (offer === undefined) {
      throw new ShareError('offer-unknown', 'The contact offers no such share.');
    }
    const into = await usableFolder(options.into);
    this.#assertOpen();
    const path = options.path.normalize('NFC').replace(/^\/+|\/+$/g, '');
    const name = folderNameOf(path === '' ? offer.name : basename(path), this.#parts.platform);
    const row: TransferRow = {
      id: randomBytes(8).toString('hex'),
      peer,
      share,
      shareName: offer.name,
      path,
      into,
      target: join(into, name),
      kind: offer.kind,
      state: 'waiting',
      error: null,
      planned: false,
      issued: 0,
      filesDone: 0,
      // What the contact says, until its signed list is there.
      filesTotal: path === '' ? offer.files : 0,
      bytesDone: 0,
      bytesTotal: path === '' ? offer.bytes : 0,
      chunksReceived: 0,
      chunksRefetched: 0,
      startedAt: this.#parts.now(),
      finishedAt: null,
    };
    this.#repository.insert(row);
    const transfer = this.#adopt(row);
    this.#run(transfer);
    return transfer.shown();
  }

  /** Throws ShareError `transfer-unknown`, `transfer-ended`. */
  cancel(id: string): Transfer {
    const transfer = this.#get(id);
    if (transfer.ended) {
      throw new ShareError('transfer-ended', 'The download has ended already.');
    }
    transfer.stop.abort(new ShareError('transfer-ended', 'The download was cancelled.'));
    transfer.set({ state: 'cancelled', finishedAt: this.#parts.now() });
    return transfer.shown();
  }

  /** Throws ShareError `transfer-unknown`, `transfer-active`, `transfer-ended`. */
  retry(id: string): Transfer {
    const transfer = this.#get(id);
    this.#assertOpen();
    if (!transfer.ended) throw new ShareError('transfer-active', 'The download is still running.');
    if (transfer.row.state === 'done') {
      throw new ShareError('transfer-ended', 'The download is complete.');
    }
    // Nothing is where it was: everything is fetched again, to a new place.
    if (transfer.row.error?.code === 'target-missing') transfer.reset();
    transfer.unverified = transfer.row.planned;
    transfer.set({ state: 'waiting', error: null, finishedAt: null });
    this.#run(transfer);
    return transfer.shown();
  }

  /** Throws ShareError `transfer-unknown`, `transfer-active`. */
  forget(id: string): void {
    const transfer = this.#get(id);
    if (!transfer.ended) throw new ShareError('transfer-active', 'The download is still running.');
    this.#repository.markRemoved(id);
    this.#live.delete(id);
    this.#shown.forget(id);
    this.events.emit('transfer', id, undefined);
    this.#sweep(id, transfer.row.into, transfer);
  }

  #get(id: string): LiveTransfer {
    const transfer = this.#live.get(id);
    if (transfer === undefined)
      throw new ShareError('transfer-unknown', `There is no download ${id}.`);
    return transfer;
  }

  #assertOpen(): void {
    if (this.#closed) throw new ShareError('sharing-closed', 'The peer is stopping.');
  }

  #adopt(row: TransferRow): LiveTransfer {
    const onChange = ({ id }: LiveTransfer, important: boolean): void => {
      if (this.#closed || !this.#live.has(id)) return;
      if (important) this.#shown.now(id);
      else this.#shown.call(id);
    };
    const transfer = new LiveTransfer(row, this.#repository, onChange, this.#parts.now);
    this.#live.set(row.id, transfer);
    this.#shown.now(row.id);
    return transfer;
  }

  #run(transfer: LiveTransfer): void {
    const stop = new AbortController();
    transfer.stop = stop;
    const before = transfer.running;
    transfer.running = before.then(() => this.#runToEnd(transfer, stop.signal));
  }

  /** Never rejects. */
  async #runToEnd(transfer: LiveTransfer, signal: AbortSignal): Promise<void> {
    const { links, offers, platform, db, log, now } = this.#parts;
    try {
      signal.throwIfAborted();
      const run = new TransferRun(transfer, {
        links,
        offers,
        platform,
        files: new FileRepository(db, transfer.id),
        pool: this.#pool,
        hasher: this.#hasher,
        slots: this.#slots,
        isTaken: (path) => this.#isTaken(path, transfer),
      });
      await run.run();
      if (!signal.aborted) transfer.set({ state: 'done', error: null, finishedAt: now() });
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ err: error, transfer: transfer.id }, 'a download failed');
      transfer.set({
        state: 'failed',
        error: failureOf(error, 'transfer-broken'),
        finishedAt: now(),
      });
    }
  }

  /** Nothing is fetched or verified: no memory is held for it. The hashing thread knows the buffers, so both go. */
  #rest(): void {
    this.#pool.trim();
    this.#background.run('ending the hashing thread', () => this.#hasher.close());
  }

  #isTaken(path: string, by: LiveTransfer): boolean {
    for (const other of this.#live.values()) {
      if (other !== by && !other.ended && other.row.planned && other.row.target === path)
        return true;
    }
    return false;
  }

  /** Removes what a forgotten download left: parts, rows, and a target in which nothing had arrived. */
  #sweep(id: string, into: string, transfer: LiveTransfer | undefined): void {
    this.#background.run('forgetting a download', async () => {
      await transfer?.running;
      await clearParts({ id, into });
      if (transfer?.row.kind === 'folder' && transfer.row.planned && transfer.row.filesDone === 0) {
        await rmdir(transfer.row.target).catch(() => undefined); // Not empty, or gone: it stays as it is.
      }
      const files = new FileRepository(this.#parts.db, id);
      while (!this.#closed && files.sweep()) await setImmediate();
      if (!this.#closed) this.#repository.delete(id);
    });
  }

  /** Stops all runs; the store keeps them as they are, and the next start goes on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#shown.dispose();
    for (const { stop } of this.#live.values()) {
      stop.abort(new ShareError('sharing-closed', 'The peer is stopping.'));
    }
    await Promise.all([...this.#live.values()].map(({ running }) => running));
    await this.#background.idle();
  }
}

/** The folder as the system names it, made when absent. */
async function usableFolder(path: string): Promise<string> {
  if (!isAbsolute(path)) {
    throw new ShareError('target-missing', `${path} is no absolute path.`);
  }
  return onTarget(path, async () => {
    await makeFolders(path);
    await access(path, constants.W_OK | constants.X_OK);
    return realpath(path);
  });
}
