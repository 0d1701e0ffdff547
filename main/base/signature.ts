/**
 * Ed25519 (RFC 8032) with domain separation. What is signed is `domain ‖ 0x00 ‖ message`: a domain holds no
 * NUL and starts with a lower-case letter, so that it can never be mistaken for the other things that the
 * same key signs: X.509 (starts with 0x30), TLS 1.3 CertificateVerify (0x20) and JWTs (no NUL).
 */
import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { decodeNKey } from './nkey.ts';

const DOMAIN = /^[a-z][a-z0-9 ./-]{0,63}$/;
/** SubjectPublicKeyInfo of an Ed25519 key up to the key itself (RFC 8410, section 4). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** What is signed for a domain. Throws TypeError for a domain that is none. */
export function signedBytes(domain: string, message: Uint8Array): Uint8Array {
  if (!DOMAIN.test(domain)) throw new TypeError(`"${domain}" is no signature domain`);
  return Buffer.concat([Buffer.from(domain, 'latin1'), Buffer.of(0), message]);
}

/** 64 bytes. */
export function signWith(privateKey: KeyObject, domain: string, message: Uint8Array): Uint8Array {
  return new Uint8Array(sign(null, signedBytes(domain, message), privateKey));
}

/** Node's key of raw Ed25519 bytes (32). */
function ed25519PublicKey(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
}

/**
 * Whether `signature` is the peer's over `message` in this domain. False, never an exception, for bad keys
 * and signatures of any length.
 */
export function verifySignature(
  peerKey: string,
  domain: string,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const raw = decodeNKey('account', peerKey);
  if (raw === undefined) return false;
  return verifyRawSignature(raw, signedBytes(domain, message), signature);
}

/**
 * Whether `signature` is by a raw Ed25519 key (32 bytes) over exactly these bytes, as NATS wants it for JWTs
 * and challenges: without domain. False, never an exception, for bad keys and signatures of any length.
 */
export function verifyRawSignature(
  raw: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.byteLength !== 64) return false;
  try {
    return verify(null, message, ed25519PublicKey(raw), signature);
  } catch {
    // OpenSSL refuses bytes that are no point on the curve.
    return false;
  }
}
