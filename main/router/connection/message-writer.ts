/** MSG and HMSG lines, written straight into what waits to be sent: the hottest place of the router. */
import { copyBody, type Message } from './message.ts';
import type { Outbound } from './outbound.ts';
import { copyBytes, writeDecimal, writeWire } from './slab.ts';
import type { Subscription } from './subscription.ts';

/** `MSG ` and `HMSG`, little-endian. */
const MSG_ = 0x2047534d;
const HMSG = 0x47534d48;
const SP = 32;
const CRLF = 0x0a0d;
/** Verb, spaces, two sizes, two times CR LF. */
const FRAME = 48;

/**
 * Writes the message for one subscription of a client.
 *
 * @param headers whether the client takes headers; without, it gets the payload alone
 * @returns false when there is no room any more: the connection is closing
 */
export function writeMessage(
  outbound: Outbound,
  subscription: Subscription,
  message: Message,
  headers: boolean,
): boolean {
  const { subjectLength, size } = message;
  const { sid } = subscription;
  const withHeaders = message.headerSize >= 0;
  const needed = FRAME + subjectLength + sid.length + message.lineLength + size;
  const slab = outbound.room(needed);
  if (slab === undefined) return false;
  const { bytes, view } = slab;
  let at = outbound.at;
  const asHeaders = withHeaders && headers;
  if (asHeaders) {
    view.setInt32(at, HMSG, true);
    bytes[at + 4] = SP;
    at += 5;
  } else {
    view.setInt32(at, MSG_, true);
    at += 4;
  }
  copyBytes(message.subject, message.subjectAt, slab, at, subjectLength);
  at += subjectLength;
  bytes[at++] = SP;
  for (let i = 0; i < sid.length; i++) bytes[at++] = sid.charCodeAt(i);
  bytes[at++] = SP;
  if (asHeaders === withHeaders) {
    if (message.joined) {
      const length = message.lineLength + size + 2;
      copyBytes(message.line, message.lineAt, slab, at, length);
      outbound.at = at + length;
      return true;
    }
    copyBytes(message.line, message.lineAt, slab, at, message.lineLength);
    at += message.lineLength;
    copyBody(message, 0, slab, at);
    at += size;
  } else {
    if (message.replyLength > 0) {
      at = writeWire(message.replyText(), bytes, at);
      bytes[at++] = SP;
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
