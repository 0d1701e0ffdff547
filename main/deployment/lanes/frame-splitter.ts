/** Longer protocol lines are left to the client to refuse; INFO of a large cluster is the longest. */
const MAX_LINE = 64 * 1024;
/** Longer messages are no datagrams; the client takes them, and what they need grows only as they come. */
const MAX_PAYLOAD = 256 * 1024;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const ZERO = 0x30;
const EMPTY = Buffer.alloc(0);

interface Message {
  readonly sid: number;
  /** Payload with headers, without the line end. */
  readonly size: number;
}

/**
 * Takes the messages of some subscriptions out of what a NATS server sends, and passes all else on unchanged.
 *
 * A payload is handed over where it lies in the read buffer; only one that two reads share is put together
 * first, in a buffer that is used again. Anything that is not understood goes to the client, which knows
 * what to do about it.
 */
export class FrameSplitter {
  readonly #routes: ReadonlyMap<number, (payload: Uint8Array) => void>;
  readonly #pass: (bytes: Buffer) => void;
  /** The beginning of a protocol line. */
  #line: Buffer = EMPTY;
  /** Bytes of a passed message that are still to come. */
  #passing = 0;
  /** A message of ours of which a part has come. */
  #part: { readonly message: Message; filled: number } | undefined;
  #scratch: Buffer = EMPTY;

  constructor(
    routes: ReadonlyMap<number, (payload: Uint8Array) => void>,
    pass: (bytes: Buffer) => void,
  ) {
    this.#routes = routes;
    this.#pass = pass;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#passing > 0) at = this.#passOn(chunk, at);
      else if (this.#part !== undefined) at = this.#fill(this.#part, chunk, at);
      else at = this.#readLine(chunk, at);
    }
  }

  #passOn(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#passing);
    this.#passing -= end - at;
    this.#pass(chunk.subarray(at, end));
    return end;
  }

  #readLine(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(LF, at) + 1;
    const piece = chunk.subarray(at, end === 0 ? chunk.length : end);
    const line = this.#line.length === 0 ? piece : Buffer.concat([this.#line, piece]);
    if (end === 0 && line.length <= MAX_LINE) {
      this.#line = line === piece ? Buffer.from(piece) : line;
      return chunk.length;
    }
    this.#line = EMPTY;
    const message = parseMessage(line);
    const route = message && this.#routes.get(message.sid);
    if (message === undefined || route === undefined || message.size > MAX_PAYLOAD) {
      this.#pass(line);
      if (message !== undefined) this.#passing = message.size + 2;
      return end === 0 ? chunk.length : end;
    }
    const payloadEnd = end + message.size;
    if (payloadEnd + 2 <= chunk.length) {
      route(chunk.subarray(end, payloadEnd));
      return payloadEnd + 2;
    }
    this.#part = { message, filled: 0 };
    return end;
  }

  #fill(part: { message: Message; filled: number }, chunk: Buffer, at: number): number {
    const { sid, size } = part.message;
    if (this.#scratch.length < size + 2) this.#scratch = Buffer.allocUnsafeSlow(size + 2);
    const count = Math.min(chunk.length - at, size + 2 - part.filled);
    chunk.copy(this.#scratch, part.filled, at, at + count);
    part.filled += count;
    if (part.filled === size + 2) {
      this.#part = undefined;
      this.#routes.get(sid)?.(this.#scratch.subarray(0, size));
    }
    return at + count;
  }
}

/**
 * `MSG <subject> <sid> [reply] <size>` and `HMSG <subject> <sid> [reply] <header size> <size>`; the sid of the
 * latter is NaN, because messages with headers are always the client's. Undefined for every other line.
 */
function parseMessage(line: Buffer): Message | undefined {
  const hasHeaders = line[0] === 0x48;
  const start = hasHeaders ? 1 : 0;
  const isMessage =
    line[start] === 0x4d &&
    line[start + 1] === 0x53 &&
    line[start + 2] === 0x47 &&
    line[start + 3] === SPACE;
  if (!isMessage || line[line.length - 2] !== CR) return undefined;
  const size = readNumber(line, line.lastIndexOf(SPACE) + 1, line.length - 2);
  const sidAt = line.indexOf(SPACE, start + 4) + 1;
  const sid = readNumber(line, sidAt, line.indexOf(SPACE, sidAt));
  if (size === undefined || sid === undefined || sidAt === 0) return undefined;
  return { sid: hasHeaders ? Number.NaN : sid, size };
}

/** Decimal digits, at most nine of them. */
function readNumber(line: Buffer, from: number, to: number): number | undefined {
  if (to <= from || to - from > 9) return undefined;
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const digit = (line[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}
