import { LinkError } from '../errors.ts';
import { PendingRead, PendingWrite } from './pending.ts';
import type { Signal } from './signals.ts';

/** What a stream needs of its connection. */
export interface StreamHost {
  /** Bytes and whether the other side's end came with them; null: nothing there. Throws when QUIC reset it. */
  receive(id: number, target: Uint8Array): readonly [number, boolean] | null;
  /** How many bytes went into the send window. Throws when the other side stopped the stream. */
  send(id: number, bytes: Uint8Array, fin: boolean): number;
  /** Calls `onReadable` of the stream when there may be bytes, until it is cancelled. */
  awaitBytes(stream: QuicStream): void;
  cancelBytes(stream: QuicStream): void;
  /** Calls `flushWrite` of the stream when there is room again. */
  awaitRoom(stream: QuicStream): void;
  /** Whether others wait for room: then one must queue up behind them. */
  hasWaitingWriters(): boolean;
  cancelRoom(stream: QuicStream): void;
  signal(signal: Signal, id: number): void;
  /** Both directions are over. */
  forget(id: number): void;
}

const NOTHING = new Uint8Array(0);
/** Where unwanted bytes go. Never read. */
const SCRATCH = new Uint8Array(64 * 1024);
/** What a peer may still send to a stream that nobody reads before the stream is given up. */
const DISCARD_LIMIT = 256 * 1024;

/**
 * One bidirectional byte stream of a QUIC connection: the reading and writing half of `Stream`.
 *
 * Invariant: the stream is forgotten exactly when `#localEnded` and `#remoteEnded` are both true; a stream
 * that was given up reaches that state by the exchange that signals.ts describes.
 */
export class QuicStream {
  readonly id: number;
  readonly #host: StreamHost;
  #read: PendingRead | undefined;
  #write: PendingWrite | undefined;
  #localEnded = false;
  #remoteEnded = false;
  #failure: Error | undefined;
  /** Bytes that may still be thrown away; undefined: somebody reads. */
  #discard: number | undefined;

  constructor(id: number, host: StreamHost) {
    this.id = id;
    this.#host = host;
  }

  /** See `Stream.read`. */
  read(target: Uint8Array, signal?: AbortSignal): Promise<number> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    if (this.#read !== undefined || target.byteLength === 0) {
      return Promise.reject(new TypeError('a stream has one reader, with room for a byte or more'));
    }
    if (this.#remoteEnded || this.#discard !== undefined) return Promise.resolve(0);
    try {
      const count = this.#receive(target);
      if (count !== undefined) return Promise.resolve(count);
    } catch (error) {
      return Promise.reject(error as Error);
    }
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#read = new PendingRead(target, resolve, reject, signal, () => this.#endRead());
    this.#host.awaitBytes(this);
    return promise;
  }

