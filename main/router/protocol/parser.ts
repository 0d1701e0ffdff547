/**
 * The protocol's state machine: bytes in, calls of a sink out, the same at any split of the bytes. It owns no
 * socket and no timer. A publication that stands whole in one read takes the short way (publication.ts);
 * everything else is put together here.
 */
import type { Message } from '../connection/message.ts';
import type { Slab } from '../connection/slab.ts';
import { type SlabPool } from '../connection/slab.ts';
import {
  CLIENT_VERBS,
  isPublication,
  LEAF_VERBS,
  type OperationVerb,
  type PublicationVerb,
  recognise,
} from './verbs.ts';
import { LastLine } from './last-line.ts';
import { readPublication } from './publication.ts';

export interface ProtocolSink {
  /** An operation other than a publication; the argument stands in `bytes` from `at` to `end`. */
  operation(verb: OperationVerb, bytes: Buffer, at: number, end: number): void;
  /**
   * The control line of a publication that takes the long way. Answers the size of what follows (without CR
   * LF) after noting subject and reply; undefined when the connection has been closed over it.
   */
  announce(verb: PublicationVerb, bytes: Buffer, at: number, end: number): number | undefined;
  /** The body of what was announced, `size` bytes of `slab`. */
  complete(slab: Slab, at: number): void;
  /** A whole publication that took the short way; it stands in the message. */
  publish(message: Message): void;
  /** These bytes are no protocol. */
  unknownOperation(): void;
  /** The argument of a line is longer than allowed. */
  lineTooLong(): void;
  /** An operation came where only CONNECT may. Answers whether it may be. */
  beforeConnect(): boolean;
}

/** What the short way has to know; changed by CONNECT. */
export interface ParserMode {
  readonly leaf: boolean;
  /** Bytes of a control line's argument. */
  maxControlLine: number;
  /** Bytes of a message; larger ones take the long way and are refused there. */
  maxPayload: number;
  /** HPUB may be used. */
  headers: boolean;
  /** Every subject is checked: nothing takes the short way. */
  pedantic: boolean;
  /** Every line is shown: nothing takes the short way. */
  traced: boolean;
  /** The next operation has to be CONNECT. */
  awaitsConnect: boolean;
}

const LF = 10;
const CR = 13;
const SP = 32;
const TAB = 9;

export class Parser {
  readonly #sink: ProtocolSink;
  readonly #mode: ParserMode;
  readonly #message: Message;
  readonly #pool: SlabPool;
  /** A control line whose end has not come yet. */
  #line: Buffer | undefined;
  #lineLength = 0;
  /** Inside an operation without arguments: everything up to LF is passed over. */
  #bare: OperationVerb | undefined;
  /** A body that is being put together: what it stands in, its size with CR LF, and what is there. */
  #body: Slab | undefined;
  #bodySize = 0;
  #bodyLength = 0;
  readonly #last = new LastLine();
  #stopped = false;
  #held = false;

  constructor(sink: ProtocolSink, mode: ParserMode, message: Message, pool: SlabPool) {
    this.#sink = sink;
    this.#mode = mode;
    this.#message = message;
    this.#pool = pool;
  }

  /** Nothing more is read, ever. */
  stop(): void {
    this.#stopped = true;
    this.#line = undefined;
    this.#releaseBody();
  }

