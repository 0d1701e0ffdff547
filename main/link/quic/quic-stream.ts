import { LinkError } from '../errors.ts';
import type { Holder } from './held-limit.ts';
import { ReadHalf } from './read-half.ts';
import type { StreamHost } from './stream-host.ts';
import { WriteHalf } from './write-half.ts';

/** What a peer may still send to a stream that nobody reads before the stream is given up. */
const DISCARD_LIMIT = 256 * 1024;

export interface QuicStreamOptions {
  readonly host: StreamHost;
  /** What may come of it before anything was read, bytes. */
  readonly firstWindow: number;
  /** This side gave the stream up: the other must hear of it. */
  readonly onGivenUp: (stream: QuicStream) => void;
  /** Both directions are over. */
  readonly onOver: (stream: QuicStream) => void;
}

/** One bidirectional byte stream of a QUIC connection: reading, writing and the ends of `Stream`. */
export class QuicStream implements Holder {
  readonly id: number;
  readonly #options: QuicStreamOptions;
  readonly #reading: ReadHalf;
  readonly #writing: WriteHalf;
  #failed = false;

  constructor(id: number, options: QuicStreamOptions) {
    this.id = id;
    this.#options = options;
    const theyGaveUp = (cause?: unknown): void => {
      this.#giveUp(new LinkError('stream-reset', 'The other peer gave the stream up.', { cause }));
    };
    const onEnded = (): void => this.#lookForEnd();
    this.#reading = new ReadHalf(id, options.firstWindow, options.host, {
      onEnded,
      onGivenUp: theyGaveUp,
      onFlooded: () => this.abort(),
    });
    this.#writing = new WriteHalf(id, options.host, {
      onEnded,
      onStopped: theyGaveUp,
      onBroken: () => this.abort(),
    });
  }

  get readBytes(): number {
    return this.#reading.readBytes;
  }

  get readAt(): number {
    return this.#reading.readAt;
  }

  get holdsNothing(): boolean {
    return this.#reading.holdsNothing;
  }

  /** See `Stream.read`. */
  read(target: Uint8Array, signal?: AbortSignal): Promise<number> {
    return this.#reading.read(target, signal);
  }

  /** See `Stream.write`. A write that the signal interrupts half-way gives the stream up. */
  write(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    return this.#writing.write(bytes, signal);
  }

  /** See `Stream.end`. */
  end(): Promise<void> {
    return this.#writing.end();
  }

  /** See `Stream.abort`. */
  abort(): void {
    if (this.#failed || (this.#reading.ended && this.#writing.ended)) return;
    this.#giveUp(new LinkError('stream-reset', 'The stream was given up on this side.'));
    this.#options.onGivenUp(this);
  }

  /**
   * Nobody uses the stream any more: ends this side's direction and throws away what still comes; a peer
   * that goes on sending is told to stop.
   */
  release(): void {
    if (this.#failed) return;
    // Rejects when a write is still under way: then nobody can say what was sent.
    this.end().catch(() => this.abort());
    this.#reading.discard(DISCARD_LIMIT);
  }

  /** The other side said that it gave the stream up. */
  onGivenUp(): void {
    this.#giveUp(new LinkError('stream-reset', 'The other peer gave the stream up.'));
  }

  /** The connection is gone. */
  kill(error: Error): void {
    this.#failed = true;
    this.#reading.kill(error);
    this.#writing.kill(error);
  }

  #giveUp(error: Error): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#writing.fail(error);
    this.#reading.fail(error);
  }

  #lookForEnd(): void {
    if (this.#reading.ended && this.#writing.ended) this.#options.onOver(this);
  }
}
