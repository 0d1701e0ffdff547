import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { Emitter } from '../base/emitter.ts';
import { codeOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { Background } from './background.ts';
import { ShareError } from './errors.ts';
import { failureOf } from './failure.ts';
import { assertNotPrivate } from './private-folders.ts';
import { ShareScan, type ScanParts } from './share-scan.ts';
import type { ShareRow } from './share-repository.ts';
import { Throttle } from './throttle.ts';
import type { Audience, Share } from './types.ts';

/** Progress of hashing is shown ten times a second. */
const SHOW_GAP_MS = 100;
/** A share that is found changed while it is served is walked again at most this often. */
const RESCAN_GAP_MS = 1_000;

/** A share of ours while the peer runs. */
export interface LiveShare {
  readonly id: string;
  row: ShareRow;
  /** Aborted when it is unshared: ends scans, and reads in flight. */
  readonly gone: AbortController;
  /** How often something on disk was found to differ, and how many of these a walk has looked into since. */
  noted: number;
  settled: number;
  scanning: boolean;
}

export type OwnShareEvents = {
  /** The share changed; undefined: it is gone. */
  share: [id: string, share: Share | undefined];
};

/** Whether readers have to wait for the manifest: the one there is may not be true any more. */
export function isWithheld(live: LiveShare): boolean {
  return live.row.state === 'hashing' || live.noted !== live.settled;
}

/** What this peer offers: the shares of the store, and the scans that keep them true. */
export class OwnShares implements AsyncDisposable {
  readonly events = new Emitter<OwnShareEvents>();
  readonly #parts: ScanParts;
  readonly #privateFolders: readonly string[];
  readonly #log: Log;
  readonly #now: () => number;
  readonly #live = new Map<string, LiveShare>();
  readonly #background: Background;
  readonly #shown: Throttle<string>;
  readonly #rescans: Throttle<string>;
  readonly #closed = new AbortController();

  constructor(parts: ScanParts, log: Log, now: () => number, privateFolders: readonly string[]) {
    this.#privateFolders = privateFolders;
    this.#parts = parts;
    this.#log = log;
    this.#now = now;
    this.#background = new Background(log);
    this.#shown = new Throttle(SHOW_GAP_MS, (id) => {
      const live = this.#live.get(id);
      if (live !== undefined) this.events.emit('share', id, shareOf(live.row));
    });
    this.#rescans = new Throttle(RESCAN_GAP_MS, (id) => this.#scan(this.#live.get(id)));
  }

  /** Takes up the shares of earlier runs: each is walked, and what changed meanwhile is hashed. */
  start(): void {
    for (const row of this.#parts.shares.all()) this.#scan(this.#adopt(row));
    for (const id of this.#parts.shares.removed()) this.#sweep(id);
  }

  list(): Share[] {
    return [...this.#live.values()].map(({ row }) => shareOf(row));
  }

  get(id: string): LiveShare | undefined {
    return this.#live.get(id);
  }

  all(): Iterable<LiveShare> {
    return this.#live.values();
  }

  /** Throws ShareError `path-private`, `path-missing`, `path-unreadable`, `path-unsupported`, `already-shared`. */
  async add(options: { path: string; name?: string; audience: Audience }): Promise<Share> {
    const path = resolve(options.path);
    const kind = await kindOf(path);
    await assertNotPrivate(path, this.#privateFolders);
    this.#closed.signal.throwIfAborted();
    for (const { id, row } of this.#live.values()) {
      if (row.path !== path) continue;
      if (row.state !== 'failed') {
        throw new ShareError('already-shared', `${path} is shared already, as "${row.name}".`);
      }
      this.remove(id);
    }
    const name = (options.name ?? basename(path)).slice(0, 255).toWellFormed();
    const row: ShareRow = {
      id: randomBytes(16).toString('hex'),
      name: name === '' ? path : name,
      description: '',
      kind,
      path,
      audience: options.audience,
      state: 'hashing',
      error: null,
      generation: 0,
      revision: 0,
      files: 0,
      bytes: 0,
      hashedBytes: 0,
      skipped: { count: 0, examples: [] },
      createdAt: this.#now(),
    };
    this.#parts.shares.insert(row);
    const live = this.#adopt(row);
    this.#shown.now(row.id);
    this.#scan(live);
    return shareOf(live.row);
  }

  /** At once: who asks from now on is told that there is no such share. Throws ShareError `share-unknown`. */
  remove(id: string): void {
    const live = this.#live.get(id);
    if (live === undefined) throw new ShareError('share-unknown', `There is no share ${id}.`);
    this.#parts.shares.markRemoved(id);
    this.#live.delete(id);
    this.#shown.forget(id);
    this.#rescans.forget(id);
    live.gone.abort(new ShareError('share-unknown', 'It is not shared any more.'));
    this.events.emit('share', id, undefined);
    this.#sweep(id);
  }

  /** Something was found changed on disk: walk the share soon. Until then its manifest is withheld. */
  noteChanged(live: LiveShare): void {
    if (live.gone.signal.aborted) return;
    live.noted += 1;
    this.#rescans.call(live.id);
  }

  #adopt(row: ShareRow): LiveShare {
    const live = {
      id: row.id,
      row,
      gone: new AbortController(),
      noted: 0,
      settled: 0,
      scanning: false,
    };
    this.#live.set(row.id, live);
    return live;
  }

  #scan(live: LiveShare | undefined): void {
    // A running scan looks at its end whether something was noted meanwhile.
    if (live === undefined || live.scanning) return;
    live.scanning = true;
    this.#background.run('scanning a share', async () => {
      try {
        await this.#scanUntilTrue(live);
      } finally {
        live.scanning = false;
      }
    });
  }

  async #scanUntilTrue(live: LiveShare): Promise<void> {
    const signal = AbortSignal.any([live.gone.signal, this.#closed.signal]);
    for (;;) {
      const { noted } = live;
      const scan = new ShareScan(this.#parts, live.row, signal, (row) => this.#show(live, row));
      try {
        await scan.run();
      } catch (error) {
        if (signal.aborted) return;
        this.#log.warn({ err: error, share: live.id }, 'a share cannot be scanned');
        const row: ShareRow = {
          ...live.row,
          state: 'failed',
          error: failureOf(error, 'scan-failed'),
        };
        this.#parts.shares.update(row);
        this.#show(live, row);
      }
      live.settled = noted;
      if (live.noted === noted) return;
      await setTimeout(RESCAN_GAP_MS, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
    }
  }

  #show(live: LiveShare, row: ShareRow): void {
    const told = live.row.state === row.state && live.row.revision === row.revision;
    live.row = row;
    if (live.gone.signal.aborted) return;
    if (told) this.#shown.call(row.id);
    else this.#shown.now(row.id);
  }

  #sweep(id: string): void {
    this.#background.run('deleting an unshared share', async () => {
      // A scan that was aborted has written its last by the time its promise settles.
      await setImmediate();
      while (!this.#closed.signal.aborted && this.#parts.shares.sweep(id)) await setImmediate();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new ShareError('sharing-closed', 'The peer is stopping.'));
    this.#shown.dispose();
    this.#rescans.dispose();
    await this.#background.idle();
  }
}

function shareOf(row: ShareRow): Share {
  const { id, name, kind, path, audience, state, error } = row;
  const { files, bytes, hashedBytes, skipped, createdAt } = row;
  return {
    id,
    name,
    kind,
    path,
    audience,
    state,
    error,
    files,
    bytes,
    hashedBytes,
    skipped,
    createdAt,
  };
}

async function kindOf(path: string): Promise<'file' | 'folder'> {
  try {
    const stats = await stat(path);
    if (!stats.isFile() && !stats.isDirectory()) {
      throw new ShareError('path-unsupported', `${path} is neither a file nor a folder.`);
    }
    await access(path, constants.R_OK | (stats.isDirectory() ? constants.X_OK : 0));
    return stats.isFile() ? 'file' : 'folder';
  } catch (error) {
    if (error instanceof ShareError) throw error;
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new ShareError('path-missing', `There is nothing at ${path}.`, { cause: error });
    }
    throw new ShareError('path-unreadable', `${path} cannot be read.`, { cause: error });
  }
}
