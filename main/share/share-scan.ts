import { setImmediate } from 'node:timers/promises';
import type { Signer } from '../identity/types.ts';
import type { EntryRepository } from './entry-repository.ts';
import { ShareError } from './errors.ts';
import { buildManifest } from './manifest-builder.ts';
import type { FromWorker, ScannedEntry } from './scan/messages.ts';
import { SKIPPED_EXAMPLES } from './scan/messages.ts';
import type { Scanner } from './scan/scanner.ts';
import type { ShareRepository, ShareRow } from './share-repository.ts';

type Hashed = Extract<FromWorker, { is: 'hashed' }>;

/** Files handed to the worker at once; between two lots other shares get their turn. */
const HASH_LOT = 256;

export interface ScanParts {
  readonly shares: ShareRepository;
  readonly entries: EntryRepository;
  readonly scanner: Scanner;
  readonly signer: Signer;
  /** Runs in one transaction of the store. */
  readonly transaction: <T>(work: () => T) => T;
}

/**
 * One pass over a share: walk, hash what is new or changed, make the next manifest. The row is stored at each
 * step, so that a pass that ends anywhere is taken up by the next one: a share that is `hashing` in the store
 * needs a manifest.
 */
export class ShareScan {
  readonly #parts: ScanParts;
  readonly #signal: AbortSignal;
  /** Told of each new state; the caller shows it. */
  readonly #tell: (row: ShareRow) => void;
  #row: ShareRow;
  #unhashedBytes = 0;
  #unhashedFiles = 0;

  constructor(parts: ScanParts, row: ShareRow, signal: AbortSignal, tell: (row: ShareRow) => void) {
    this.#parts = parts;
    this.#row = row;
    this.#signal = signal;
    this.#tell = tell;
  }

  /** Throws ShareError `path-missing`, `path-unreadable`, `scan-failed`, `share-too-large`, or the signal's reason. */
  async run(): Promise<void> {
    this.#set({ generation: this.#row.generation + 1 });
    await this.#walk();
    await this.#dropUnseen();
    await this.#hash();
    if (this.#row.state !== 'ready') await this.#publish();
  }

  #set(change: Partial<ShareRow>): void {
    this.#row = { ...this.#row, ...change };
    this.#parts.shares.update(this.#row);
    this.#tell(this.#row);
  }

  async #walk(): Promise<void> {
    const { path, kind } = this.#row;
    const first = this.#row.revision === 0;
    const seen = { files: 0, bytes: 0 };
    const onEntries = (entries: readonly ScannedEntry[]): void =>
      this.#parts.transaction(() => {
        const batch = this.#parts.entries.walked(this.#row.id, this.#row.generation, entries);
        this.#unhashedBytes += batch.unhashedBytes;
        this.#unhashedFiles += batch.unhashedFiles;
        for (const entry of entries) {
          if (entry.kind !== 'file') continue;
          seen.files += 1;
          seen.bytes += entry.bytes;
        }
        const changed = batch.changed || batch.unhashedFiles > 0;
        if (first || (changed && this.#row.state !== 'hashing')) {
          this.#set({ ...(changed && { state: 'hashing', error: null }), ...(first && seen) });
        }
      });
    const { files, bytes, skipped } = await this.#parts.scanner.walk(
      path,
      kind,
      onEntries,
      this.#signal,
    );
    this.#set({ files, bytes, skipped, hashedBytes: bytes - this.#unhashedBytes, error: null });
  }

  async #dropUnseen(): Promise<void> {
    const { id, generation } = this.#row;
    let after: string | undefined = '';
    while (after !== undefined) {
      const from: string = after;
      after = this.#parts.transaction(() => {
        const { deleted, last } = this.#parts.entries.dropUnseen(id, generation, from);
        if (deleted > 0) this.#set({ state: 'hashing' });
        return last;
      });
      await setImmediate();
      this.#signal.throwIfAborted();
    }
  }

  async #hash(): Promise<void> {
    if (this.#unhashedFiles === 0) return;
    const { id, path, kind } = this.#row;
    for (;;) {
      const lot = this.#parts.entries.unhashed(id, HASH_LOT);
      if (lot.length === 0) return;
      let settled = 0;
      const onHashed = (result: Hashed): void => {
        settled += result.files.length + result.failed.length;
        this.#hashed(result);
      };
      await this.#parts.scanner.hash(path, kind, lot, onHashed, this.#signal);
      if (settled < lot.length) {
        throw new ShareError('scan-failed', `Not every file of ${path} could be hashed.`);
      }
    }
  }

  #hashed(result: Hashed): void {
    const { id, skipped } = this.#row;
    this.#parts.transaction(() => {
      const examples = result.failed.map(
        ({ entry, reason }) => `${this.#parts.entries.localOf(entry) ?? 'a file'} ${reason}`,
      );
      const sum = this.#parts.entries.hashed(
        id,
        result.groups,
        result.files,
        result.failed.map(({ entry }) => entry),
      );
      const bytes = this.#row.bytes + sum.bytes;
      this.#set({
        bytes,
        files: this.#row.files + sum.files,
        hashedBytes: Math.min(bytes, this.#row.hashedBytes + result.progress),
        skipped: {
          count: skipped.count + examples.length,
          examples: [...skipped.examples, ...examples].slice(0, SKIPPED_EXAMPLES),
        },
      });
    });
  }

  async #publish(): Promise<void> {
    const revision = this.#row.revision + 1;
    const { shares, entries, signer } = this.#parts;
    const sums = await buildManifest(
      this.#row,
      revision,
      { shares, entries },
      signer,
      this.#signal,
    );
    this.#set({ ...sums, revision, hashedBytes: sums.bytes, state: 'ready', error: null });
  }
}
