import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Links } from '../../link/types.ts';
import type { BufferPool } from '../buffer-pool.ts';
import type { ChunkBuffer, ChunkHasher } from './chunk-hasher.ts';
import { ShareError } from '../errors.ts';
import { FrameError } from '../frame-reader.ts';
import type { RemoteOffers } from '../remote-offers.ts';
import type { Platform } from '../safe-path.ts';
import type { Slots } from '../slots.ts';
import { WireError, isLinkTrouble, shareErrorOfWire } from '../wire-errors.ts';
import { Backoff } from './backoff.ts';
import { Fetcher } from './fetcher.ts';
import type { FileRepository } from './file-repository.ts';
import { followChanges, hasChanged } from './follow.ts';
import type { LiveTransfer } from './live-transfer.ts';
import { PageSource } from './page-source.ts';
import { planFiles } from './planner.ts';
import { SourceStream } from './source-stream.ts';
import { Target, claimTarget, makeFolders } from './target.ts';
import { onTarget } from './target-errors.ts';
import { Verifier } from './verifier.ts';

/** How often a source that hashes is looked at. */
const HASHING_POLL_MS = 500;
/** After this many looks the source is asked again, whatever it announced. */
const MAX_POLLS = 10;
/** How often a source may fail to answer, with nothing received in between. */
const MAX_INTERNAL = 4;

export interface RunParts {
  readonly links: Links;
  readonly offers: RemoteOffers;
  readonly files: FileRepository;
  readonly pool: BufferPool<ChunkBuffer>;
  readonly hasher: ChunkHasher;
  /** Downloads that are served at once. */
  readonly slots: Slots;
  readonly platform: Platform;
  /** Whether another download is going to this path. */
  readonly isTaken: (path: string) => boolean;
}

/** Takes one download to its end, over as many links, attempts and revisions as it needs. */
export class TransferRun {
  readonly #transfer: LiveTransfer;
  readonly #parts: RunParts;
  readonly #signal: AbortSignal;
  readonly #backoff = new Backoff();

  constructor(transfer: LiveTransfer, parts: RunParts) {
    this.#transfer = transfer;
    this.#parts = parts;
    this.#signal = transfer.stop.signal;
  }

