/** Any byte stream of Node: TLS sockets, streams of links, pipes. */
import type { Duplex } from 'node:stream';
import { READ_SIZE, Slab } from '../connection/slab.ts';
import { endAndClose } from './linger.ts';
import { isTls, type TlsFacts, tlsFactsOf } from './tls-facts.ts';
import type { Transport, TransportSink } from './transport.ts';

/** What is read passes through here, so that the parser always works on a slab. */
const shared = new Slab(READ_SIZE);

/**
 * Streams that are being written to. Some answer within the call (both ends of a pair in one process), and so
 * within the publication that the router is busy with: what they bring has to wait.
 */
let writing = 0;

export class DuplexTransport implements Transport {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly tls: TlsFacts | undefined;
  readonly #stream: Duplex;
  #sink: TransportSink | undefined;
  #done = 0;
  /** Read while the router was busy. */
  #waiting: Uint8Array[] = [];
  #closed: { readonly failure: Error | undefined } | undefined;
  readonly #onWritten = (): void => {
    if (this.#done > 0) this.#done--;
    else this.#sink?.written();
  };

  constructor(stream: Duplex, remoteAddress = '', remotePort = 0) {
    this.#stream = stream;
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
    this.tls = isTls(stream) ? tlsFactsOf(stream) : undefined;
  }

  start(sink: TransportSink): void {
    this.#sink = sink;
    const stream = this.#stream;
    let failure: Error | undefined;
    stream.on('error', (error) => (failure = error));
    stream.on('close', () => {
      if (this.#waiting.length > 0) this.#closed = { failure };
      else sink.ended(failure);
    });
    stream.on('end', () => stream.end());
    stream.on('data', (chunk: Uint8Array) => {
      if (writing > 0 || this.#waiting.length > 0) this.#defer(chunk);
      else this.#pass(sink, chunk);
    });
  }

  write(bytes: Uint8Array): boolean {
    writing++;
    this.#stream.write(bytes, this.#onWritten);
    writing--;
    return this.#overAlready();
  }

  writeAll(pieces: readonly Uint8Array[]): boolean {
    const last = pieces.length - 1;
    writing++;
    this.#stream.cork();
    for (let i = 0; i < last; i++) this.#stream.write(pieces[i]);
    this.#stream.write(pieces[last], this.#onWritten);
    this.#stream.uncork();
    writing--;
    return this.#overAlready();
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  end(): void {
    endAndClose(this.#stream);
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #pass(sink: TransportSink, chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; at += READ_SIZE) {
      const part = chunk.subarray(at, at + READ_SIZE);
      shared.bytes.set(part, 0);
      sink.read(shared, 0, part.length);
    }
  }

  #defer(chunk: Uint8Array): void {
    this.#waiting.push(chunk);
    if (this.#waiting.length === 1) queueMicrotask(() => this.#passWaiting());
  }

  #passWaiting(): void {
    const waiting = this.#waiting;
    const sink = this.#sink;
    if (sink === undefined) return;
    for (let i = 0; i < waiting.length; i++) this.#pass(sink, waiting[i] as Uint8Array);
    this.#waiting = [];
    if (this.#closed !== undefined) sink.ended(this.#closed.failure);
  }

  #overAlready(): boolean {
    if (this.#stream.writableLength > 0) return false;
    this.#done++;
    return true;
  }
}
