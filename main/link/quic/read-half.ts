import { PendingRead } from './pending.ts';
import { WHOLE } from './signals.ts';
import type { Reader, StreamHost } from './stream-host.ts';

/** When so much is left of its first window quiche begins to move it, with one of 32 KiB. */
const WINDOW_LEFT = 16 * 1024;
/** Reads in which it is asked to be wider, until a pause of so many ms. */
const WIDENINGS = 32;
const PAUSE_MS = 1_000;
/** Where unwanted bytes go. Never read. */
const SCRATCH = new Uint8Array(64 * 1024);

export interface ReadHalfEvents {
  /** The other side's direction is over, whole or not. */
  readonly onEnded: () => void;
  /** It was given up, or reset. */
  readonly onGivenUp: (cause?: unknown) => void;
  /** More came to a stream that nobody reads than `discard` allowed. */
  readonly onFlooded: () => void;
}

/** What the other side sends on a stream. */
export class ReadHalf implements Reader {
  readonly #id: number;
  readonly #firstWindow: number;
  readonly #host: StreamHost;
  readonly #events: ReadHalfEvents;
  #pending: PendingRead | undefined;
  #ended = false;
  /** Bytes, and when the last of them were read, ms of `performance.now`. */
  readBytes = 0;
  readAt = performance.now();
  #widenings = 0;
  #failure: Error | undefined;
  /** Bytes that may still be thrown away; undefined: somebody reads. */
  #discard: number | undefined;

  constructor(id: number, firstWindow: number, host: StreamHost, events: ReadHalfEvents) {
    this.#id = id;
    this.#firstWindow = firstWindow;
    this.#host = host;
    this.#events = events;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Somebody waits for bytes, or they are thrown away: none are held. */
  get holdsNothing(): boolean {
    return this.#ended || this.#pending !== undefined || this.#discard !== undefined;
  }

  /** See `Stream.read`. */
  read(target: Uint8Array, signal: AbortSignal | undefined): Promise<number> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    if (this.#pending !== undefined || target.byteLength === 0) {
      return Promise.reject(new TypeError('a stream has one reader, with room for a byte or more'));
    }
    const count = this.#ended || this.#discard !== undefined ? 0 : this.#receive(target);
    // Reading may have shown that the other side gave the stream up.
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (count !== undefined) return Promise.resolve(count);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#pending = new PendingRead(target, resolve, reject, signal, () => this.#stopWaiting());
    this.#host.awaitBytes(this);
    return promise;
  }

  onBytes(): void {
    if (this.#discard !== undefined) {
      this.#drain();
      return;
    }
    const pending = this.#pending;
    const count = pending && this.#receive(pending.target);
    if (count === undefined || this.#failure !== undefined) return;
    this.#stopWaiting();
    pending?.resolve(count);
  }

  /** Nobody reads any more; at most `limit` bytes may still come before `onFlooded`. */
  discard(limit: number): void {
    this.#discard = limit;
    this.#drain();
  }

  /** Nothing can be read any more; what still comes is thrown away. */
  fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    const pending = this.#pending;
    this.#stopWaiting();
    pending?.reject(error);
    this.discard(Infinity);
  }

  /** The connection is gone. */
  kill(error: Error): void {
    this.#ended = true;
    this.fail(error);
  }

  /** How many bytes came; 0: the end; undefined: nothing yet. */
  #receive(target: Uint8Array): number | undefined {
    let received: readonly [number, boolean] | null;
    try {
      received = this.#host.receive(this.#id, target);
    } catch (cause) {
      this.#end();
      this.#events.onGivenUp(cause);
      return 0;
    }
    if (received === null) return undefined;
    const [count, isLast] = received;
    this.#note(count);
    if (!isLast) return count === 0 ? undefined : count;
    this.#end();
    if (count === 0 || target[count - 1] !== WHOLE) this.#events.onGivenUp();
    return Math.max(0, count - 1);
  }

  #note(count: number): void {
    const now = performance.now();
    if (now - this.readAt > PAUSE_MS) this.#widenings = 0;
    this.readBytes += count;
    this.readAt = now;
    if (this.readBytes < this.#firstWindow - WINDOW_LEFT || this.#widenings >= WIDENINGS) return;
    this.#widenings += 1;
    this.#host.widen();
  }

  /** Throws away what has come, and goes on with it until the other side's end. */
  #drain(): void {
    this.#host.awaitBytes(this);
    while (!this.#ended) {
      const count = this.#receive(SCRATCH);
      if (count === undefined) return;
      this.#discard = (this.#discard ?? 0) - count;
      if (this.#discard < 0) this.#events.onFlooded();
    }
    this.#host.cancelBytes(this);
  }

  #end(): void {
    this.#ended = true;
    this.#events.onEnded();
  }

  #stopWaiting(): void {
    this.#pending = undefined;
    this.#host.cancelBytes(this);
  }
}
