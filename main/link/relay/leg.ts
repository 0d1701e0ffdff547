import { LinkError } from '../errors.ts';
import type { Stream } from '../types.ts';
import type { FrameReader } from './frame-reader.ts';
import { Outbox } from './outbox.ts';
import { frameOf } from './wire.ts';

/** What waits at an end: QUIC is told to stop then, so it need not be much, bytes. */
const WAITING_BYTES = 128 * 1024;
/** After its own end a leg throws away for so long what still comes, ms. */
const LAST_MS = 2_000;

export interface LegOptions {
  readonly stream: Stream;
  /** With whatever came behind the first datagrams. */
  readonly reader: FrameReader;
  readonly onDatagram: (datagram: Uint8Array) => void;
  readonly onRoom: () => void;
  /** Called once; nothing is carried any more. */
  readonly onOver: (reason: Error) => void;
}

/** One open stream to the other end of a session, through contacts. */
export class Leg {
  readonly #options: LegOptions;
  readonly #outbox: Outbox;
  readonly #over = Promise.withResolvers<undefined>();
  #isOver = false;

  constructor(options: LegOptions) {
    this.#options = options;
    this.#outbox = new Outbox({
      stream: options.stream,
      limitBytes: WAITING_BYTES,
      onRoom: options.onRoom,
      onFailed: (error) => this.#end(error),
    });
    void this.#read();
  }

  /** Resolves when nothing comes any more, and all that was sent has left. */
  get over(): Promise<undefined> {
    return this.#over.promise;
  }

  /** False when no more fits for now: the datagram was dropped. */
  send(...parts: readonly Uint8Array[]): boolean {
    return this.#outbox.push(frameOf(...parts));
  }

  /** What was sent before still goes out. */
  close(): void {
    this.#end(new LinkError('link-down', 'The path through a contact was closed here.'));
  }

  async #read(): Promise<void> {
    const { reader, stream } = this.#options;
    try {
      // After the end of this side what comes is thrown away, so that the other side can end its own.
      while (await reader.some((_frame, datagram) => this.#received(datagram)));
      // The last datagram mostly says why: QUIC looks at it at the end of this turn of the event loop.
      await new Promise<void>((resolve) => setImmediate(resolve));
      this.#end(new LinkError('link-down', 'The contact in between has ended the path.'));
    } catch (error) {
      this.#end(error);
      stream.abort();
    }
    this.#over.resolve(undefined);
  }

  #received(datagram: Uint8Array): void {
    if (!this.#isOver) this.#options.onDatagram(datagram);
  }

  #end(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#outbox.close();
    const giveUp = setTimeout(() => this.#options.stream.abort(), LAST_MS);
    void this.#over.promise.then(() => clearTimeout(giveUp));
    this.#options.onOver(error instanceof Error ? error : new Error(String(error)));
  }
}
