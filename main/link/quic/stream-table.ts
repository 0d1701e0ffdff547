import type { Connection } from '@matrixai/quic/native/index.js';
import { LinkError } from '../errors.ts';
import { FIRST_OWN_STREAM_WINDOW, FIRST_STREAM_WINDOW } from './config.ts';
import { HeldLimit } from './held-limit.ts';
import { QuicStream } from './quic-stream.ts';
import { encodeSignal, SignalParser } from './signals.ts';
import type { Reader, StreamHost, Writer } from './stream-host.ts';

/** A waiting writer gets so much at a time, then it is the next one's turn. */
const WRITE_SLICE = 64 * 1024;
/** Signals that may wait, bytes: a peer that takes none is up to no good. */
const MAX_SIGNAL_BACKLOG = 64 * 1024;
/** Streams the peer gave up before their first byte came; no more can be open than this. */
const MAX_EARLY_ABORTS = 256;
/** Signals are read so much a turn. */
const SIGNAL_READ = new Uint8Array(16 * 1024);
/** Signals carry 32-bit ids: a thousand million streams a link. */
const MAX_STREAM_ID = 2 ** 32 - 1;
/** Ids of the two signal streams (RFC 9000, section 2.1): the first unidirectional one of each side. */
const DIALLER_SIGNALS = 2;
const ACCEPTOR_SIGNALS = 3;

export interface StreamTableOptions {
  readonly quic: () => Connection;
  /** Packets may be due. */
  readonly wake: () => void;
  /** Bytes that may be taken from writers before they are sent. */
  readonly maxUnsent: () => number;
  readonly onStream: (stream: QuicStream) => void;
  /** The peer broke the rules. */
  readonly onBroken: (message: string) => void;
  /** Bytes that streams may hold beyond their first windows; absent: see held-limit.ts. */
  readonly maxHeld?: number | undefined;
}

/** The streams of one connection: which there are, which wait for room, and the signals about them. */
export class StreamTable implements StreamHost {
  readonly #options: StreamTableOptions;
  readonly #streams = new Map<number, QuicStream>();
  readonly #readers = new Set<Reader>();
  readonly #writers = new Set<Writer>();
  readonly #earlyAborts = new Set<number>();
  readonly #ownSignals: number;
  readonly #peerSignals: number;
  readonly #parser = new SignalParser();
  readonly #held: HeldLimit;
  #signalBacklog: Buffer[] = [];
  #nextId: number;
  #nextPeerId: number;
  #started = false;
  #unsent = 0;
  #readBytes = 0;
  #isWidening = false;

  constructor(role: 'dialler' | 'acceptor', options: StreamTableOptions) {
    this.#options = options;
    this.#held = new HeldLimit(() => this.#streams.values(), options.maxHeld);
    const isDialler = role === 'dialler';
    this.#nextId = isDialler ? 0 : 1;
    this.#nextPeerId = isDialler ? 1 : 0;
    this.#ownSignals = isDialler ? DIALLER_SIGNALS : ACCEPTOR_SIGNALS;
    this.#peerSignals = isDialler ? ACCEPTOR_SIGNALS : DIALLER_SIGNALS;
  }

  get size(): number {
    return this.#streams.size;
  }

  /** Bytes that were taken from writers, and are not known to have been sent. */
  get unsent(): number {
    return this.#unsent;
  }

  /** Bytes that were read of all streams. */
  get readBytes(): number {
    return this.#readBytes;
  }

  /** Whether a window was read that should be wider; once for each time. */
  takeWidening(): boolean {
    const isWidening = this.#isWidening;
    this.#isWidening = false;
    return isWidening;
  }

  /** Packets were made of what writers gave. @param isAll nothing is left */
  sent(bytes: number, isAll: boolean): void {
    this.#unsent = isAll ? 0 : Math.max(0, this.#unsent - bytes);
  }

  /** The key is proven: streams may be used. */
  start(): void {
    this.#started = true;
    this.#options.quic().streamPriority(this.#ownSignals, 0, true);
  }

  /** Bytes came in. */
  received(bytes: number): void {
    this.#held.received(bytes);
  }

  /** Throws LinkError `link-limit` when the peer allows no more streams now. */
  open(): QuicStream {
    const quic = this.#options.quic();
    if (quic.peerStreamsLeftBidi() < 1 || this.#nextId > MAX_STREAM_ID) {
      throw new LinkError('link-limit', 'Too many streams are open on this link.');
    }
    const id = this.#nextId;
    this.#nextId += 4;
    const stream = this.#create(id);
    // Makes the stream known to QUIC, so that its slot is taken. 127 is QUIC's default urgency in quiche.
    quic.streamPriority(id, 127, true);
    return stream;
  }