  /** Resolves when everything has arrived. Rejects with what a person has to know, or the signal's reason. */
  async run(): Promise<void> {
    for (;;) {
      const before = this.#transfer.progress.chunksReceived;
      try {
        await this.#attempt();
        return;
      } catch (error) {
        this.#signal.throwIfAborted();
        if (this.#transfer.progress.chunksReceived > before) this.#backoff.reset();
        if (error instanceof WireError && error.wire === 'hashing') await this.#awaitHashing();
        else await this.#awaitRetry(error);
      }
    }
  }

  async #attempt(): Promise<void> {
    const { links, slots } = this.#parts;
    if (this.#transfer.unverified && this.#transfer.row.planned) {
      const release = await slots.take(this.#signal);
      await this.#verify().finally(release);
    }
    await this.#awaitLink(links);
    const release = await slots.take(this.#signal);
    try {
      if (!this.#transfer.row.planned) await this.#plan();
      const target = new Target(this.#transfer.row, this.#parts.platform);
      await target.prepare();
      await this.#fetch(target);
      while (hasChanged(this.#parts.files)) {
        await this.#follow(target);
        await this.#fetch(target);
      }
      await target.clear();
    } finally {
      release();
    }
  }

  async #verify(): Promise<void> {
    const transfer = this.#transfer;
    const { files, pool, hasher, platform } = this.#parts;
    transfer.set({ state: 'verifying', error: null }, { done: 0, total: 0 });
    const target = new Target(transfer.row, platform);
    await target.prepare();
    const verifier = new Verifier({
      files,
      target,
      pool,
      hasher,
      progress: transfer.progress,
      signal: this.#signal,
      onStage: (done, total) => transfer.stage(done, total),
    });
    await verifier.run(transfer.row.issued);
    transfer.unverified = false;
    transfer.save();
  }

  async #plan(): Promise<void> {
    const transfer = this.#transfer;
    const { files, platform } = this.#parts;
    const { peer, share, path, into } = transfer.row;
    while (files.sweep()) await setImmediate();
    const plan = await this.#withPages(peer, share, (pages) =>
      planFiles(pages, path, files, platform, this.#signal),
    );
    await onTarget(into, () => makeFolders(into));
    const target = await claimTarget(into, plan.name, plan.kind, platform, this.#parts.isTaken);
    this.#signal.throwIfAborted();
    transfer.set({
      planned: true,
      kind: plan.kind,
      target,
      filesTotal: plan.files,
      bytesTotal: plan.bytes,
    });
  }

  async #withPages<T>(
    peer: string,
    share: string,
    work: (pages: PageSource) => Promise<T>,
  ): Promise<T> {
    const stream = await SourceStream.open(this.#parts.links, peer, this.#signal);
    const onAbort = (): void => stream.abort(this.#signal.reason as Error);
    this.#signal.addEventListener('abort', onAbort);
    try {
      return await work(await PageSource.open(stream, peer, share));
    } finally {
      this.#signal.removeEventListener('abort', onAbort);
      await stream.close();
    }
  }

  async #fetch(target: Target): Promise<void> {
    const transfer = this.#transfer;
    const { peer, share } = transfer.row;
    await this.#checkSpace(target);
    transfer.set({ state: 'transferring', error: null });
    const fetcher = new Fetcher({
      share,
      open: (signal) => SourceStream.open(this.#parts.links, peer, signal),
      files: this.#parts.files,
      target,
      pool: this.#parts.pool,
      hasher: this.#parts.hasher,
      progress: transfer.progress,
      issued: transfer.row.issued,
      onIssued: (issued) => transfer.set({ issued }),
      onFlush: () => transfer.save(),
      onProgress: () => transfer.touch(),
      onPlaced: (_file, path) => {
        if (transfer.row.kind === 'file') transfer.set({ target: path });
      },
      signal: this.#signal,
    });
    try {
      await fetcher.run();
    } catch (error) {
      if (error instanceof ShareError && error.code === 'disk-full') {
        throw await this.#diskFull(target, error);
      }
      throw error;
    }
  }

  async #follow(target: Target): Promise<void> {
    const transfer = this.#transfer;
    const { peer, share, bytesTotal } = transfer.row;
    const grown = await this.#withPages(peer, share, (pages) =>
      followChanges(pages, this.#parts.files, target, transfer.progress),
    );
    transfer.set({ bytesTotal: Math.max(0, bytesTotal + grown) });
  }

  async #checkSpace(target: Target): Promise<void> {
    if ((await target.free()) < this.#missing()) throw await this.#diskFull(target);
  }

  #missing(): number {
    return Math.max(0, this.#transfer.row.bytesTotal - this.#transfer.progress.bytesDone);
  }

  async #diskFull(target: Target, cause?: ShareError): Promise<ShareError> {
    const free = await target.free();
    const short = Math.max(0, this.#missing() - free);
    return new ShareError(
      'disk-full',
      short > 0
        ? `The disk has ${megabytes(free)} left; ${megabytes(short)} more are needed.`
        : `The disk is full; ${megabytes(this.#missing())} are still to come.`,
      { cause },
    );
  }

  async #awaitLink(links: Links): Promise<void> {
    const { peer } = this.#transfer.row;
    if (links.get(peer) !== undefined) return;
    this.#transfer.set({ state: 'waiting', error: null });
    await new Promise<void>((resolve, reject) => {
      const settle = (end: () => void) => (): void => {
        off();
        this.#signal.removeEventListener('abort', abort);
        end();
      };
      const abort = settle(() => reject(this.#signal.reason as Error));
      const up = settle(resolve);
      const off = links.on('up', (key) => {
        if (key === peer) up();
      });
      this.#signal.addEventListener('abort', abort);
    });
  }

  /** The source is still reading its files: shows how far it is, until it may be through. */
  async #awaitHashing(): Promise<void> {
    const transfer = this.#transfer;
    const { peer, share } = transfer.row;
    const offer = this.#parts.offers.get(peer, share);
    const stage = { done: offer?.hashedBytes ?? 0, total: offer?.bytes ?? 0 };
    if (transfer.row.state !== 'hashing') transfer.set({ state: 'hashing', error: null }, stage);
    else transfer.stage(stage.done, stage.total);
    for (let polls = 0; polls < MAX_POLLS; polls += 1) {
      await setTimeout(HASHING_POLL_MS, undefined, { signal: this.#signal });
      const now = this.#parts.offers.get(peer, share);
      if (now?.state !== 'hashing') return;
      transfer.stage(now.hashedBytes, now.bytes);
    }
  }

  /** Waits for the next attempt after trouble that may pass; throws what does not. */
  async #awaitRetry(error: unknown): Promise<void> {
    if (error instanceof FrameError) {
      throw new ShareError('source-misbehaved', 'The contact broke the rules of the protocol.', {
        cause: error,
      });
    }
    const passing =
      isLinkTrouble(error) ||
      (error instanceof WireError && ['busy', 'internal', 'revision-gone'].includes(error.wire));
    const hopeless =
      error instanceof WireError && error.wire !== 'busy' && this.#backoff.attempts >= MAX_INTERNAL;
    if (!passing || hopeless) throw shareErrorOfWire(error);
    if (this.#parts.links.get(this.#transfer.row.peer) === undefined) return;
    const delay = this.#backoff.next();
    if (delay > 1_000) this.#transfer.set({ state: 'waiting', error: null });
    await setTimeout(delay, undefined, { signal: this.#signal });
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: 1 })} MB`;
}
