import type { Transfer } from '../types.ts';
import { Progress } from './progress.ts';
import type { TransferRepository, TransferRow } from './transfer-repository.ts';

const ENDED = new Set(['done', 'failed', 'cancelled']);

/** A download while the program runs: its row, its counters, and how it is shown. */
export class LiveTransfer {
  readonly progress: Progress;
  /** Ends the run that is under way. */
  stop = new AbortController();
  /** Settles when the run has come to rest; never rejects. */
  running: Promise<void> = Promise.resolve();
  /** What is on disk was left by an earlier run, or was touched by others: look before fetching. */
  unverified: boolean;
  readonly #repository: TransferRepository;
  readonly #onChange: (transfer: LiveTransfer, important: boolean) => void;
  readonly #now: () => number;
  #row: TransferRow;
  #stage: { done: number; total: number } | null = null;
  #shownBytes: number;

  constructor(
    row: TransferRow,
    repository: TransferRepository,
    onChange: (transfer: LiveTransfer, important: boolean) => void,
    now: () => number,
  ) {
    this.#row = row;
    this.#repository = repository;
    this.#onChange = onChange;
    this.#now = now;
    this.progress = new Progress(row, now());
    this.unverified = row.planned;
    this.#shownBytes = row.bytesDone;
  }

  get id(): string {
    return this.#row.id;
  }

  get row(): TransferRow {
    return this.#row;
  }

  get ended(): boolean {
    return ENDED.has(this.#row.state);
  }

  /** Changes and stores the row, counters included, and tells it. A new state starts with its own stage. */
  set(change: Partial<TransferRow>, stage?: { done: number; total: number }): void {
    const important = change.state !== undefined && change.state !== this.#row.state;
    if (important || stage !== undefined) this.#stage = stage ?? null;
    this.#row = { ...this.#row, ...change };
    this.save();
    this.#onChange(this, important);
  }

  /** Shows how far a stage is, bytes. */
  stage(done: number, total: number): void {
    this.#stage = { done, total };
    this.#onChange(this, false);
  }

  /** Shows the counters. */
  touch(): void {
    this.#onChange(this, false);
  }

  /** Stores the row with the counters as they are. */
  save(): void {
    const { filesDone, bytesDone, chunksReceived, chunksRefetched } = this.progress;
    this.#row = { ...this.#row, filesDone, bytesDone, chunksReceived, chunksRefetched };
    this.#repository.update(this.#row);
  }

  /** Starts over with nothing done. */
  reset(): void {
    this.progress.filesDone = 0;
    this.progress.bytesDone = 0;
    this.#shownBytes = 0;
    this.set({ planned: false, issued: 0, filesTotal: 0, bytesTotal: 0 });
  }

  shown(): Transfer {
    const row = this.#row;
    const total = row.bytesTotal;
    // Chunks that must be fetched again do not take back what was shown.
    this.#shownBytes = Math.min(total, Math.max(this.#shownBytes, this.progress.bytesDone));
    const rate = row.state === 'transferring' ? this.progress.rate.perSecond(this.#now()) : 0;
    const left = total - this.#shownBytes;
    return {
      id: row.id,
      peer: row.peer,
      share: row.share,
      shareName: row.shareName,
      path: row.path,
      target: row.target,
      state: row.state,
      error: row.error,
      files: { done: this.progress.filesDone, total: row.filesTotal },
      bytes: { done: this.#shownBytes, total },
      stage: row.state === 'hashing' || row.state === 'verifying' ? this.#stage : null,
      chunks: { received: this.progress.chunksReceived, refetched: this.progress.chunksRefetched },
      rateBytesPerSecond: rate,
      etaSeconds: rate >= 1 ? left / rate : null,
      startedAt: row.startedAt,
      finishedAt: row.finishedAt,
    };
  }
}
