/**
 * Messages on a stream: a length as QUIC variable-length integer (RFC 9000, section 16), then that many
 * bytes of deterministic CBOR.
 */
import { decodeCbor, encodeCbor } from '../base/cbor.ts';
import { LinkError } from './errors.ts';

interface ByteReader {
  read(target: Uint8Array, signal?: AbortSignal): Promise<number>;
}

/** Length and CBOR in one piece. Throws LinkError `stream-header` when it is longer than `maxBytes`. */
export function encodeFrame(value: unknown, maxBytes: number): Buffer {
  const body = encodeCbor(value);
  if (body.byteLength > maxBytes) {
    throw new LinkError('stream-header', `A message of ${body.byteLength} bytes is too long.`);
  }
  return Buffer.concat([encodeLength(body.byteLength), body]);
}

/**
 * The next message; undefined when the stream ended before one began.
 *
 * @param maxBytes bound of what is read and decoded
 * @throws LinkError `stream-header` for what is too long, cut off, or not CBOR; what `read` throws
 */
export async function readFrame(
  stream: ByteReader,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<unknown> {
  const head = Buffer.alloc(4);
  if (!(await fill(stream, head.subarray(0, 1), signal))) return undefined;
  const lengthBytes = 1 << ((head[0] ?? 0) >> 6);
  if (lengthBytes > head.length) throw tooLong(maxBytes);
  await fillWhole(stream, head.subarray(1, lengthBytes), signal);
  head[0] = (head[0] ?? 0) & 0x3f;
  const length = head.readUIntBE(0, lengthBytes);
  if (length > maxBytes) throw tooLong(maxBytes);
  const body = Buffer.alloc(length);
  await fillWhole(stream, body, signal);
  try {
    return decodeCbor(body, maxBytes);
  } catch (cause) {
    throw new LinkError('stream-header', 'The other peer sent a malformed message.', { cause });
  }
}

function encodeLength(length: number): Buffer {
  if (length < 0x40) return Buffer.of(length);
  const isShort = length < 0x4000;
  const bytes = Buffer.alloc(isShort ? 2 : 4);
  if (isShort) bytes.writeUInt16BE(length + 0x4000);
  else bytes.writeUInt32BE(length + 0x8000_0000);
  return bytes;
}

/** Fills `target`; false when the stream ended before its first byte. */
async function fill(stream: ByteReader, target: Buffer, signal?: AbortSignal): Promise<boolean> {
  let filled = 0;
  while (filled < target.length) {
    const count = await stream.read(target.subarray(filled), signal);
    if (count === 0 && filled === 0) return false;
    if (count === 0) throw new LinkError('stream-header', 'A message was cut off.');
    filled += count;
  }
  return true;
}

async function fillWhole(stream: ByteReader, target: Buffer, signal?: AbortSignal): Promise<void> {
  if (target.length > 0 && !(await fill(stream, target, signal))) {
    throw new LinkError('stream-header', 'A message was cut off.');
  }
}

function tooLong(maxBytes: number): LinkError {
  return new LinkError('stream-header', `A message is longer than ${maxBytes} bytes.`);
}
