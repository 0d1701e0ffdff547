/** Headers as they stand in front of a payload (NATS ADR-4). */
import { RouterError } from '../../errors.ts';

const VERSION = 'NATS/1.0';
const NO_RESPONDERS = Buffer.from('NATS/1.0 503');

export interface Headers {
  /** Of the first line, as in `NATS/1.0 503 No Responders`; 0 without. */
  readonly status: number;
  readonly description: string;
  /** In order; names as they were written. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** @throws RouterError 'router-header' for a name or value that would break out of its line */
export function encodeHeaders(
  fields: Iterable<readonly [name: string, value: string]>,
): Uint8Array {
  let text = `${VERSION}\r\n`;
  for (const [name, value] of fields) {
    if (!/^[!-9;-~]+$/.test(name) || /[\r\n\0]/.test(value)) {
      throw new RouterError('router-header', `"${name}" is no header that can be sent.`);
    }
    text += `${name}: ${value}\r\n`;
  }
  return Buffer.from(`${text}\r\n`, 'utf8');
}

/** Lines that are no headers are passed over. */
export function decodeHeaders(bytes: Uint8Array): Headers {
  const [first = '', ...lines] = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('utf8')
    .split('\r\n');
  const [, status = '0', description = ''] = /^NATS\/1\.0\s*(\d*)\s*(.*)$/.exec(first) ?? [];
  const fields = lines.flatMap((line): [string, string][] => {
    const colon = line.indexOf(':');
    return colon < 1 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()]];
  });
  return { status: Number(status), description, fields };
}

/** Whether these are the headers that say that nobody is there to answer. */
export function saysNoResponders(headers: Uint8Array): boolean {
  return NO_RESPONDERS.compare(headers, 0, Math.min(NO_RESPONDERS.length, headers.length)) === 0;
}
