/** STUN binding requests and their answers as bytes (RFC 8489). */
import { crc32 } from 'node:zlib';

const HEADER_BYTES = 20;
const COOKIE = 0x2112a442;
const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const BINDING_ERROR = 0x0111;
const ERROR_CODE = 0x0009;
const XOR_MAPPED_ADDRESS = 0x0020;
const FINGERPRINT = 0x8028;
/** What is summed is XORed with this (section 14.7), so that no other protocol's sum fits. */
const FINGERPRINT_MASK = 0x5354554e;
/** From here on an attribute that nobody knows may be passed over. */
const OPTIONAL_FROM = 0x8000;
/** Those of RFC 8489 itself; a server that needs others to be understood is answered by nothing (section 6.3.3). */
const KNOWN = new Set([
  0x0001, 0x0006, 0x0008, 0x0009, 0x000a, 0x0014, 0x0015, 0x001c, 0x001d, 0x001e, 0x0020,
]);
/** An answer to a request without attributes fits into any path's packet (section 6.1). */
const MAX_BYTES = 1_280;

export const TRANSACTION_BYTES = 12;

export interface StunAnswer {
  readonly transaction: Buffer;
  /** Where the request came from, as the server sees it; undefined: it refused. */
  readonly mapped?: { readonly host: string; readonly port: number };
  /** Of a refusal, 300 to 699. */
  readonly code?: number;
}

/** A binding request without attributes. @param transaction 12 random bytes */
export function encodeBindingRequest(transaction: Uint8Array): Buffer {
  const request = Buffer.alloc(HEADER_BYTES);
  request.writeUInt16BE(BINDING_REQUEST, 0);
  request.writeUInt32BE(COOKIE, 4);
  request.set(transaction, 8);
  return request;
}

/** Whether a datagram can be STUN: all of it begins like this, and hardly anything else does. */
export function looksLikeStun(datagram: Buffer): boolean {
  return datagram.length >= HEADER_BYTES && datagram.readUInt32BE(4) === COOKIE;
}

/** Undefined: not an answer to a binding request, or not a whole one. */
export function decodeBindingAnswer(datagram: Buffer): StunAnswer | undefined {
  if (!looksLikeStun(datagram) || datagram.length > MAX_BYTES) return undefined;
  const type = datagram.readUInt16BE(0);
  if (type !== BINDING_SUCCESS && type !== BINDING_ERROR) return undefined;
  const attributes = attributesOf(datagram);
  if (attributes === undefined) return undefined;
  const transaction = Buffer.from(datagram.subarray(8, HEADER_BYTES));
  if (type === BINDING_ERROR) {
    const value = attributes.get(ERROR_CODE);
    if (value === undefined || value.length < 4) return undefined;
    const code = (value.readUInt8(2) & 7) * 100 + value.readUInt8(3);
    return { transaction, code };
  }
  const value = attributes.get(XOR_MAPPED_ADDRESS);
  const mapped = value && addressOf(value, transaction);
  return mapped && { transaction, mapped };
}

/** The first one of each type; undefined when the message is broken, or not to be understood. */
function attributesOf(message: Buffer): Map<number, Buffer> | undefined {
  const length = message.readUInt16BE(2);
  if (length % 4 !== 0 || HEADER_BYTES + length !== message.length) return undefined;
  const attributes = new Map<number, Buffer>();
  for (let at = HEADER_BYTES; at < message.length;) {
    const type = message.readUInt16BE(at);
    const end = at + 4 + message.readUInt16BE(at + 2);
    if (end > message.length) return undefined;
    if (type < OPTIONAL_FROM && !KNOWN.has(type)) return undefined;
    const value = message.subarray(at + 4, end);
    if (type === FINGERPRINT) {
      const sum = (crc32(message.subarray(0, at)) ^ FINGERPRINT_MASK) >>> 0;
      return value.length === 4 && value.readUInt32BE(0) === sum ? attributes : undefined;
    }
    if (!attributes.has(type)) attributes.set(type, value);
    at += 4 + Math.ceil((end - at - 4) / 4) * 4;
  }
  return attributes;
}

/** Section 14.2: the port is XORed with the cookie, the address with cookie and transaction. */
function addressOf(value: Buffer, transaction: Buffer): { host: string; port: number } | undefined {
  const isV4 = value.length === 8 && value.readUInt8(1) === 1;
  const isV6 = value.length === 20 && value.readUInt8(1) === 2;
  if (!isV4 && !isV6) return undefined;
  const port = value.readUInt16BE(2) ^ (COOKIE >>> 16);
  const mask = Buffer.alloc(16);
  mask.writeUInt32BE(COOKIE, 0);
  mask.set(transaction, 4);
  const bytes = Uint8Array.from(value.subarray(4), (byte, index) => byte ^ (mask[index] ?? 0));
  return { host: isV4 ? bytes.join('.') : formatV6(bytes), port };
}

/** As systems write it: RFC 5952. */
function formatV6(bytes: Uint8Array<ArrayBuffer>): string {
  const view = new DataView(bytes.buffer);
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
