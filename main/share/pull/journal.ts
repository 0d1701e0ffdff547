import type { FileRepository } from './file-repository.ts';
import { FileState } from './file-repository.ts';

/** How long what was done may be unwritten: what a kill makes the next run look at again. */
const FLUSH_MS = 250;

/**
 * Writes the progress of a download a few times a second, in one transaction. What it says was done was on
 * disk before.
 */
export class Journal {
  readonly #files: FileRepository;
  readonly #onFlush: () => void;
  readonly #done: number[] = [];
  readonly #changed: number[] = [];
  readonly #groups = new Map<string, { index: number; group: number; bits: Uint8Array }>();
  readonly #timer: NodeJS.Timeout;

  /** @param onFlush writes the counters, inside the transaction */
  constructor(files: FileRepository, onFlush: () => void) {
    this.#files = files;
    this.#onFlush = onFlush;
    this.#timer = setInterval(() => this.flush(), FLUSH_MS).unref();
  }

  /** At once, because the chunks that follow are worth nothing without. */
  proven(index: number, group: number, leaves: Uint8Array): void {
    this.#files.transaction(() => {
      this.#files.putGroup(index, group, leaves);
      this.#files.setState(index, FileState.begun);
    });
  }

  verified(index: number, group: number, bits: Uint8Array): void {
    this.#groups.set(`${index}/${group}`, { index, group, bits });
  }

  done(index: number): void {
    this.#done.push(index);
  }

  changed(index: number): void {
    this.#changed.push(index);
  }

  flush(): void {
    if (this.#done.length + this.#changed.length + this.#groups.size === 0) return;
    this.#files.transaction(() => {
      for (const { index, group, bits } of this.#groups.values()) {
        this.#files.putVerified(index, group, bits);
      }
      for (const index of this.#changed) this.#files.setState(index, FileState.changed);
      for (const index of this.#done) this.#files.done(index);
      this.#onFlush();
    });
    this.#groups.clear();
    this.#done.length = 0;
    this.#changed.length = 0;
  }

  close(): void {
    clearInterval(this.#timer);
    this.flush();
  }
}
