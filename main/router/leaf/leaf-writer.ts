/** LMSG and HMSG lines of the leaf protocol, written as fast as those for clients (connection/message-writer.ts). */
import { copyBody, type Message } from '../connection/message.ts';
import type { Outbound } from '../connection/outbound.ts';
import { copyBytes, writeDecimal, writeWire } from '../connection/slab.ts';

/** Little-endian. */
const LMSG = 0x47534d4c;
const HMSG = 0x47534d48;
const SP = 32;
const PLUS = 43;
const BAR = 124;
const CRLF = 0x0a0d;
/** Verb, spaces, reply indicator, two sizes, two times CR LF. */
const FRAME = 56;

/**
 * Writes the message for a leaf node.
 *
 * @param queues the groups that it is for beside plain subscriptions; undefined: none
 * @param headers whether the leaf node takes headers; without, it gets the payload alone
 * @returns false when there is no room any more: the connection is closing
 */
export function writeLeafMessage(
  outbound: Outbound,
  message: Message,
  queues: readonly string[] | undefined,
  headers: boolean,
): boolean {
  const { subjectLength, replyLength, size } = message;
  let needed = FRAME + subjectLength + message.lineLength + size;
  if (queues !== undefined) for (const queue of queues) needed += queue.length + 1;
  const slab = outbound.room(needed);
  if (slab === undefined) return false;
  const { bytes, view } = slab;
  const withHeaders = message.headerSize >= 0;
  const asHeaders = withHeaders && headers;
  let at = outbound.at;
  view.setInt32(at, asHeaders ? HMSG : LMSG, true);
  bytes[at + 4] = SP;
  at += 5;
  copyBytes(message.subject, message.subjectAt, slab, at, subjectLength);
  at += subjectLength;
  bytes[at++] = SP;
  let { lineAt, lineLength } = message;
  const replyAndSpace = replyLength === 0 ? 0 : replyLength + 1;
  if (queues !== undefined) {
    bytes[at++] = replyLength > 0 ? PLUS : BAR;
    bytes[at++] = SP;
    copyBytes(message.line, lineAt, slab, at, replyAndSpace);
    at += replyAndSpace;
    for (const queue of queues) {
      at = writeWire(queue, bytes, at);
      bytes[at++] = SP;
    }
    lineAt += replyAndSpace;
    lineLength -= replyAndSpace;
  }
  if (asHeaders === withHeaders) {
    if (message.joined) {
      const length = lineLength + size + 2;
      copyBytes(message.line, lineAt, slab, at, length);
      outbound.at = at + length;
      return true;
    }
    copyBytes(message.line, lineAt, slab, at, lineLength);
    at += lineLength;
    copyBody(message, 0, slab, at);
    at += size;
  } else {
    if (queues === undefined) {
      copyBytes(message.line, lineAt, slab, at, replyAndSpace);
      at += replyAndSpace;
    }
    at = writeDecimal(size - message.headerSize, bytes, at);
    view.setInt16(at, CRLF, true);
    at += 2;
    copyBody(message, message.headerSize, slab, at);
    at += size - message.headerSize;
  }
  view.setInt16(at, CRLF, true);
  outbound.at = at + 2;
  return true;
}
