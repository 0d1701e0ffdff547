/**
 * A client's connection where TLS is spoken or offered: INFO goes out in plain text, then the client begins the
 * handshake on the same socket (or first, with `handshake_first`). What it says in plain text is taken only
 * where that is allowed.
 */
import type { Socket } from 'node:net';
import type { CloseReason } from '../connection/close-reason.ts';
import type { TlsIdentity } from '../auth/types.ts';
import { plainAddress } from './any-address.ts';
import { DuplexTransport } from './duplex-transport.ts';
import { endAndClose } from './linger.ts';
import type { TlsAcceptor } from './tls-acceptor.ts';
import { TlsHandshakeError } from './tls-handshake-error.ts';
import type { TlsFacts } from './tls-facts.ts';
import type { Transport, TransportSink } from './transport.ts';

/** First byte of a TLS record that carries a handshake (RFC 8446, section 5.1). */
const HANDSHAKE = 0x16;

export interface TlsEvents {
  /** The handshake is over; called before anything is read. */
  secured(identity: TlsIdentity | undefined): void;
  /** Too many handshakes began in this second: the connection must be ended. */
  throttled(): void;
}

export class TlsTransport implements Transport {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly #socket: Socket;
  readonly #acceptor: TlsAcceptor;
  readonly #events: TlsEvents;
  #sink: TransportSink | undefined;
  /** What carries the bytes once it is known how. */
  #inner: Transport | undefined;
  /** Written before that. */
  #held: Uint8Array[] = [];
  /** INFO may go out in plain text. */
  #mayGreet: boolean;
  /** The socket's bytes are the handshake's. */
  #securing = false;
  #first = false;
  #paused = false;
  #over = false;
  #failure: Error | undefined;

  /** @param socket accepted, paused, and untouched */
  constructor(socket: Socket, acceptor: TlsAcceptor, events: TlsEvents) {
    this.#socket = socket;
    this.#acceptor = acceptor;
    this.#events = events;
    this.#mayGreet = acceptor.options.handshakeFirst !== true;
    this.remoteAddress = plainAddress(socket.remoteAddress);
    this.remotePort = socket.remotePort ?? 0;
  }

  get tls(): TlsFacts | undefined {
    return this.#inner?.tls;
  }

  get tlsFirst(): boolean {
    return this.#first && this.tls !== undefined;
  }

  start(sink: TransportSink): void {
    this.#sink = sink;
    const socket = this.#socket;
    socket.on('error', (error) => (this.#failure ??= error));
    socket.once('close', () => {
      if (this.#inner !== undefined) return;
      if (this.#securing && !(this.#failure instanceof TlsHandshakeError)) {
        const why = this.#failure?.message ?? 'EOF';
        this.#failure = new TlsHandshakeError(`TLS handshake error: ${why}`);
      }
      this.#ended();
    });
    const { handshakeFirst, handshakeFirstFallback = 0 } = this.#acceptor.options;
    const timer = setTimeout(() => this.#late(), this.#acceptor.timeout);
    const fallback =
      handshakeFirst === true && handshakeFirstFallback > 0
        ? setTimeout(() => this.#greet(), handshakeFirstFallback)
        : undefined;
    socket.once('close', () => {
      clearTimeout(timer);
      clearTimeout(fallback);
    });
    socket.once('data', (chunk: Buffer) => {
      clearTimeout(timer);
      clearTimeout(fallback);
      socket.pause();
      socket.unshift(chunk);
      if (!this.#over) this.#decide(chunk[0] === HANDSHAKE);
    });
    socket.resume();
  }

  write(bytes: Uint8Array): boolean {
    if (this.#inner !== undefined) return this.#inner.write(bytes);
    this.#held.push(bytes);
    if (this.#mayGreet) this.#greet();
    return false;
  }

  writeAll(pieces: readonly Uint8Array[]): boolean {
    if (this.#inner !== undefined) return this.#inner.writeAll(pieces);
    this.#held.push(...pieces);
    if (this.#mayGreet) this.#greet();
    return false;
  }

  pause(): void {
    this.#paused = true;
    this.#inner?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#inner?.resume();
  }

  end(reason?: CloseReason): void {
    this.#over = true;
    if (this.#inner !== undefined) this.#inner.end(reason);
    else if (this.#securing) this.#socket.destroy();
    else endAndClose(this.#socket);
  }

  destroy(): void {
    this.#over = true;
    if (this.#inner !== undefined) this.#inner.destroy();
    else this.#socket.destroy();
  }

  /** What is held goes out in plain text: INFO, and the reason when the connection ends at once. */
  #greet(): void {
    this.#mayGreet = true;
    if (this.#inner !== undefined || this.#securing || this.#held.length === 0) return;
    const held = this.#held;
    this.#held = [];
    // Nothing but the greeting is meant for everybody's eyes.
    this.#mayGreet = false;
    this.#socket.write(Buffer.concat(held), () => this.#sink?.written());
  }

  /** The client has begun: with a handshake, or without. */
  #decide(handshake: boolean): void {
    const { allowNonTls, handshakeFirst } = this.#acceptor.options;
    // What had to come after the handshake may come before it, once the wait for one is given up.
    const mixed = allowNonTls === true && (handshakeFirst !== true || !this.#isSilent());
    if (!handshake && mixed) {
      this.#use(new DuplexTransport(this.#socket, this.remoteAddress, this.remotePort));
    } else if (!handshake) {
      this.#fail('TLS handshake error: first record does not look like a TLS handshake');
    } else if (!this.#acceptor.admits()) {
      this.#mayGreet = true;
      this.#events.throttled();
    } else {
      this.#secure();
    }
  }

  #isSilent(): boolean {
    return this.#socket.bytesWritten === 0;
  }

  #secure(): void {
    this.#securing = true;
    this.#first = this.#isSilent();
    this.#acceptor.secure(
      this.#socket,
      ({ socket, identity }) => {
        if (this.#over) {
          socket.destroy();
          return;
        }
        this.#events.secured(identity);
        this.#use(new DuplexTransport(socket, this.remoteAddress, this.remotePort));
      },
      (error) => {
        this.#failure = error;
      },
    );
  }

  #use(inner: Transport): void {
    const sink = this.#sink as TransportSink;
    this.#inner = inner;
    inner.start({
      read: (slab, at, end) => sink.read(slab, at, end),
      written: () => sink.written(),
      ended: (error) => {
        this.#failure ??= error;
        this.#ended();
      },
    });
    if (this.#paused) inner.pause();
    else inner.resume();
    const held = this.#held;
    this.#held = [];
    if (held.length > 0 && inner.writeAll(held)) sink.written();
  }

  #late(): void {
    this.#fail('TLS handshake timeout');
  }

  #fail(reason: string): void {
    this.#failure = new TlsHandshakeError(reason);
    this.#socket.destroy();
  }

  #ended(): void {
    const sink = this.#sink;
    this.#sink = undefined;
    sink?.ended(this.#failure);
  }
}
