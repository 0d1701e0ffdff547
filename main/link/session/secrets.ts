/** The key schedule: from two ephemeral keys to the ids of a session (docs/protocol.md "Key schedule"). */
import {
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import type { PeerKey } from '../../identity/types.ts';
import type { PathKeys } from '../types.ts';
import { encodeBase32 } from './base32.ts';

/** What stands before the 32 bytes of an X25519 public key in SPKI DER (RFC 8410 section 4). */
const SPKI_X25519 = Buffer.from('302a300506032b656e032100', 'hex');
const EMPTY = new Uint8Array(0);

export interface Ephemeral {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly privateKey: KeyObject;
}

export function createEphemeral(): Ephemeral {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  const der = publicKey.export({ format: 'der', type: 'spki' });
  return { publicKey: new Uint8Array(der.subarray(SPKI_X25519.length)), privateKey };
}

export interface KeyScheduleInput {
  readonly privateKey: KeyObject;
  /** The other side's ephemeral public key, 32 bytes. */
  readonly theirEph: Uint8Array;
  readonly dialler: { readonly key: PeerKey; readonly nonce: Uint8Array };
  readonly acceptor: { readonly key: PeerKey; readonly nonce: Uint8Array };
}

export interface SessionIds {
  /** 16 bytes, base32, lower case, 26 characters. */
  readonly id: string;
  /** 8 bytes. */
  readonly tag: Uint8Array;
  readonly pathKeys: PathKeys;
}

const hkdf = (key: Uint8Array, salt: Uint8Array, info: string, length: number): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', key, salt, info, length));

/** S, 32 bytes; the caller wipes it. Throws when the other side's key has small order. */
export function deriveSecret({
  privateKey,
  theirEph,
  dialler,
  acceptor,
}: KeyScheduleInput): Uint8Array {
  const publicKey = createPublicKey({
    key: Buffer.concat([SPKI_X25519, theirEph]),
    format: 'der',
    type: 'spki',
  });
  // OpenSSL refuses to derive the all-zero secret (RFC 7748 section 6.1).
  const shared = diffieHellman({ privateKey, publicKey });
  const salt = Buffer.concat([dialler.nonce, acceptor.nonce]);
  const secret = hkdf(shared, salt, `skerry session 1${dialler.key}${acceptor.key}`, 32);
  shared.fill(0);
  return secret;
}

/** What both sides know of a session from then on; nothing leads from it back to S. */
export function sessionIds(secret: Uint8Array): SessionIds {
  return {
    id: encodeBase32(hkdf(secret, EMPTY, 'skerry session id 1', 16)),
    tag: hkdf(secret, EMPTY, 'skerry session tag 1', 8),
    pathKeys: {
      dialler: hkdf(secret, EMPTY, 'skerry path dialler 1', 32),
      acceptor: hkdf(secret, EMPTY, 'skerry path acceptor 1', 32),
    },
  };
}

/**
 * Derives a session's ids and wipes S on the way. The ephemeral private key is an opaque handle of
 * OpenSSL: dropping the last reference to it is what JavaScript can do, and the callers do.
 */
export function deriveSession(input: KeyScheduleInput): SessionIds {
  const secret = deriveSecret(input);
  const ids = sessionIds(secret);
  secret.fill(0);
  return ids;
}
