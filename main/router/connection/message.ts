/**
 * A published message on its way through the router: where its parts stand. There is one per router, filled
 * anew for each message and valid only until the call it is given to returns, so that nothing is allocated
 * for a message that is merely passed on.
 */
import type { Passage } from '../account/passage.ts';
import type { LastLine } from '../protocol/last-line.ts';
import { hashBytes } from '../subject/hash.ts';
import { copyBytes, Slab, writeDecimal, writeWire } from './slab.ts';

/** What a line may hold beside the reply subject: two sizes, two spaces, CR LF. */
const LINE_REST = 48;
/** Room that is made at once for the next, longer subject. */
const SPARE = 256;
const EMPTY = new Slab(0);
const SP = 32;
const CR = 13;
const LF = 10;

export class Message {
  /** The subject that it is matched and delivered with. */
  subject = EMPTY;
  subjectAt = 0;
  subjectLength = 0;
  /** FNV-1a of the subject's bytes; 0 when not known yet. */
  subjectHash = 0;
  /** The line that it was published with, when it has come before and the subject is still that line's. */
  repeated: LastLine | undefined;
  /** `[reply ][header size ]size CR LF`, with single spaces: what follows the sid in MSG and HMSG. */
  line = EMPTY;
  lineAt = 0;
  lineLength = 0;
  /** The reply subject starts the line. 0: none. */
  replyLength = 0;
  /** Headers and payload, without the CR LF that ends them. */
  body = EMPTY;
  bodyAt = 0;
  size = 0;
  /** The first bytes of the body that are headers; -1 for a message without. */
  headerSize = -1;
  /** In the place of `body`: bytes of an in-process publisher, which stand in no slab. */
  foreign: Uint8Array | undefined;
  /** Line, body and the CR LF after it stand one behind the other in one slab. */
  joined = false;
  /** The services that it has come through from other accounts; undefined as it was published. */
  via: Passage | undefined;
  /** Set when the subject is known as a string already. */
  #subjectText: string | undefined;
  /** The reply of a line that was written here. */
  #replyText: string | undefined;
  #ownSubject = EMPTY;
  #ownLine = EMPTY;

  /** A new subject and line were set by position; forget their texts. */
  subjectMoved(): void {
    this.#subjectText = undefined;
    this.#replyText = undefined;
  }

  subjectText(): string {
    return (this.#subjectText ??= this.subject.bytes.toString(
      'latin1',
      this.subjectAt,
      this.subjectAt + this.subjectLength,
    ));
  }

  /** Of the subject's bytes. */
  hash(): number {
    if (this.subjectHash === 0) {
      this.subjectHash = hashBytes(this.subject.bytes, this.subjectAt, this.subjectLength);
    }
    return this.subjectHash;
  }

  replyText(): string {
    if (this.replyLength === 0) return '';
    return (this.#replyText ??= this.line.bytes.toString(
      'latin1',
      this.lineAt,
      this.lineAt + this.replyLength,
    ));
  }

  /** Headers and payload as bytes that stay valid only as long as the message. */
  bodyBytes(): Uint8Array {
    return this.foreign ?? this.body.bytes.subarray(this.bodyAt, this.bodyAt + this.size);
  }

  /** Gives the message another subject (a wire string), as mappings and imports do. */
  setSubject(text: string): void {
    // Only its own memory keeps the text: bytes that were read may have been overwritten since.
    if (text === this.#subjectText && this.subject === this.#ownSubject) return;
    if (text.length > this.#ownSubject.size) this.#ownSubject = new Slab(text.length + SPARE);
    writeWire(text, this.#ownSubject.bytes, 0);
    this.subject = this.#ownSubject;
    this.subjectAt = 0;
    this.subjectLength = text.length;
    this.subjectHash = 0;
    this.repeated = undefined;
    this.#subjectText = text;
  }

  /** Writes the line anew: another reply (a wire string, '' for none), or sizes that changed. */
  setLine(reply: string, headerSize: number, size: number): void {
    if (reply.length + LINE_REST > this.#ownLine.size)
      this.#ownLine = new Slab(reply.length + LINE_REST + SPARE);
    this.lineLength = writeLine(this.#ownLine, reply, headerSize, size);
    this.line = this.#ownLine;
    this.lineAt = 0;
    this.replyLength = reply.length;
    this.#replyText = reply;
    this.headerSize = headerSize;
    this.size = size;
    this.joined = false;
  }

  /** Another body that stands in memory of its own. The line has to be set after it. */
  setForeign(body: Uint8Array): void {
    this.foreign = body;
    this.joined = false;
  }

  /** A copy to keep: the same parts in memory of their own. */
  clone(): Message {
    const copy = new Message();
    copy.setSubject(this.subjectText());
    copy.foreign = Uint8Array.prototype.slice.call(this.bodyBytes());
    copy.setLine(this.replyText(), this.headerSize, this.size);
    return copy;
  }

  /**
   * Becomes a second view of `other`, whose parts it borrows: the way to give one receiver another subject,
   * reply or body while `other` stays what it is.
   */
  borrow(other: Message): this {
    this.subject = other.subject;
    this.subjectAt = other.subjectAt;
    this.subjectLength = other.subjectLength;
    this.subjectHash = other.subjectHash;
    this.repeated = undefined;
    this.#subjectText = other.#subjectText;
    this.line = other.line;
    this.lineAt = other.lineAt;
    this.lineLength = other.lineLength;
    this.replyLength = other.replyLength;
    this.#replyText = other.#replyText;
    this.body = other.body;
    this.bodyAt = other.bodyAt;
    this.size = other.size;
    this.headerSize = other.headerSize;
    this.foreign = other.foreign;
    this.joined = other.joined;
    this.via = other.via;
    return this;
  }
}

function writeLine(slab: Slab, reply: string, headerSize: number, size: number): number {
  const bytes = slab.bytes;
  let at = 0;
  if (reply !== '') {
    at = writeWire(reply, bytes, at);
    bytes[at++] = SP;
  }
  if (headerSize >= 0) {
    at = writeDecimal(headerSize, bytes, at);
    bytes[at++] = SP;
  }
  at = writeDecimal(size, bytes, at);
  bytes[at++] = CR;
  bytes[at++] = LF;
  return at;
}

/** Copies the body (without CR LF) behind what stands in `to` already. */
export function copyBody(message: Message, skip: number, to: Slab, target: number): void {
  if (message.foreign !== undefined) {
    to.bytes.set(skip === 0 ? message.foreign : message.foreign.subarray(skip), target);
  } else {
    copyBytes(message.body, message.bodyAt + skip, to, target, message.size - skip);
  }
}
