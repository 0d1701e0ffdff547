/**
 * NKeys as text and as raw Ed25519 bytes (NATS ADR-14: prefix byte, key, CRC-16, base32 without padding).
 */
import { Prefix } from 'nkeys.js';
import { Codec } from 'nkeys.js/lib/codec.js';

/** Who a key stands for: `A…` accounts (peers), `U…` users, `O…` operators. */
export type NKeyRole = 'account' | 'user' | 'operator';

const PREFIXES = {
  account: { byte: Prefix.Account, text: /^A[A-Z2-7]{55}$/ },
  user: { byte: Prefix.User, text: /^U[A-Z2-7]{55}$/ },
  operator: { byte: Prefix.Operator, text: /^O[A-Z2-7]{55}$/ },
} as const;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The text of a raw public key (32 bytes). */
export function encodeNKey(role: NKeyRole, raw: Uint8Array): string {
  if (raw.byteLength !== 32) throw new TypeError('an Ed25519 public key has 32 bytes');
  return decoder.decode(Codec.encode(PREFIXES[role].byte, raw));
}

/** The raw 32 bytes of a public key, or undefined for anything else, wrong role and wrong checksum included. */
export function decodeNKey(role: NKeyRole, text: string): Uint8Array | undefined {
  if (!PREFIXES[role].text.test(text)) return undefined;
  try {
    return Codec.decode(PREFIXES[role].byte, encoder.encode(text));
  } catch {
    // Wrong checksum: not a key.
    return undefined;
  }
}

/** Whether this is a peer's public key: an account NKey with a right checksum. */
export function isPeerKey(text: unknown): text is string {
  return typeof text === 'string' && decodeNKey('account', text) !== undefined;
}
