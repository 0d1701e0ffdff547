import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { fromPublic } from 'nkeys.js';
import type { PeerKey } from '../../identity/types.ts';
import { decodeBase32 } from './base32.ts';

/** What stands before the 32 bytes of an Ed25519 public key in SPKI DER (RFC 8410 section 4). */
const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');
/** Decoded keys that are kept: more than the peers anyone talks to at once. */
const CACHED_KEYS = 512;

const cache = new Map<PeerKey, KeyObject>();

/** The key object of an account NKey, or undefined when prefix, length or checksum are wrong. */
function keyObjectOf(key: PeerKey): KeyObject | undefined {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const bytes = /^A[A-Z2-7]{55}$/.test(key) ? decodeBase32(key) : undefined;
  if (bytes === undefined) return undefined;
  try {
    fromPublic(key);
  } catch {
    // nkeys.js throws for a wrong checksum: that is no key.
    return undefined;
  }
  const der = Buffer.concat([SPKI_ED25519, bytes.subarray(1, 33)]);
  const object = createPublicKey({ key: der, format: 'der', type: 'spki' });
  if (cache.size >= CACHED_KEYS) {
    const oldest = cache.keys().next();
    if (oldest.done !== true) cache.delete(oldest.value);
  }
  cache.set(key, object);
  return object;
}

/**
 * Whether `signature` is `key`'s over `domain ‖ 0x00 ‖ message` (`Signer.sign`). Never throws.
 *
 * @param signature 64 bytes, Ed25519
 */
export function verifySignature(
  key: PeerKey,
  domain: string,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const object = keyObjectOf(key);
  if (object === undefined || signature.length !== 64) return false;
  return verify(null, Buffer.concat([Buffer.from(`${domain}\0`), message]), object, signature);
}