  /** See `Stream.write`. A write that the signal interrupts half-way gives the stream up. */
  write(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    if (this.#write !== undefined || this.#localEnded) {
      return Promise.reject(new TypeError('a stream has one writer, and none after its end'));
    }
    if (bytes.byteLength === 0) return Promise.resolve();
    let sent = 0;
    if (!this.#host.hasWaitingWriters()) {
      try {
        sent = this.#push(bytes);
      } catch (error) {
        return Promise.reject(error as Error);
      }
    }
    if (sent === bytes.byteLength) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#write = new PendingWrite(bytes, sent, resolve, reject, signal, (begun) => {
      this.#write = undefined;
      this.#host.cancelRoom(this);
      if (begun) this.abort();
    });
    this.#host.awaitRoom(this);
    return promise;
  }

  /** See `Stream.end`. */
  end(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#write !== undefined) return Promise.reject(new TypeError('a write is under way'));
    this.#endLocal();
    return Promise.resolve();
  }

  /** See `Stream.abort`. */
  abort(): void {
    if (this.#failure !== undefined || (this.#localEnded && this.#remoteEnded)) return;
    this.#giveUp(new LinkError('stream-reset', 'The stream was given up on this side.'));
    this.#host.signal('abort', this.id);
    this.#drain();
  }

  /**
   * Nobody uses the stream any more: ends this side's direction and throws away what still comes; a peer
   * that goes on sending is told to stop.
   */
  release(): void {
    if (this.#failure !== undefined) return;
    this.#endLocal();
    this.#discard = DISCARD_LIMIT;
    this.#drain();
  }

  /** The connection has bytes, or an end, for this stream. */
  onReadable(): void {
    if (this.#discard !== undefined) {
      this.#drain();
      return;
    }
    const read = this.#read;
    if (read === undefined) return;
    try {
      const count = this.#receive(read.target);
      if (count === undefined) return;
      this.#endRead();
      read.resolve(count);
    } catch {
      // `#receive` has rejected the pending read already.
    }
  }

  /**
   * Puts at most `limit` bytes of the waiting write into the send window.
   *
   * @returns the number of bytes that went
   */
  flushWrite(limit: number): number {
    const write = this.#write;
    if (write === undefined) return 0;
    try {
      const sent = this.#push(write.next(limit));
      if (write.advance(sent)) {
        this.#write = undefined;
        this.#host.cancelRoom(this);
        write.resolve();
      }
      return sent;
    } catch {
      // `#push` has rejected the waiting write already.
      return 0;
    }
  }

  onSignal(signal: Signal): void {
    if (signal === 'abort') {
      if (this.#failure === undefined) {
        this.#giveUp(new LinkError('stream-reset', 'The other peer gave the stream up.'));
      }
      this.#host.signal('aborted', this.id);
    } else if (this.#failure === undefined) {
      return;
    }
    this.#endLocal();
    this.#drain();
  }

  /** The connection is gone. */
  fail(error: Error): void {
    this.#localEnded = true;
    this.#remoteEnded = true;
    this.#giveUp(error);
  }

  #endRead(): void {
    this.#read = undefined;
    this.#host.cancelBytes(this);
  }

  #giveUp(error: Error): void {
    this.#failure ??= error;
    this.#discard = Infinity;
    const [read, write] = [this.#read, this.#write];
    this.#endRead();
    this.#write = undefined;
    if (write !== undefined) this.#host.cancelRoom(this);
    read?.reject(this.#failure);
    write?.reject(this.#failure);
  }

  #receive(target: Uint8Array): number | undefined {
    let received: readonly [number, boolean] | null;
    try {
      received = this.#host.receive(this.id, target);
    } catch (cause) {
      // A reset of QUIC's own, which no Skerry sends; this direction is over.
      this.#remoteEnded = true;
      this.#giveUp(new LinkError('stream-reset', 'The other peer reset the stream.', { cause }));
      this.#endLocal();
      throw this.#failure;
    }
    if (received === null) return undefined;
    const [count, ended] = received;
    if (ended) {
      this.#remoteEnded = true;
      this.#forgetWhenOver();
    }
    return count === 0 && !ended ? undefined : count;
  }

  #push(bytes: Uint8Array): number {
    try {
      return this.#host.send(this.id, bytes, false);
    } catch (cause) {
      // STOP_SENDING of QUIC's own, or the stream is unknown to QUIC: this direction is over.
      this.#localEnded = true;
      this.#giveUp(new LinkError('stream-reset', 'The other peer stopped the stream.', { cause }));
      this.#drain();
      throw this.#failure;
    }
  }

  #endLocal(): void {
    if (this.#localEnded) return;
    this.#localEnded = true;
    try {
      this.#host.send(this.id, NOTHING, true);
    } catch {
      // The other side stopped the stream: this direction is over either way.
    }
    this.#forgetWhenOver();
  }

  /** Throws away what has come, and goes on with it until the other side's end. */
  #drain(): void {
    this.#host.awaitBytes(this);
    try {
      while (this.#discard !== undefined && !this.#remoteEnded) {
        const count = this.#receive(SCRATCH);
        if (count === undefined) return;
        this.#discard -= count;
        if (this.#discard < 0) this.abort();
      }
    } catch {
      // A reset ends the direction as well as an end does.
    }
    this.#host.cancelBytes(this);
  }

  #forgetWhenOver(): void {
    if (this.#localEnded && this.#remoteEnded) this.#host.forget(this.id);
  }
}
