import { decodeCbor, encodeCbor } from '../../base/cbor.ts';

/**
 * Decodes what `encodeCbor` makes and nothing else: one item has one encoding, so that a signature over the
 * decoded value is a signature over the bytes.
 *
 * @param maxBytes longer input is not looked at
 * @throws Error for anything that is longer, not CBOR, or not in its deterministic encoding
 */
export function decodeCanonical(bytes: Uint8Array, maxBytes: number): unknown {
  const value = decodeCbor(bytes, maxBytes);
  if (Buffer.compare(encodeCbor(value), bytes) !== 0) throw new Error('not deterministic CBOR');
  return value;
}
