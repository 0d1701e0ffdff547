import { closeSync, fstatSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import { LineWriter } from './line-writer.ts';

const MODE = 0o640;

export interface LogFileLimits {
  /** Bytes after which the file is put aside; 0: never. */
  readonly size: number;
  /** How many files there may be, the current one with them; 0: any number. */
  readonly files: number;
}

/** A log file that can be reopened, and is put aside when it has grown too large. */
export class LogFile {
  readonly path: string;
  /** A line about the file itself, for the file. */
  readonly #announce: (level: 'INF' | 'ERR', text: string) => void;
  #limits: LogFileLimits;
  #size: number;
  #writer: LineWriter;
  #turning = false;

  /** @throws Error when the file cannot be opened */
  constructor(
    path: string,
    limits: LogFileLimits,
    announce: (level: 'INF' | 'ERR', text: string) => void,
  ) {
    this.path = path;
    this.#limits = limits;
    this.#announce = announce;
    const fd = openSync(path, 'a', MODE);
    this.#size = fstatSync(fd).size;
    this.#writer = this.#writerOf(fd);
  }

  write(line: string): void {
    this.#writer.write(line);
  }

  setLimits(limits: LogFileLimits): void {
    this.#limits = limits;
  }

  /** Goes on in a new file of the same name: the old one was moved away. */
  reopen(): void {
    this.#swap(() => this.#announce('INF', 'File log re-opened'));
  }

  async close(): Promise<void> {
    const writer = this.#writer;
    await writer.idle();
    closeSync(writer.fd);
  }

  flushSync(): void {
    this.#writer.flushSync();
  }

  #writerOf(fd: number): LineWriter {
    return new LineWriter(fd, (bytes) => {
      this.#size += bytes;
      if (this.#limits.size > 0 && this.#size > this.#limits.size) this.#putAside();
    });
  }

  #putAside(): void {
    if (this.#turning) return;
    this.#turning = true;
    const aside = `${this.path}.${stamp(new Date())}`;
    try {
      renameSync(this.path, aside);
      this.#swap(() => {
        this.#announce('INF', `Rotated log, backup saved as "${aside}"`);
        this.#purge();
      });
    } catch (error) {
      this.#announce('ERR', `Unable to put the log file aside: ${messageOf(error)}`);
      // Not again for every line.
      this.#size = 0;
    }
    this.#turning = false;
  }

  #swap(done: () => void): void {
    const old = this.#writer;
    try {
      const fd = openSync(this.path, 'a', MODE);
      this.#size = fstatSync(fd).size;
      this.#writer = this.#writerOf(fd);
    } catch (error) {
      this.#announce('ERR', `Unable to re-open the log file: ${messageOf(error)}`);
      return;
    }
    void old.idle().then(() => closeSync(old.fd));
    done();
  }

  /** Removes the oldest of those put aside. */
  #purge(): void {
    if (this.#limits.files <= 0) return;
    const folder = dirname(this.path);
    const name = basename(this.path);
    try {
      const aside = readdirSync(folder)
        .filter((entry) => entry.startsWith(`${name}.`) && STAMP.test(entry.slice(name.length + 1)))
        .sort();
      const tooMany = aside.length - (this.#limits.files - 1);
      for (const entry of aside.slice(0, Math.max(0, tooMany))) {
        rmSync(join(folder, entry));
        this.#announce('INF', `Purged log file "${entry}"`);
      }
    } catch (error) {
      this.#announce('ERR', `Unable to remove old log files: ${messageOf(error)}`);
    }
  }
}

const STAMP = /^\d{4}(\.\d\d){5}\.\d{9}$/;
let count = 0;

/** `2026.11.21.00.00.00.000000000`; what lies below a millisecond only keeps two of them apart. */
function stamp(now: Date): string {
  const parts = [now.getMonth() + 1, now.getDate(), now.getHours(), now.getMinutes()];
  const two = [...parts, now.getSeconds()].map((part) => String(part).padStart(2, '0'));
  count = (count + 1) % 1_000_000;
  const fraction = `${String(now.getMilliseconds()).padStart(3, '0')}${String(count).padStart(6, '0')}`;
  return `${now.getFullYear()}.${two.join('.')}.${fraction}`;
}
