/** Any byte stream of Node: TLS sockets, streams of links, pipes. */
import type { Duplex } from 'node:stream';
import { Slab, SLAB_SIZE } from '../connection/slab.ts';
import type { Transport, TransportSink } from './transport.ts';

/** What is read passes through here, so that the parser always works on a slab. */
const shared = new Slab(SLAB_SIZE);

export class DuplexTransport implements Transport {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly #stream: Duplex;
  #sink: TransportSink | undefined;
  #done = 0;
  readonly #onWritten = (): void => {
    if (this.#done > 0) this.#done--;
    else this.#sink?.written();
  };

  constructor(stream: Duplex, remoteAddress = '', remotePort = 0) {
    this.#stream = stream;
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
  }

  start(sink: TransportSink): void {
    this.#sink = sink;
    const stream = this.#stream;
    let failure: Error | undefined;
    stream.on('error', (error) => (failure = error));
    stream.on('close', () => sink.ended(failure));
    stream.on('end', () => stream.end());
    stream.on('data', (chunk: Uint8Array) => this.#pass(sink, chunk));
  }

  write(bytes: Uint8Array): boolean {
    this.#stream.write(bytes, this.#onWritten);
    return this.#overAlready();
  }

  writeAll(pieces: readonly Uint8Array[]): boolean {
    const last = pieces.length - 1;
    this.#stream.cork();
    for (let i = 0; i < last; i++) this.#stream.write(pieces[i]);
    this.#stream.write(pieces[last], this.#onWritten);
    this.#stream.uncork();
    return this.#overAlready();
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  end(): void {
    this.#stream.end(() => this.#stream.destroy());
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #pass(sink: TransportSink, chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; at += SLAB_SIZE) {
      const part = chunk.subarray(at, at + SLAB_SIZE);
      shared.bytes.set(part, 0);
      sink.read(shared, 0, part.length);
    }
  }

  #overAlready(): boolean {
    if (this.#stream.writableLength > 0) return false;
    this.#done++;
    return true;
  }
}
