import type { Stream } from '../types.ts';

/** Datagrams of so many bytes go into one write. */
const WRITE_BYTES = 32 * 1024;
/** What waits when the outbox is closed has so long to leave, ms. */
const LAST_MS = 2_000;

export interface OutboxOptions {
  readonly stream: Pick<Stream, 'write' | 'end' | 'abort'>;
  /** Bytes that may wait. */
  readonly limitBytes: number;
  /**
   * What has waited for `ms` is worth nothing any more: those who sent it have sent it again. Default: no limit.
   * `now`: milliseconds.
   */
  readonly age?: { readonly ms: number; readonly now: () => number };
  /** There is room again after `push` said no. */
  readonly onRoom?: () => void;
  /** The stream takes nothing any more. */
  readonly onFailed: (error: unknown) => void;
}

interface Waiting {
  readonly frame: Uint8Array;
  readonly since: number;
}

/** Datagrams on their way into a stream: a bounded number of bytes waits, what comes then is dropped. */
export class Outbox {
  readonly #options: OutboxOptions;
  #queue: Waiting[] = [];
  #bytes = 0;
  #isWriting = false;
  #isRefused = false;
  #isClosed = false;
  #deadline: NodeJS.Timeout | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /**
   * @param frame length and datagram; kept
   * @returns whether there was room; it was dropped otherwise
   */
  push(frame: Uint8Array): boolean {
    if (this.#isClosed) return true;
    if (this.#bytes + frame.length > this.#options.limitBytes) {
      this.#isRefused = true;
      return false;
    }
    this.#queue.push({ frame, since: this.#options.age?.now() ?? 0 });
    this.#bytes += frame.length;
    if (!this.#isWriting) void this.#write();
    return true;
  }

  /** Sends what waits, then ends the stream. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#deadline = setTimeout(() => this.#options.stream.abort(), LAST_MS);
    if (!this.#isWriting) this.#end();
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    try {
      // In the same turn more will come: together they make fewer and larger writes.
      await Promise.resolve();
      for (let bytes = this.#take(); bytes !== undefined; bytes = this.#take()) {
        await this.#options.stream.write(bytes);
        this.#tellRoom();
      }
      this.#isWriting = false;
      if (this.#isClosed) this.#end();
    } catch (error) {
      this.#queue = [];
      this.#bytes = 0;
      clearTimeout(this.#deadline);
      // `isWriting` stays: nothing is written any more.
      this.#isClosed = true;
      this.#options.onFailed(error);
    }
  }

  #take(): Uint8Array | undefined {
    const { age } = this.#options;
    const oldest = age === undefined ? 0 : age.now() - age.ms;
    const frames: Uint8Array[] = [];
    let length = 0;
    let taken = 0;
    for (const { frame, since } of this.#queue) {
      if (length + frame.length > WRITE_BYTES) break;
      taken += 1;
      this.#bytes -= frame.length;
      if (since < oldest) continue;
      frames.push(frame);
      length += frame.length;
    }
    this.#queue.splice(0, taken);
    if (length > 0) return frames.length === 1 ? frames[0] : Buffer.concat(frames, length);
    return this.#queue.length === 0 ? undefined : this.#take();
  }

  #tellRoom(): void {
    if (!this.#isRefused || this.#bytes > this.#options.limitBytes / 2) return;
    this.#isRefused = false;
    this.#options.onRoom?.();
  }

  #end(): void {
    this.#options.stream.end().then(
      () => clearTimeout(this.#deadline),
      () => clearTimeout(this.#deadline), // The link is gone, and the stream with it.
    );
  }
}
