import { LinkError } from '../errors.ts';
import type { Stream } from '../types.ts';
import { LENGTH_BYTES, MAX_RELAYED } from './wire.ts';

/** Read at a time; more than the longest frame. */
const BUFFER_BYTES = 16 * 1024;

/** The datagrams that come on a stream. */
export class FrameReader {
  readonly #stream: Pick<Stream, 'read'>;
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #start = 0;
  #end = 0;

  constructor(stream: Pick<Stream, 'read'>) {
    this.#stream = stream;
  }

  /**
   * The next datagram; undefined: the stream has ended. It is valid until the next call.
   *
   * @throws LinkError `link-protocol` for an empty or too long one, and for one that was cut off; what reading throws
   */
  async next(signal?: AbortSignal): Promise<Uint8Array | undefined> {
    for (;;) {
      const frame = this.#take();
      if (frame !== undefined) return frame;
      if (!(await this.#fill(signal))) return undefined;
    }
  }

  /**
   * Waits for datagrams and hands out all that have come, with the length in front of each; false: the stream has
   * ended. They are valid until `onFrame` returns. Throws as `next`.
   */
  async some(onFrame: (frame: Uint8Array, datagram: Uint8Array) => void): Promise<boolean> {
    let count = 0;
    for (;;) {
      for (let datagram = this.#take(); datagram !== undefined; datagram = this.#take()) {
        count += 1;
        const from = this.#start - datagram.length - LENGTH_BYTES;
        onFrame(this.#buffer.subarray(from, this.#start), datagram);
      }
      if (count > 0) return true;
      if (!(await this.#fill())) return false;
    }
  }

  #take(): Uint8Array | undefined {
    if (this.#end - this.#start < LENGTH_BYTES) return undefined;
    const length = this.#buffer.readUInt16BE(this.#start);
    if (length === 0 || length > MAX_RELAYED) {
      throw new LinkError('link-protocol', `A relayed datagram has ${length} bytes.`);
    }
    const from = this.#start + LENGTH_BYTES;
    if (this.#end - from < length) return undefined;
    this.#start = from + length;
    return this.#buffer.subarray(from, this.#start);
  }

  async #fill(signal?: AbortSignal): Promise<boolean> {
    this.#buffer.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
    const count = await this.#stream.read(this.#buffer.subarray(this.#end), signal);
    this.#end += count;
    if (count > 0) return true;
    if (this.#end > 0) throw new LinkError('link-protocol', 'A relayed datagram was cut off.');
    return false;
  }
}
