/** One raw TCP connection of a session. It answers nothing by itself. */
import { connect, type Socket } from 'node:net';
import { FrameReader, type Frame } from './frames.ts';

/** How long a server may take to answer a PING before the transcript says that it did not. */
const ANSWER_MS = 2_000;
/** How long to look for a PONG to a PING that the script sent itself. */
const OWN_PONG_MS = 30;
/** Between the pieces of a split, so that they arrive in reads of their own. */
const PIECE_MS = 1;

export type Bytes = string | Buffer;

/** A frame and the step of the script during which it came. */
export interface Entry extends Frame {
  readonly step: number;
}

/** The INFO fields that scripts use. */
export interface ServerInfo {
  readonly server_id: string;
  readonly client_id: number;
  readonly nonce?: string;
  readonly [key: string]: unknown;
}

export class Wire {
  readonly name: string;
  /** Everything but the server's PINGs and the PONGs of settling, oldest first. */
  readonly frames: Entry[] = [];
  closed = false;
  /** Where in `frames` the PONGs since the last round trip are. */
  readonly #pongs: number[] = [];
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  readonly #step: () => number;
  #changed = Promise.withResolvers<void>();
  /** Whether a PING would be read as one: not in the middle of a line, and not before CONNECT. */
  answers = false;

  constructor(name: string, port: number, step: () => number) {
    this.name = name;
    this.#step = step;
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true });
    this.#socket.on('data', (chunk) => {
      for (const frame of this.#reader.push(chunk)) this.#take(frame);
      this.#wake();
    });
    this.#socket.on('end', () => this.#socket.end());
    // A reset is a close; what came before it has been read.
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('close', () => {
      this.closed = true;
      if (this.#reader.rest !== '') this.#take({ line: `<unfinished> ${this.#reader.rest}` });
      this.#take({ line: '<closed>' });
      this.#wake();
    });
  }

  #take(frame: Frame): void {
    if (frame.line === 'PING') {
      // The server looks after its round-trip time whenever it likes.
      if (this.answers) this.#write('PONG\r\n');
      return;
    }
    this.frames.push({ ...frame, step: this.#step() });
    if (frame.line === 'PONG') this.#pongs.push(this.frames.length - 1);
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  #write(bytes: Bytes): void {
    if (!this.closed && this.#socket.writable) this.#socket.write(bytes);
  }

  /** The first line, parsed. */
  get info(): ServerInfo {
    const line = this.frames[0]?.line ?? '';
    return JSON.parse(line.slice('INFO '.length)) as ServerInfo;
  }

  /** The newest message that came. */
  get last(): { subject: string; sid: string; reply: string; payload: string } {
    const frame = this.frames.findLast((each) => each.payload !== undefined);
    const words = (frame?.line ?? '').split(' ');
    const counts = words[0] === 'HMSG' ? 2 : 1;
    return {
      subject: words[1] ?? '',
      sid: words[2] ?? '',
      reply: words.length - counts > 3 ? (words[3] ?? '') : '',
      payload: frame?.payload ?? '',
    };
  }

  /** Resolves when it holds, the connection closed, or the time is over; true if it holds. */
  async when(holds: () => boolean, ms: number): Promise<boolean> {
    const timeout = Promise.withResolvers<void>();
    const timer = setTimeout(timeout.resolve, ms);
    const end = performance.now() + ms;
    while (!holds() && !this.closed && performance.now() < end) {
      await Promise.race([this.#changed.promise, timeout.promise]);
    }
    clearTimeout(timer);
    return holds();
  }

  async write(pieces: readonly Bytes[]): Promise<void> {
    for (const [i, piece] of pieces.entries()) {
      if (i > 0) await pause(PIECE_MS);
      this.#write(piece);
    }
  }

  /**
   * Writes, waits for the answer to a PING behind it, and takes that answer out of the frames.
   * @param own how many PONGs the bytes themselves will probably bring
   */
  async ask(pieces: readonly Bytes[], own: number): Promise<void> {
    const last = Buffer.from(pieces.at(-1) ?? '');
    // In one write: a server that closes with something unread resets the connection, and what it said is lost.
    await this.write([...pieces.slice(0, -1), Buffer.concat([last, Buffer.from('PING\r\n')])]);
    await this.#pong(own);
  }

  /** Sends a PING and waits for its PONG, which then is taken out of the frames. */
  async roundTrip(): Promise<void> {
    // What has come is read first: a failing write would throw it away.
    await new Promise((resolve) => setImmediate(resolve));
    if (this.closed || !this.answers) return;
    this.#write('PING\r\n');
    await this.#pong(0);
  }

  async #pong(own: number): Promise<void> {
    const answered = await this.when(() => this.#pongs.length > 0, ANSWER_MS);
    if (!answered) {
      if (!this.closed) this.#take({ line: '<no answer to PING>' });
      return;
    }
    if (own > 0) await this.when(() => this.#pongs.length > own, OWN_PONG_MS);
    const at = this.#pongs.at(-1) ?? 0;
    this.frames.splice(at, 1);
    this.#pongs.length = 0;
  }

  /** Ends this side and waits until the server has closed the other. */
  async end(): Promise<void> {
    if (this.closed) return;
    this.#socket.end();
    await this.when(() => this.closed, ANSWER_MS);
    this.#socket.destroy();
  }

  /** Drops the connection without a word. */
  destroy(): void {
    this.#socket.destroy();
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
