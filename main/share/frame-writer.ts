import type { Stream } from '../link/types.ts';
import { FRAME_HEADER_BYTES, writeFrameHeader } from './wire.ts';

const STAGING_BYTES = 64 * 1024;
/** Frames up to this size are gathered; larger ones are written as they are, without a copy. */
const GATHER_BYTES = 32 * 1024;

/**
 * Writes frames to a stream. Small ones are gathered until `flush`, so that thousands of small files do not
 * cost a write each. One caller at a time.
 */
export class FrameWriter {
  readonly #stream: Pick<Stream, 'write'>;
  #staging: Buffer | undefined;
  #staged = 0;

  constructor(stream: Pick<Stream, 'write'>) {
    this.#stream = stream;
  }

  /**
   * Writes one frame whose first five bytes are its header already. The bytes may be reused when it resolves.
   */
  async framed(frame: Uint8Array): Promise<void> {
    if (frame.length > GATHER_BYTES) {
      await this.flush();
      await this.#stream.write(frame);
      return;
    }
    if (this.#staged + frame.length > STAGING_BYTES) await this.flush();
    this.#staging ??= Buffer.allocUnsafeSlow(STAGING_BYTES);
    this.#staging.set(frame, this.#staged);
    this.#staged += frame.length;
  }

  async frame(kind: number, payload: Uint8Array): Promise<void> {
    const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payload.length);
    writeFrameHeader(frame, kind, payload.length);
    frame.set(payload, FRAME_HEADER_BYTES);
    await this.framed(frame);
  }

  async flush(): Promise<void> {
    if (this.#staging === undefined || this.#staged === 0) return;
    const staged = this.#staging.subarray(0, this.#staged);
    this.#staged = 0;
    await this.#stream.write(staged);
  }
}
