import { webcrypto } from 'node:crypto';
import { leafHash } from '../chunk-tree.ts';

/** Up to this size the way to the thread pool and back costs more than the hash: 0.1 ms. */
const INLINE_BYTES = 32 * 1024;

/** The leaf hash of the chunk that stands in `buffer` behind the prefix byte. */
export function leafOf(
  buffer: Buffer<ArrayBuffer>,
  length: number,
): Uint8Array | Promise<Uint8Array> {
  const prefixed = buffer.subarray(0, 1 + length);
  if (length <= INLINE_BYTES) return leafHash(prefixed);
  return webcrypto.subtle.digest('SHA-256', prefixed).then((digest) => new Uint8Array(digest));
}
