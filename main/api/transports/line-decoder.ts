import { ApiError } from '../errors.ts';

const NEWLINE = 0x0a;

/**
 * Cuts a byte stream into lines of UTF-8, without their newline; a pure function of the bytes, however
 * they are split.
 */
export class LineDecoder {
  readonly #maxBytes: number;
  readonly #text = new TextDecoder('utf-8', { fatal: true });
  #parts: Uint8Array[] = [];
  #bytes = 0;

  /** @param maxBytes the longest line taken */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Yields each line that `chunk` completes. Throws ApiError `message-too-large` or `bad-message`. */
  *push(chunk: Uint8Array): Generator<string> {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      this.#keep(chunk.subarray(start, end < 0 ? undefined : end));
      if (end < 0) return;
      yield this.#take();
      start = end + 1;
    }
  }

  #keep(part: Uint8Array): void {
    if (this.#bytes + part.length > this.#maxBytes) {
      const message = `A message has more than ${this.#maxBytes} bytes.`;
      throw new ApiError('message-too-large', message);
    }
    if (part.length > 0) this.#parts.push(part);
    this.#bytes += part.length;
  }

  #take(): string {
    const line =
      this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts, this.#bytes);
    this.#parts = [];
    this.#bytes = 0;
    try {
      return this.#text.decode(line);
    } catch (error) {
      throw new ApiError('bad-message', 'A message is not UTF-8.', { cause: error });
    }
  }
}