  /** After the operation that is being handled now, `feed` returns until `release`. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
  }

  /**
   * Takes bytes `at` to `end` of the slab; the byte behind them may be overwritten.
   *
   * @returns the position up to which they were taken: `end`, unless stopped or held
   */
  feed(slab: Slab, at: number, end: number): number {
    // What the short way's loops stop at.
    slab.bytes[end] = LF;
    this.#last.forget();
    while (at < end && !this.#stopped && !this.#held) {
      if (this.#bodySize > 0) {
        at = this.#takeBody(slab, at, end);
        continue;
      }
      if (this.#lineLength === 0 && this.#bare === undefined) {
        if (this.#mode.awaitsConnect && !this.#startsConnect(slab.bytes[at] as number)) return end;
        if (!this.#mode.pedantic && !this.#mode.awaitsConnect && !this.#mode.traced) {
          const next = readPublication(slab, at, end, this.#mode, this.#message, this.#last);
          if (next > at) {
            at = next;
            this.#sink.publish(this.#message);
            continue;
          }
        }
      }
      // It may change what holds for the lines after it.
      this.#last.forget();
      at = this.#takeLine(slab, at, end);
    }
    return this.#stopped ? end : at;
  }

  /** Whether something has begun and not ended. */
  get midway(): boolean {
    return this.#lineLength > 0 || this.#bodySize > 0 || this.#bare !== undefined;
  }

  #startsConnect(byte: number): boolean {
    if (byte === 67 || byte === 99) return true;
    return this.#sink.beforeConnect();
  }

  #takeLine(slab: Slab, at: number, end: number): number {
    const { bytes } = slab;
    const found = bytes.indexOf(LF, at);
    const stop = found < 0 || found >= end ? end : found + 1;
    if (this.#bare !== undefined) {
      if (stop === end && bytes[end - 1] !== LF) return end;
      const verb = this.#bare;
      this.#bare = undefined;
      this.#sink.operation(verb, bytes, 0, 0);
      return stop;
    }
    if (this.#lineLength > 0) {
      this.#keep(bytes, at, stop);
      const line = this.#line as Buffer;
      if (this.#process(line, 0, this.#lineLength)) this.#lineLength = 0;
    } else if (!this.#process(bytes, at, stop)) {
      this.#keep(bytes, at, stop);
    }
    return stop;
  }

  /** Handles a line, or as much of it as has come. False when its end is still missing. */
  #process(bytes: Buffer, at: number, end: number): boolean {
    const form = recognise(this.#mode.leaf ? LEAF_VERBS : CLIENT_VERBS, bytes, at, end);
    if (form === 'unknown') {
      this.#sink.unknownOperation();
      return true;
    }
    if (form === undefined) return false;
    const ended = bytes[end - 1] === LF;
    if (form.argument === 'bare' && !isPublication(form.verb)) {
      if (ended) this.#sink.operation(form.verb, bytes, 0, 0);
      else this.#bare = form.verb;
      return true;
    }
    let start = at + form.bytes.length;
    while (start < end && (bytes[start] === SP || bytes[start] === TAB)) start++;
    // The argument's first byte belongs to it even if it is LF.
    const complete = ended && end - 1 > start;
    const stop = complete ? (bytes[end - 2] === CR && end - 2 > start ? end - 2 : end - 1) : end;
    // The CR of a line whose LF is still missing does not count.
    const length = stop - start - (!complete && bytes[end - 1] === CR ? 1 : 0);
    if (length > this.#mode.maxControlLine) {
      this.#sink.lineTooLong();
      return true;
    }
    if (!complete) return false;
    if (isPublication(form.verb)) this.#announce(form.verb, bytes, start, stop);
    else this.#sink.operation(form.verb, bytes, start, stop);
    return true;
  }

  #announce(verb: PublicationVerb, bytes: Buffer, at: number, end: number): void {
    const size = this.#sink.announce(verb, bytes, at, end);
    if (size === undefined || this.#stopped) return;
    this.#bodySize = size + 2;
    this.#bodyLength = 0;
    this.#body = this.#pool.take(size + 2);
  }

  #takeBody(slab: Slab, at: number, end: number): number {
    const body = this.#body as Slab;
    const missing = this.#bodySize - this.#bodyLength;
    const part = Math.min(missing, end - at);
    body.bytes.set(slab.bytes.subarray(at, at + part), this.#bodyLength);
    this.#bodyLength += part;
    const size = this.#bodySize - 2;
    const wrong =
      (this.#bodyLength > size && body.bytes[size] !== CR) ||
      (this.#bodyLength > size + 1 && body.bytes[size + 1] !== LF);
    if (wrong) {
      this.#sink.unknownOperation();
      return end;
    }
    if (part === missing) {
      this.#bodySize = 0;
      this.#sink.complete(body, 0);
      this.#releaseBody();
    }
    return at + part;
  }

  #releaseBody(): void {
    if (this.#body !== undefined) this.#pool.give(this.#body);
    this.#body = undefined;
    this.#bodySize = 0;
  }

  #keep(bytes: Buffer, at: number, end: number): void {
    const needed = this.#lineLength + end - at;
    if (this.#line === undefined || this.#line.length < needed) {
      const larger = Buffer.allocUnsafeSlow(Math.max(256, needed * 2));
      this.#line?.copy(larger, 0, 0, this.#lineLength);
      this.#line = larger;
    }
    bytes.copy(this.#line, this.#lineLength, at, end);
    this.#lineLength = needed;
  }
}
