/**
 * The short way of a publication: one that stands whole in the bytes that were read, written as clients
 * write it (single spaces, CR LF). It is read in one pass, without copies, strings or tokens.
 */
import type { Message } from '../connection/message.ts';
import type { Slab } from '../connection/slab.ts';
import { HASH_PRIME, HASH_SEED } from '../subject/hash.ts';
import type { LastLine } from './last-line.ts';
import type { ParserMode } from './parser.ts';

const SP = 32;
const CR = 13;
const LF = 10;
/** Sizes have at most this many digits. */
const LONGEST_SIZE = 9;

/** `pub ` and `lmsg`, `hpub`, `hmsg`, big-endian, with the case bit set. */
const PUB_ = 0x70756220;
const HPUB = 0x68707562;
const LMSG = 0x6c6d7367;
const HMSG = 0x686d7367;
const CASE_OF_PUB_ = 0x20202000;
const CASE = 0x20202020;

/**
 * Reads the publication at `at` into `message`.
 *
 * @param last the line before it in the same bytes; becomes this one
 * @returns the position after it, or `at` when the long way has to look at it: something else, incomplete,
 *          irregular, wrong, or larger than allowed
 */
export function readPublication(
  slab: Slab,
  at: number,
  end: number,
  mode: ParserMode,
  message: Message,
  last: LastLine,
): number {
  const isAgain = last.isAgainAt(slab, at, end);
  if (!isAgain && !readLine(slab, at, mode, last)) return at;
  const { bytes } = slab;
  const body = at + last.length;
  const tail = body + last.size;
  if (tail + 2 > end || bytes[tail] !== CR || bytes[tail + 1] !== LF) return at;
  last.at = at;
  message.subject = slab;
  message.subjectAt = at + last.subjectOffset;
  message.subjectLength = last.subjectLength;
  message.subjectHash = last.subjectHash;
  message.subjectMoved();
  // One that stands alone would be remembered for nothing.
  message.repeated = isAgain ? last : undefined;
  message.line = slab;
  message.lineAt = at + last.restOffset;
  message.lineLength = last.length - last.restOffset;
  message.replyLength = last.replyLength;
  message.body = slab;
  message.bodyAt = body;
  message.size = last.size;
  message.headerSize = last.headerSize;
  message.foreign = undefined;
  message.joined = true;
  return tail + 2;
}

/** Reads the control line at `at` into `last`. False for one that is for the long way. */
function readLine(slab: Slab, at: number, mode: ParserMode, last: LastLine): boolean {
  last.forget();
  const { bytes, view } = slab;
  const verb = view.getInt32(at, false);
  let start: number;
  let headers = false;
  if (mode.leaf) {
    const folded = verb | CASE;
    if (folded === HMSG) headers = true;
    else if (folded !== LMSG) return false;
    if (bytes[at + 4] !== SP) return false;
    start = at + 5;
  } else if ((verb | CASE_OF_PUB_) === PUB_) {
    start = at + 4;
  } else {
    if ((verb | CASE) !== HPUB || bytes[at + 4] !== SP || !mode.headers) return false;
    headers = true;
    start = at + 5;
  }

  let p = start;
  let hash = HASH_SEED;
  let byte = bytes[p] as number;
  while (byte > SP) {
    hash = Math.imul(hash ^ byte, HASH_PRIME);
    byte = bytes[++p] as number;
  }
  const subjectLength = p - start;
  if (byte !== SP || subjectLength === 0) return false;

  // Numbers are read while tokens are passed over; a token that is none is the reply.
  const line = ++p;
  let first = 0;
  byte = bytes[p] as number;
  while (byte >= 48 && byte <= 57) {
    first = first * 10 + byte - 48;
    byte = bytes[++p] as number;
  }
  let digits = p - line;
  let replyLength = 0;
  let headerSize = -1;
  let size = first;
  if (byte === CR && !headers) {
    if (digits === 0) return false;
  } else {
    let token: number;
    if (byte > SP || !headers || !isLastPair(bytes, p)) {
      // LMSG: `+` and `|` stand before queue groups.
      if (mode.leaf && (bytes[line] === 43 || bytes[line] === 124) && bytes[line + 1] === SP)
        return false;
      while (byte > SP) byte = bytes[++p] as number;
      replyLength = p - line;
      if (byte !== SP || replyLength === 0) return false;
      token = ++p;
      first = 0;
      byte = bytes[p] as number;
      while (byte >= 48 && byte <= 57) {
        first = first * 10 + byte - 48;
        byte = bytes[++p] as number;
      }
      digits = p - token;
      if (digits === 0) return false;
      size = first;
    }
    if (headers) {
      if (byte !== SP || digits === 0 || digits > LONGEST_SIZE) return false;
      headerSize = first;
      token = ++p;
      size = 0;
      byte = bytes[p] as number;
      while (byte >= 48 && byte <= 57) {
        size = size * 10 + byte - 48;
        byte = bytes[++p] as number;
      }
      digits = p - token;
      if (digits === 0 || headerSize > size || headerSize === 0) return false;
    }
    if (byte !== CR) return false;
  }
  if (digits > LONGEST_SIZE || bytes[p + 1] !== LF || p - start > mode.maxControlLine) return false;
  if (size > mode.maxPayload) return false;
  last.length = p + 2 - at;
  last.at = at;
  last.subjectOffset = start - at;
  last.subjectLength = subjectLength;
  last.subjectHash = hash;
  last.restOffset = line - at;
  last.replyLength = replyLength;
  last.headerSize = headerSize;
  last.size = size;
  last.forgetReceivers();
  return true;
}

/** Whether the line ends after one more token: then the number that ends at `at` is the header size. */
function isLastPair(bytes: Uint8Array, at: number): boolean {
  let p = at + 1;
  while ((bytes[p] as number) > SP) p++;
  return bytes[p] === CR;
}
