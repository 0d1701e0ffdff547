import { decode, encode } from 'cborg';

/** Deterministic CBOR (RFC 8949 section 4.2): shortest forms, sorted keys, definite lengths. */
export function encodeCbor(value: unknown): Uint8Array {
  return encode(value);
}

/**
 * Decodes one item that came from the network.
 *
 * @param maxBytes longer input is not looked at
 * @throws Error for anything that is longer, not CBOR, or uses what we never send: duplicate keys, indefinite
 *   lengths, undefined, NaN, infinities, integers beyond 2^53, tags
 */
export function decodeCbor(bytes: Uint8Array, maxBytes: number): unknown {
  if (bytes.length > maxBytes) throw new Error(`more than ${maxBytes} bytes`);
  return decode(bytes, {
    strict: true,
    allowIndefinite: false,
    allowUndefined: false,
    allowInfinity: false,
    allowNaN: false,
    allowBigInt: false,
    rejectDuplicateMapKeys: true,
  });
}
