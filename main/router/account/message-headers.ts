/** The header block of a message that is changed on its way into another account (NATS ADR-4). */
import type { Message } from '../connection/message.ts';

const VERSION_LINE = Buffer.from('NATS/1.0\r\n');
const CRLF = Buffer.from('\r\n');

/** The header block, without copying; empty for a message without. */
export function headerBlock(message: Message): Buffer {
  if (message.headerSize <= 0) return Buffer.alloc(0);
  return asBuffer(message.bodyBytes()).subarray(0, message.headerSize);
}

/** The value of the first header of that name, exactly as it is spelt; undefined when it is missing. */
export function headerValue(block: Buffer, name: string): string | undefined {
  const line = findLine(block, name);
  if (line === undefined) return undefined;
  return block.toString('utf8', line.at + name.length + 1, line.end - CRLF.length).trimStart();
}

/** All headers, names as Go spells them (`X-B3-Traceid`), in the order that they came in. */
export function readHeaders(block: Buffer): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  for (const line of block.toString('utf8').split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = canonicalName(line.slice(0, colon));
    const values = headers.get(name);
    const value = line.slice(colon + 1).trim();
    if (values === undefined) headers.set(name, [value]);
    else values.push(value);
  }
  return headers;
}

/**
 * Puts a header at the end of the message's headers, in the place of one of that name; the message gets a
 * body of its own. Its line has to be set afterwards.
 *
 * @returns bytes of the new header block
 */
export function setHeader(message: Message, name: string, value: string): number {
  const bytes = asBuffer(message.bodyBytes());
  const headerSize = Math.max(message.headerSize, 0);
  const block = bytes.subarray(0, headerSize);
  const old = headerSize > CRLF.length ? block.subarray(0, -CRLF.length) : VERSION_LINE;
  const line = findLine(old, name);
  const added = `${name}: ${value}\r\n\r\n`;
  const most = old.length + Buffer.byteLength(added) + bytes.length - headerSize;
  const body = Buffer.allocUnsafe(most);
  let at = old.copy(body, 0, 0, line?.at ?? old.length);
  if (line !== undefined) at += old.copy(body, at, line.end);
  at += body.write(added, at);
  const end = at + bytes.copy(body, at, headerSize);
  message.setForeign(body.subarray(0, end));
  return at;
}

function findLine(block: Buffer, name: string): { at: number; end: number } | undefined {
  const at = block.indexOf(`\n${name}:`, 0, 'latin1') + 1;
  if (at === 0) return undefined;
  const end = block.indexOf(CRLF, at);
  return end < 0 ? undefined : { at, end: end + CRLF.length };
}

function canonicalName(name: string): string {
  return name.toLowerCase().replaceAll(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
