import type { SourceStream } from './source-stream.ts';

/** What may be asked for ahead on one stream: enough that the source never waits for the next request. */
const MAX_REQUESTS = 48;
const MAX_BYTES = 4 * 1024 * 1024;

/** One stream of a download, and what is under way on it. */
export class Lane {
  readonly stream: SourceStream;
  readonly #signal: AbortSignal;
  readonly #onAbort = (): void => this.stream.abort(this.#signal.reason as Error);
  #requests = 0;
  #bytes = 0;
  #onRoom: (() => void) | undefined;

  constructor(stream: SourceStream, signal: AbortSignal) {
    this.stream = stream;
    this.#signal = signal;
    signal.addEventListener('abort', this.#onAbort);
    if (signal.aborted) this.#onAbort();
  }

  /** Waits until one more request may go out. */
  async room(): Promise<void> {
    while (this.#requests >= MAX_REQUESTS || (this.#requests > 0 && this.#bytes >= MAX_BYTES)) {
      await new Promise<void>((resolve) => (this.#onRoom = resolve));
    }
  }

  /** Counts a request until `end`. @param bytes that its answer will bring */
  begin(bytes: number): { received: (bytes: number) => void; end: () => void } {
    this.#requests += 1;
    this.#bytes += bytes;
    let left = bytes;
    return {
      received: (count) => {
        left -= count;
        this.#bytes -= count;
        this.#onRoom?.();
      },
      end: () => {
        this.#requests -= 1;
        this.#bytes -= left;
        this.#onRoom?.();
      },
    };
  }

  abort(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.stream.abort();
  }

  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#onAbort);
    await this.stream.close();
  }
}
