import type { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { LinkError } from '../link/errors.ts';
import type { Stream } from '../link/types.ts';
import type { Traffic } from './types.ts';

/** What is read from the link at a time, bytes. The other direction is read by Node in pieces of this size. */
const READ_BYTES = 64 * 1024;
/** Silence of a TCP connection after which its other end is asked whether it is still there. */
const KEEP_ALIVE_MS = 60_000;
/**
 * A program that has sent all it had and closed takes nothing more. The last bytes of what it sent may still be
 * on their way to the other peer, so the stream is given up only after this time, or this much to throw away.
 */
const FAREWELL_MS = 2_000;
const FAREWELL_BYTES = 256 * 1024;

/** The program's side broke: the connection to it was reset, or nobody takes its bytes. */
class SocketBroken extends Error {
  override readonly name = 'SocketBroken';
}

/** How a socket must be before it is spliced: errors heard by somebody, small writes sent at once. */
export function prepareSocket(socket: Socket): void {
  // Whoever uses the socket sees its end; the event alone must not end the process.
  socket.on('error', () => undefined);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
}

/** Ends a connection so that its program cannot take it for whole: RST. Unix sockets have none, they just close. */
export function resetSocket(socket: Socket): void {
  if (socket.localAddress === undefined) socket.destroy();
  else socket.resetAndDestroy();
}

/** One connection of a program, carried by a stream of a link. */
export class Splice {
  readonly #stream: Stream;
  readonly #socket: Socket;
  /** The socket is closed, for whatever reason. */
  readonly #closed = new AbortController();
  #sent = 0;
  #received = 0;
  /** The program's direction has ended whole. */
  #said = false;

  /** @param socket prepared, not flowing, with `allowHalfOpen` */
  constructor(stream: Stream, socket: Socket) {
    this.#stream = stream;
    this.#socket = socket;
    const onClose = (): void => this.#closed.abort(new SocketBroken('closed'));
    if (socket.destroyed) onClose();
    else socket.once('close', onClose);
  }

  /** Bytes into the stream, and out of it. */
  get traffic(): Traffic {
    return { sentBytes: this.#sent, receivedBytes: this.#received };
  }

  /** Gives up both sides at once; `run` rejects. */
  cut(): void {
    this.#stream.abort();
    resetSocket(this.#socket);
  }

  /**
   * Carries both directions, each to its own end. Of each direction at most two pieces of 64 KiB are held here;
   * what is slow holds the other end back.
   *
   * @throws LinkError `stream-reset`, `link-down`, SocketBroken; both sides are given up then
   */
  async run(): Promise<void> {
    const incoming = this.#fromStream();
    const outgoing = this.#fromSocket();
    try {
      await Promise.all([incoming, outgoing]);
    } catch (error) {
      if (error instanceof SocketBroken && this.#said) {
        this.#socket.destroy();
        await this.#farewell();
      }
      this.cut();
      await Promise.allSettled([incoming, outgoing]);
      throw error;
    }
  }

  async #fromStream(): Promise<void> {
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
    for (;;) {
      const count = await this.#stream.read(buffer, this.#closed.signal);
      if (count === 0) break;
      // Done when the system has the bytes: the buffer is free again.
      await this.#give((done) => this.#socket.write(buffer.subarray(0, count), done));
      this.#received += count;
    }
    await this.#give((done) => this.#socket.end(done));
  }

  /** Hands something to the socket. Throws SocketBroken. */
  #give(work: (done: (error?: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      work((error) => {
        if (error === undefined || error === null) resolve();
        else reject(new SocketBroken('not written', { cause: error }));
      });
    });
  }

  #fromSocket(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const socket = this.#socket;
    let writing = Promise.resolve();
    socket.on('data', (chunk: Buffer) => {
      socket.pause();
      writing = this.#stream.write(chunk).then(() => {
        this.#sent += chunk.length;
        socket.resume();
      });
      writing.catch(reject);
    });
    // May be heard while the last piece still waits for room in the stream.
    socket.once('end', () => {
      writing
        .then(() => this.#stream.end())
        .then(() => {
          this.#said = true;
          resolve(undefined);
        }, reject);
    });
    const { signal } = this.#closed;
    const onClose = (): void => {
      // After its end the connection closes by itself, perhaps before the last piece has left.
      if (!socket.readableEnded) reject(signal.reason);
    };
    if (signal.aborted) onClose();
    else signal.addEventListener('abort', onClose, { once: true });
    socket.resume();
    return promise;
  }

  /** Throws away what still comes, for a while. Never throws. */
  async #farewell(): Promise<void> {
    const over = new AbortController();
    const drained = this.#discard(over.signal);
    const timer = setTimeout(FAREWELL_MS, undefined, { signal: over.signal }).catch(
      () => undefined,
    );
    await Promise.race([drained, timer]);
    over.abort(new LinkError('stream-reset', 'Nobody reads the stream any more.'));
    await drained;
  }

  async #discard(signal: AbortSignal): Promise<void> {
    const scratch = Buffer.allocUnsafeSlow(READ_BYTES);
    try {
      for (let left = FAREWELL_BYTES; left > 0;) {
        const count = await this.#stream.read(scratch, signal);
        if (count === 0) return;
        left -= count;
      }
    } catch {
      // Given up by the other side, or time is over.
    }
  }
}
