import { write, writeSync } from 'node:fs';
import { codeOf } from '../../base/errors.ts';

/** Characters that may wait for a reader of the log that does not read. */
const MAX_WAITING = 16 * 1024 * 1024;
/** A pipe that is full is tried again after so long. */
const FULL_PIPE_MS = 5;

/**
 * Writes lines to a file descriptor without ever holding up the event loop: those of one turn in one write, one
 * write at a time. When the reader of a pipe is too slow lines are dropped, and their number is told.
 */
export class LineWriter {
  readonly fd: number;
  /** Told the bytes of each write that was done. */
  readonly #written: (bytes: number) => void;
  #waiting: string[] = [];
  #waitingSize = 0;
  #dropped = 0;
  #busy = false;
  #scheduled = false;
  /** The reader has gone, or the disk is full: nothing more is written. */
  #broken = false;
  #idle: (() => void)[] = [];

  constructor(fd: number, written: (bytes: number) => void = () => undefined) {
    this.fd = fd;
    this.#written = written;
  }

  /** @param line with its end */
  write(line: string): void {
    if (this.#broken) return;
    if (this.#waitingSize + line.length > MAX_WAITING) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(line);
    this.#waitingSize += line.length;
    if (this.#busy || this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#busy) this.#flush();
    });
  }

  /** Resolves when all lines so far are written, or cannot be. */
  idle(): Promise<void> {
    if (!this.#busy) this.#flush();
    if (!this.#busy) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Writes what waits, now: for a process that ends with the next statement. */
  flushSync(): void {
    const text = this.#take();
    if (text === '' || this.#broken) return;
    try {
      writeSync(this.fd, text);
    } catch {
      // Nobody reads it, and there is nowhere to say so.
      this.#broken = true;
    }
  }

  #take(): string {
    const note = this.#dropped > 0 ? `[${this.#dropped} log lines were dropped]\n` : '';
    const text = note + this.#waiting.join('');
    this.#waiting = [];
    this.#waitingSize = 0;
    this.#dropped = 0;
    return text;
  }

  #flush(): void {
    const text = this.#take();
    if (text === '') {
      for (const resolve of this.#idle.splice(0)) resolve();
      return;
    }
    this.#busy = true;
    this.#writeAll(Buffer.from(text));
  }

  #writeAll(bytes: Buffer): void {
    write(this.fd, bytes, (error, length) => {
      if (error !== null && codeOf(error) === 'EAGAIN') {
        setTimeout(() => this.#writeAll(bytes), FULL_PIPE_MS);
        return;
      }
      if (error !== null) this.#broken = true;
      else {
        this.#written(length);
        if (length < bytes.byteLength) {
          this.#writeAll(bytes.subarray(length));
          return;
        }
      }
      this.#busy = false;
      this.#flush();
    });
  }
}
