import type { Stream } from '../link/types.ts';
import { FRAME_HEADER_BYTES, MAX_FRAME_BYTES } from './wire.ts';

export interface FrameHead {
  readonly kind: number;
  /** Bytes of payload that follow; at most `MAX_FRAME_BYTES`. */
  readonly length: number;
}

/** The other side sent what is no frame, or not the one that had to come. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** The other side ended the stream before its answer was whole. */
export class StreamEnded extends Error {
  override readonly name = 'StreamEnded';
}

/** Small frames are read many at a time through this; payloads of chunks pass it by. */
const BUFFER_BYTES = 64 * 1024;

/** Cuts a stream into frames. One caller at a time. */
export class FrameReader {
  readonly #stream: Pick<Stream, 'read'>;
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #start = 0;
  #end = 0;

  constructor(stream: Pick<Stream, 'read'>) {
    this.#stream = stream;
  }

  /** The next frame's head, or undefined at the end of the stream. Its payload must be read before the next. */
  async next(): Promise<FrameHead | undefined> {
    while (this.#end - this.#start < FRAME_HEADER_BYTES) {
      if (this.#start > 0) {
        this.#buffer.copyWithin(0, this.#start, this.#end);
        this.#end -= this.#start;
        this.#start = 0;
      }
      const read = await this.#stream.read(this.#buffer.subarray(this.#end));
      if (read === 0) {
        if (this.#end === 0) return undefined;
        throw new StreamEnded('the stream ended inside a frame');
      }
      this.#end += read;
    }
    const length = this.#buffer.readUInt32BE(this.#start);
    const kind = this.#buffer.readUInt8(this.#start + 4);
    this.#start += FRAME_HEADER_BYTES;
    if (length > MAX_FRAME_BYTES) throw new FrameError(`a frame of ${length} bytes`);
    return { kind, length };
  }

  /** Fills all of `target` with payload. */
  async fill(target: Uint8Array): Promise<void> {
    const buffered = Math.min(target.length, this.#end - this.#start);
    target.set(this.#buffer.subarray(this.#start, this.#start + buffered));
    this.#start += buffered;
    let filled = buffered;
    while (filled < target.length) {
      const read = await this.#stream.read(target.subarray(filled));
      if (read === 0) throw new StreamEnded('the stream ended inside a frame');
      filled += read;
    }
  }

  /** The payload as bytes of its own. @param limit the most this caller takes */
  async payload(head: FrameHead, limit: number): Promise<Buffer> {
    if (head.length > limit) throw new FrameError(`a frame of ${head.length} bytes, not ${limit}`);
    const bytes = Buffer.allocUnsafe(head.length);
    await this.fill(bytes);
    return bytes;
  }
}
