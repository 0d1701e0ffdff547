import type { z } from 'zod';
import type { PeerKey } from '../../identity/types.ts';
import type { ChunkBuffer } from './chunk-hasher.ts';
import type { Links, Stream } from '../../link/types.ts';
import { decodeCbor, encodeCbor } from '../../base/cbor.ts';
import { GROUP_CHUNKS, chunkCount, chunkLength } from '../chunk-tree.ts';
import { FrameError, FrameReader, StreamEnded } from '../frame-reader.ts';
import { FrameWriter } from '../frame-writer.ts';
import { proofBytes } from '../proof.ts';
import { WireError, fromWire } from '../wire-errors.ts';
import {
  FRAME_HEADER_BYTES,
  FrameKind,
  MAX_ERROR_BYTES,
  MAX_LISTING_BYTES,
  SHARE_PROTOCOL,
  writeFrameHeader,
  type ReadRequest,
  type Request,
} from '../wire.ts';

/** A source that sends nothing for this long while it owes an answer is given up. */
const STALL_MS = 60_000;
/** How long the other end may take to end its side of a stream that is through. */
const CLOSE_MS = 5_000;

/** Takes what a `read` brings. */
export interface ReadSink {
  /** The group's proof. What it throws ends the stream. */
  proof(bytes: Uint8Array): void;
  /** A buffer for the next chunk: the chunk is put behind its first byte. */
  buffer(): Promise<ChunkBuffer> | ChunkBuffer;
  /** The chunk did not come: the buffer is given back. */
  release(buffer: ChunkBuffer): void;
  /** Chunk `chunk` of the group stands in the buffer; the buffer is the sink's now. Must not throw. */
  chunk(chunk: number, buffer: ChunkBuffer, length: number): void;
}

interface Pending {
  readonly take: () => Promise<void>;
  readonly reject: (error: unknown) => void;
}

/**
 * One stream to a source: requests go out at once, answers are taken in order. An error frame fails its request
 * with WireError; anything else that goes wrong fails the stream and all requests that wait.
 */
export class SourceStream {
  readonly #stream: Stream;
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
  readonly #pending: Pending[] = [];
  readonly #outgoing: Buffer[] = [];
  readonly #watch: NodeJS.Timeout;
  #sending = false;
  #taking = false;
  #failure: Error | undefined;
  #waitingSince: number | undefined;

