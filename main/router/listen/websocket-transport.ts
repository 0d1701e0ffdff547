/** The protocol in binary frames: any number of lines in one, a line over any number of them. */
import type { WebSocket } from 'ws';
import type { CloseReason } from '../connection/close-reason.ts';
import { READ_SIZE, Slab } from '../connection/slab.ts';
import type { TlsFacts } from './tls-facts.ts';
import type { Transport, TransportSink } from './transport.ts';
import { closeCode } from './websocket-close.ts';

/** Shorter ones are not compressed, bytes. */
export const COMPRESSION_THRESHOLD = 64;

/** How long the other end may take to answer a close frame, ms. */
const CLOSE_MS = 5_000;

const shared = new Slab(READ_SIZE);

export class WebsocketTransport implements Transport {
  readonly tls: TlsFacts | undefined;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly #socket: WebSocket;
  #sink: TransportSink | undefined;
  #done = 0;
  readonly #onWritten = (): void => {
    if (this.#done > 0) this.#done--;
    else this.#sink?.written();
  };

  constructor(
    socket: WebSocket,
    remoteAddress: string,
    remotePort: number,
    tls: TlsFacts | undefined,
  ) {
    this.#socket = socket;
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
    this.tls = tls;
  }

  start(sink: TransportSink): void {
    this.#sink = sink;
    const socket = this.#socket;
    socket.binaryType = 'nodebuffer';
    let failure: Error | undefined;
    socket.on('error', (error) => (failure = error));
    socket.on('close', () => sink.ended(failure));
    // `nodebuffer`: one buffer for each message.
    socket.on('message', (data) => this.#pass(sink, data as Buffer));
  }

  write(bytes: Uint8Array): boolean {
    // A compressed frame is made of them later.
    const compress = bytes.length > COMPRESSION_THRESHOLD;
    this.#socket.send(bytes, { binary: true, compress }, this.#onWritten);
    if (this.#socket.bufferedAmount > 0) return false;
    this.#done++;
    return true;
  }

  writeAll(pieces: readonly Uint8Array[]): boolean {
    const [only] = pieces;
    return this.write(pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces));
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(reason?: CloseReason): void {
    const socket = this.#socket;
    const timer = setTimeout(() => socket.terminate(), CLOSE_MS);
    timer.unref();
    socket.once('close', () => clearTimeout(timer));
    socket.resume();
    socket.close(closeCode(reason), reason);
  }

  destroy(): void {
    this.#socket.terminate();
  }

  #pass(sink: TransportSink, message: Buffer): void {
    for (let at = 0; at < message.length; at += READ_SIZE) {
      const part = message.subarray(at, at + READ_SIZE);
      shared.bytes.set(part, 0);
      sink.read(shared, 0, part.length);
    }
  }
}
