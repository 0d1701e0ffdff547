import { decode, encode } from 'cborg';

/** Deterministic CBOR (RFC 8949 section 4.2.1): shortest forms, sorted keys, definite lengths. */
export function encodeCanonical(value: unknown): Uint8Array {
  return encode(value);
}

/**
 * Decodes what `encodeCanonical` makes and nothing else: one item has one encoding, so that a signature
 * over the decoded value is a signature over the bytes.
 *
 * @param maxBytes longer input is not looked at
 * @throws Error for anything that is longer, not CBOR, or not in its deterministic encoding
 */
export function decodeCanonical(bytes: Uint8Array, maxBytes: number): unknown {
  if (bytes.length > maxBytes) throw new Error(`more than ${maxBytes} bytes`);
  const value: unknown = decode(bytes, {
    strict: true,
    allowIndefinite: false,
    allowUndefined: false,
    allowInfinity: false,
    allowNaN: false,
    allowBigInt: false,
    rejectDuplicateMapKeys: true,
  });
  if (Buffer.compare(encode(value), bytes) !== 0) throw new Error('not deterministic CBOR');
  return value;
}
