/** As much of DER (X.690) as the names in a certificate need. */

export interface Der {
  /** The identifier octet, e.g. 0x30 for SEQUENCE. */
  readonly tag: number;
  readonly content: Uint8Array;
}

export const derTags = {
  boolean: 0x01,
  oid: 0x06,
  utf8: 0x0c,
  sequence: 0x30,
  bmp: 0x1e,
} as const;

/** The values that stand one after the other in `bytes`; undefined when they are no DER. */
export function readDer(bytes: Uint8Array): Der[] | undefined {
  const values: Der[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at++] as number;
    let length = bytes[at++];
    if (length === undefined || (tag & 0x1f) === 0x1f) return undefined;
    if (length > 0x7f) {
      const octets = length & 0x7f;
      if (octets === 0 || octets > 3 || at + octets > bytes.length) return undefined;
      length = 0;
      for (let i = 0; i < octets; i++) length = length * 256 + (bytes[at++] as number);
    }
    if (at + length > bytes.length) return undefined;
    values.push({ tag, content: bytes.subarray(at, at + length) });
    at += length;
  }
  return values;
}

/** The values inside of a constructed one; empty when it is none. */
export function children(value: Der | undefined): Der[] {
  return (value && readDer(value.content)) ?? [];
}

/** `2.5.4.3` */
export function oidText(value: Der | undefined): string {
  if (value?.tag !== derTags.oid) return '';
  const parts: number[] = [];
  let part = 0;
  for (const byte of value.content) {
    part = part * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      parts.push(part);
      part = 0;
    }
  }
  const [first = 0, ...rest] = parts;
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - root * 40, ...rest].join('.');
}

/** UTF8String, PrintableString, IA5String, T61String (as latin1) and BMPString. */
export function stringOf(value: Der): string {
  const bytes = Buffer.from(value.content);
  if (value.tag === derTags.bmp) return bytes.swap16().toString('utf16le');
  return bytes.toString(value.tag === derTags.utf8 ? 'utf8' : 'latin1');
}