  /**
   * Meets new streams, in the order of their ids, and lets everyone read who waits for bytes. (quiche's list
   * of readable streams names the ones that nobody reads as well, and is dear to make.)
   */
  serveReadable(): void {
    const quic = this.#options.quic();
    if (quic.streamReadable(this.#peerSignals)) this.#readSignals();
    while (this.#started && quic.streamReadable(this.#nextPeerId)) {
      this.#accept(this.#nextPeerId);
      this.#nextPeerId += 4;
    }
    for (const reader of this.#readers) reader.onBytes();
  }

  /** Lets waiting writers write, in turns. Returns the number of bytes that went into send windows. */
  serveWriters(): number {
    this.#sendSignals();
    let total = 0;
    for (let progress = 1; progress > 0; total += progress) {
      progress = 0;
      for (const writer of [...this.#writers]) progress += writer.onRoom(WRITE_SLICE);
    }
    return total;
  }

  fail(reason: Error): void {
    const streams = [...this.#streams.values()];
    this.#started = false;
    this.#streams.clear();
    this.#readers.clear();
    this.#writers.clear();
    for (const stream of streams) stream.kill(reason);
  }

  receive(id: number, target: Uint8Array): readonly [number, boolean] | null {
    if (!this.#started) return null;
    const received = this.#options.quic().streamRecv(id, target);
    if (received === null) return null;
    this.#readBytes += received[0];
    // What was read makes room in the window, and the other side must hear of it.
    this.#options.wake();
    return received;
  }

  send(id: number, bytes: Uint8Array, fin: boolean): number {
    const room = this.#options.maxUnsent() - this.#unsent;
    if (!this.#started || room <= 0) return 0;
    const fits = bytes.byteLength <= room;
    const piece = fits ? bytes : bytes.subarray(0, room);
    const sent = this.#options.quic().streamSend(id, piece, fin && fits) ?? 0;
    this.#unsent += sent;
    if (sent > 0 || fin) this.#options.wake();
    return sent;
  }

  widen(): void {
    this.#isWidening = true;
  }

  awaitBytes(reader: Reader): void {
    this.#readers.add(reader);
  }

  cancelBytes(reader: Reader): void {
    this.#readers.delete(reader);
  }

  awaitRoom(writer: Writer): void {
    if (!this.#started) return;
    this.#writers.add(writer);
    this.#options.wake();
  }

  cancelRoom(writer: Writer): void {
    this.#writers.delete(writer);
  }

  hasWaitingWriters(): boolean {
    return this.#writers.size > 0;
  }

  #create(id: number): QuicStream {
    const stream = new QuicStream(id, {
      host: this,
      firstWindow: id % 4 === this.#nextId % 4 ? FIRST_OWN_STREAM_WINDOW : FIRST_STREAM_WINDOW,
      onGivenUp: () => this.#signal(id),
      onOver: () => this.#streams.delete(id),
    });
    this.#streams.set(id, stream);
    return stream;
  }

  #accept(id: number): void {
    const stream = this.#create(id);
    if (this.#earlyAborts.delete(id)) stream.onGivenUp();
    else this.#options.onStream(stream);
  }

  #readSignals(): void {
    const received = this.receive(this.#peerSignals, SIGNAL_READ);
    if (received === null) return;
    this.#parser.push(SIGNAL_READ.subarray(0, received[0]), (id) => this.#onGivenUp(id));
  }

  #onGivenUp(id: number): void {
    const stream = this.#streams.get(id);
    if (stream !== undefined) {
      stream.onGivenUp();
      return;
    }
    // Over already, or its first byte is still on the way.
    const isToCome = id >= this.#nextPeerId && id % 4 === this.#nextPeerId % 4;
    if (isToCome && this.#earlyAborts.size < MAX_EARLY_ABORTS) this.#earlyAborts.add(id);
  }

  #signal(id: number): void {
    if (!this.#started) return;
    this.#signalBacklog.push(encodeSignal(id));
    this.#options.wake();
  }

  #sendSignals(): void {
    if (this.#signalBacklog.length === 0) return;
    const bytes = Buffer.concat(this.#signalBacklog);
    this.#signalBacklog = [];
    const sent = this.send(this.#ownSignals, bytes, false);
    if (sent === bytes.length) return;
    if (bytes.length - sent > MAX_SIGNAL_BACKLOG) {
      this.#options.onBroken('The other peer takes no signals.');
      return;
    }
    this.#signalBacklog = [bytes.subarray(sent)];
  }
}
