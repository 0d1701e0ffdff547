/** What a server sends, cut into control lines and payloads. Text is latin1: one character per byte. */

export interface Frame {
  /** The control line without its line ending. */
  readonly line: string;
  /** Header and body together; undefined for lines that carry none. */
  readonly payload?: string;
}

const carriesPayload = /^(?:MSG|HMSG|LMSG|RMSG) .* \d+$/;

export class FrameReader {
  #text = '';

  push(chunk: Buffer): Frame[] {
    this.#text += chunk.toString('latin1');
    const frames: Frame[] = [];
    for (;;) {
      const end = this.#text.indexOf('\n');
      if (end < 0) return frames;
      // A line that ends in a bare LF would be a difference: it keeps a mark.
      const line =
        this.#text[end - 1] === '\r'
          ? this.#text.slice(0, end - 1)
          : `${this.#text.slice(0, end)}<LF>`;
      if (!carriesPayload.test(line)) {
        frames.push({ line });
        this.#text = this.#text.slice(end + 1);
        continue;
      }
      const size = Number(line.slice(line.lastIndexOf(' ') + 1));
      const after = end + 1 + size;
      if (this.#text.length < after + 2) return frames;
      const tail = this.#text.slice(after, after + 2);
      const payload = this.#text.slice(end + 1, after);
      frames.push({ line, payload: tail === '\r\n' ? payload : `${payload}<${tail}>` });
      this.#text = this.#text.slice(after + 2);
    }
  }

  /** Bytes of a frame that has not ended. */
  get rest(): string {
    return this.#text;
  }
}
