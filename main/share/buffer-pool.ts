/**
 * Buffers of one size that are lent and given back: the bound on what one direction of sharing keeps in
 * memory. Who waits is served in order.
 */
export class BufferPool<Lent extends Buffer = Buffer<ArrayBuffer>> {
  readonly #limit: number;
  readonly #make: () => Lent;
  readonly #free: Lent[] = [];
  readonly #waiting: ((buffer: Lent) => void)[] = [];
  #made = 0;

  /** @param limit buffers at most @param make a new one */
  constructor(limit: number, make: () => Lent) {
    this.#limit = limit;
    this.#make = make;
  }

  /** A buffer to be given back with `release`. Its content is what the last user left. */
  take(signal: AbortSignal): Promise<Lent> | Lent {
    signal.throwIfAborted();
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#made < this.#limit) {
      this.#made += 1;
      return this.#make();
    }
    return new Promise((resolve, reject) => {
      const give = (buffer: Lent): void => {
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

  release(buffer: Lent): void {
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
