/**
 * Buffers of one size that are lent and given back: the bound on what one direction of sharing keeps in
 * memory. Who waits is served in order.
 */
export class BufferPool {
  readonly #bytes: number;
  readonly #limit: number;
  readonly #free: Buffer<ArrayBuffer>[] = [];
  readonly #waiting: ((buffer: Buffer<ArrayBuffer>) => void)[] = [];
  readonly #firstByte: number;
  #made = 0;

  /** @param bytes of one buffer @param limit buffers at most @param firstByte of a new buffer */
  constructor(bytes: number, limit: number, firstByte = 0) {
    this.#bytes = bytes;
    this.#limit = limit;
    this.#firstByte = firstByte;
  }

  /** A buffer to be given back with `release`. Its content is what the last user left. */
  take(signal: AbortSignal): Promise<Buffer<ArrayBuffer>> | Buffer<ArrayBuffer> {
    signal.throwIfAborted();
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#made < this.#limit) {
      this.#made += 1;
      const buffer = Buffer.allocUnsafeSlow(this.#bytes);
      buffer[0] = this.#firstByte;
      return buffer;
    }
    return new Promise((resolve, reject) => {
      const give = (buffer: Buffer<ArrayBuffer>): void => {
        signal.removeEventListener('abort', abort);
        resolve(buffer);
      };
      const abort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(give), 1);
        reject(signal.reason as Error);
      };
      this.#waiting.push(give);
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  release(buffer: Buffer<ArrayBuffer>): void {
    const next = this.#waiting.shift();
    if (next !== undefined) next(buffer);
    else this.#free.push(buffer);
  }

  /** Lets go of the memory of buffers that nobody uses. */
  trim(): void {
    this.#made -= this.#free.length;
    this.#free.length = 0;
  }
}