  constructor(stream: Stream) {
    this.#stream = stream;
    this.#reader = new FrameReader({
      read: async (target) => {
        this.#waitingSince = performance.now();
        const read = await stream.read(target);
        this.#waitingSince = undefined;
        return read;
      },
    });
    this.#writer = new FrameWriter(stream);
    this.#watch = setInterval(() => {
      const since = this.#waitingSince;
      if (since !== undefined && performance.now() - since > STALL_MS) this.abort();
    }, STALL_MS / 4).unref();
  }

  /** Throws LinkError, or the signal's reason. */
  static async open(
    links: Pick<Links, 'openStream'>,
    peer: PeerKey,
    signal: AbortSignal,
  ): Promise<SourceStream> {
    return new SourceStream(await links.openStream(peer, SHARE_PROTOCOL, { signal }));
  }

  /** Asks for something that is answered by one CBOR message. */
  message<Schema extends z.ZodType>(request: Request, schema: Schema): Promise<z.output<Schema>> {
    return this.#ask(request, async () => {
      const bytes = await this.#payload(FrameKind.message, MAX_LISTING_BYTES);
      try {
        return schema.parse(decodeCbor(bytes, MAX_LISTING_BYTES));
      } catch (error) {
        throw new FrameError('a malformed answer', { cause: error });
      }
    });
  }

  /** Asks for something that is answered by one frame of bytes. */
  bytes(request: Request, limit: number): Promise<Buffer> {
    return this.#ask(request, () => this.#payload(FrameKind.bytes, limit));
  }

  /** Reads chunks of a file of `size` bytes. Resolves when all of them were given to the sink. */
  read(request: ReadRequest, size: number, sink: ReadSink): Promise<void> {
    return this.#ask(request, async () => {
      if (request.proof && chunkCount(size) > 1) {
        sink.proof(await this.#payload(FrameKind.bytes, proofBytes(size, request.group)));
      }
      for (let chunk = request.first; chunk < request.first + request.count; chunk += 1) {
        const length = chunkLength(size, request.group * GROUP_CHUNKS + chunk);
        const head = await this.#head(FrameKind.bytes);
        if (head !== length) throw new FrameError(`a chunk of ${head} bytes, not ${length}`);
        const taken = sink.buffer();
        const buffer = taken instanceof Promise ? await taken : taken;
        try {
          await this.#reader.fill(buffer.subarray(1, 1 + length));
        } catch (error) {
          sink.release(buffer);
          throw error;
        }
        sink.chunk(chunk, buffer, length);
      }
    });
  }

  #ask<T>(request: Request, take: () => Promise<T>): Promise<T> {
    const answered = Promise.withResolvers<T>();
    if (this.#failure !== undefined) {
      answered.reject(this.#failure);
      return answered.promise;
    }
    this.#pending.push({
      take: async () => answered.resolve(await take()),
      reject: answered.reject,
    });
    const payload = encodeCbor(request);
    const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payload.length);
    writeFrameHeader(frame, FrameKind.message, payload.length);
    frame.set(payload, FRAME_HEADER_BYTES);
    this.#outgoing.push(frame);
    if (!this.#sending) void this.#send();
    if (!this.#taking) void this.#take();
    return answered.promise;
  }

  /** Sends what was asked in this turn of the event loop together. */
  async #send(): Promise<void> {
    this.#sending = true;
    await Promise.resolve();
    try {
      while (this.#outgoing.length > 0) {
        for (const frame of this.#outgoing.splice(0)) await this.#writer.framed(frame);
        await this.#writer.flush();
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#sending = false;
  }

  async #take(): Promise<void> {
    this.#taking = true;
    for (let next = this.#pending[0]; next !== undefined; next = this.#pending[0]) {
      try {
        await next.take();
      } catch (error) {
        if (!(error instanceof WireError)) {
          this.#fail(error);
          break;
        }
        next.reject(error);
      }
      this.#pending.shift();
    }
    this.#taking = false;
  }

  /** The length of the next frame, which must be of this kind. Throws WireError for an error frame. */
  async #head(kind: number): Promise<number> {
    const head = await this.#reader.next();
    if (head === undefined) throw new StreamEnded('the source ended the stream');
    if (head.kind === FrameKind.error) {
      const bytes = await this.#reader.payload(head, MAX_ERROR_BYTES);
      let code: unknown;
      try {
        code = decodeCbor(bytes, MAX_ERROR_BYTES);
      } catch (error) {
        throw new FrameError('a malformed error', { cause: error });
      }
      throw new WireError(fromWire(code));
    }
    if (head.kind !== kind) throw new FrameError(`a frame of kind ${head.kind}`);
    return head.length;
  }

  async #payload(kind: number, limit: number): Promise<Buffer> {
    const length = await this.#head(kind);
    return this.#reader.payload({ kind, length }, limit);
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = error instanceof Error ? error : new Error(String(error));
    clearInterval(this.#watch);
    this.#stream.abort();
    for (const { reject } of this.#pending.splice(0)) reject(this.#failure);
  }

  /** Gives up the stream; requests that wait fail. */
  abort(reason: Error = new StreamEnded('the stream was given up')): void {
    this.#fail(reason);
  }

  /** Ends the stream in peace, once nothing is asked any more. Never throws. */
  async close(): Promise<void> {
    clearInterval(this.#watch);
    if (this.#failure !== undefined) return;
    const timer = setTimeout(() => this.#stream.abort(), CLOSE_MS).unref();
    try {
      await this.#stream.end();
      // The other end's end; anything else was not asked for.
      if ((await this.#reader.next()) !== undefined) this.#stream.abort();
    } catch {
      // The stream is gone, which is what was wanted.
    } finally {
      clearTimeout(timer);
    }
  }
}
