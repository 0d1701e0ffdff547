/**
 * Keys that two peers share without a word between them: X25519 (RFC 7748) of their account keys, which are
 * Ed25519. Both curves are one curve in two coordinates: u = (1 + y) / (1 − y), and the private scalar is the
 * first half of SHA-512 of the seed (RFC 8032, section 5.1.5).
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { decodeNKey } from '../base/nkey.ts';

/** PKCS #8 and SubjectPublicKeyInfo of X25519 keys up to the key itself (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b656e032100', 'hex');
const P = 2n ** 255n - 19n;

/** @param seed 32 bytes of an Ed25519 key; not kept */
export function agreementKey(seed: Uint8Array): KeyObject {
  const hash = createHash('sha512').update(seed).digest();
  const der = Buffer.concat([PKCS8_PREFIX, hash.subarray(0, 32)]);
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } finally {
    der.fill(0);
    hash.fill(0);
  }
}

/**
 * The key (32 bytes) that only the two peers can compute, another one for each purpose. The same for both.
 * Undefined for what is no peer's key.
 */
export function agree(
  own: { readonly key: string; readonly privateKey: KeyObject },
  peer: string,
  purpose: string,
): Uint8Array | undefined {
  const raw = decodeNKey('account', peer);
  if (raw === undefined) return undefined;
  const der = Buffer.concat([SPKI_PREFIX, montgomery(raw)]);
  const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
  let secret: Buffer;
  try {
    secret = diffieHellman({ privateKey: own.privateKey, publicKey });
  } catch {
    // A point of small order on the other curve: nobody's key.
    return undefined;
  }
  const [first, second] = [own.key, peer].sort();
  const info = `skerry agree 1\0${purpose}\0${first}${second}`;
  const agreed = new Uint8Array(hkdfSync('sha256', secret, '', info, 32));
  secret.fill(0);
  return agreed;
}

/** The X25519 public key (little endian, 32 bytes) of an Ed25519 public key. Nothing here is secret. */
function montgomery(raw: Uint8Array): Uint8Array {
  const bytes = Buffer.from(raw).reverse();
  bytes[0] = (bytes[0] ?? 0) & 0x7f; // the sign of x
  const y = BigInt(`0x${bytes.toString('hex')}`) % P;
  const u = ((1n + y) * inverse(P + 1n - y)) % P;
  return Buffer.from(u.toString(16).padStart(64, '0'), 'hex').reverse();
}

/** Extended Euclid; only public numbers are ever inverted, so its time tells nothing. 0 for 0. */
function inverse(value: bigint): bigint {
  let [r, next] = [P, value % P];
  let [t, nextT] = [0n, 1n];
  while (next !== 0n) {
    const quotient = r / next;
    [r, next] = [next, r - quotient * next];
    [t, nextT] = [nextT, t - quotient * nextT];
  }
  return t < 0n ? t + P : t;
}
