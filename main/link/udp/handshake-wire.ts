/**
 * The datagrams that set up a session over UDP (docs/link.md "The UDP handshake"):
 *
 *     magic (8) ‖ type (1) ‖ attempt (16, chosen by the dialler) ‖ body
 *
 *     hello   padding, so that no answer to it is longer than itself
 *     cookie  the cookie
 *     dial    length of the cookie (1) ‖ cookie ‖ signed dial
 *     answer  signed ack or refusal
 */

/** In front of every handshake datagram, where a session's datagrams have their tag: `skerry` 0 1. */
export const MAGIC = Buffer.from('736b657272790001', 'hex');
export const ATTEMPT_BYTES = 16;
/** Every hello is this long; a cookie answer is shorter. */
export const HELLO_BYTES = 128;

const HEAD_BYTES = MAGIC.length + 1 + ATTEMPT_BYTES;
/** Bound of dials and answers (session/types.ts). */
const MAX_MESSAGE = 1000;
const MAX_COOKIE = 64;
const TYPES = { hello: 1, cookie: 2, dial: 3, answer: 4 } as const;

export type Handshake =
  | { readonly type: 'hello'; readonly attempt: Buffer }
  | { readonly type: 'cookie'; readonly attempt: Buffer; readonly cookie: Buffer }
  | {
      readonly type: 'dial';
      readonly attempt: Buffer;
      readonly cookie: Buffer;
      readonly dial: Buffer;
    }
  | { readonly type: 'answer'; readonly attempt: Buffer; readonly answer: Buffer };

export function encodeHello(attempt: Uint8Array): Buffer {
  const hello = Buffer.alloc(HELLO_BYTES);
  head('hello', attempt).copy(hello);
  return hello;
}

export function encodeCookie(attempt: Uint8Array, cookie: Uint8Array): Buffer {
  return Buffer.concat([head('cookie', attempt), cookie]);
}

export function encodeDialling(attempt: Uint8Array, cookie: Uint8Array, dial: Uint8Array): Buffer {
  return Buffer.concat([head('dial', attempt), Buffer.of(cookie.length), cookie, dial]);
}

export function encodeReply(attempt: Uint8Array, answer: Uint8Array): Buffer {
  return Buffer.concat([head('answer', attempt), answer]);
}

/** Views into `datagram`, which starts with the magic; undefined for what is no handshake. */
export function decodeHandshake(datagram: Buffer): Handshake | undefined {
  if (datagram.length < HEAD_BYTES) return undefined;
  const attempt = datagram.subarray(MAGIC.length + 1, HEAD_BYTES);
  const body = datagram.subarray(HEAD_BYTES);
  switch (datagram.readUInt8(MAGIC.length)) {
    case TYPES.hello:
      return datagram.length === HELLO_BYTES ? { type: 'hello', attempt } : undefined;
    case TYPES.cookie:
      return isSized(body, MAX_COOKIE) ? { type: 'cookie', attempt, cookie: body } : undefined;
    case TYPES.dial: {
      const end = 1 + (body[0] ?? 0);
      const [cookie, dial] = [body.subarray(1, end), body.subarray(end)];
      const isGood = isSized(cookie, MAX_COOKIE) && isSized(dial, MAX_MESSAGE);
      return isGood ? { type: 'dial', attempt, cookie, dial } : undefined;
    }
    case TYPES.answer:
      return isSized(body, MAX_MESSAGE) ? { type: 'answer', attempt, answer: body } : undefined;
    default:
      return undefined;
  }
}

function head(type: keyof typeof TYPES, attempt: Uint8Array): Buffer {
  return Buffer.concat([MAGIC, Buffer.of(TYPES[type]), attempt]);
}

function isSized(bytes: Buffer, max: number): boolean {
  return bytes.length > 0 && bytes.length <= max;
}
