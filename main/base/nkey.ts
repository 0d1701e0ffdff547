/**
 * NKeys as text and as raw Ed25519 bytes (NATS ADR-14: prefix byte, key, CRC-16, base32 without padding).
 */
import { Prefix } from 'nkeys.js';
import { Codec } from 'nkeys.js/lib/codec.js';

/**
 * Who a key stands for: `A…` accounts (peers), `U…` users, `O…` operators, `N…` servers; `X…` are curve keys
 * (X25519) to encrypt for.
 */
export type NKeyRole = 'account' | 'user' | 'operator' | 'server' | 'curve';

const PREFIXES = {
  account: { byte: Prefix.Account, text: /^A[A-Z2-7]{55}$/ },
  user: { byte: Prefix.User, text: /^U[A-Z2-7]{55}$/ },
  operator: { byte: Prefix.Operator, text: /^O[A-Z2-7]{55}$/ },
  server: { byte: Prefix.Server, text: /^N[A-Z2-7]{55}$/ },
  curve: { byte: Prefix.Curve, text: /^X[A-Z2-7]{55}$/ },
} as const;

/**
 * The encodings of the curve's points of small order (RFC 8032, section 5.1; sign bit cleared): anybody can
 * make signatures that such a "key" verifies, so it names nobody.
 */
const SMALL_ORDER = new Set([
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
]);

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The text of a raw public key (32 bytes). */
export function encodeNKey(role: NKeyRole, raw: Uint8Array): string {
  if (raw.byteLength !== 32) throw new TypeError('an Ed25519 public key has 32 bytes');
  return decoder.decode(Codec.encode(PREFIXES[role].byte, raw));
}

/**
 * The raw 32 bytes of a public key, or undefined for anything else: wrong role, wrong checksum, and keys
 * that anybody could sign for.
 */
export function decodeNKey(role: NKeyRole, text: string): Uint8Array | undefined {
  if (!PREFIXES[role].text.test(text)) return undefined;
  try {
    const raw = Codec.decode(PREFIXES[role].byte, encoder.encode(text));
    return hasSmallOrder(raw) ? undefined : raw;
  } catch {
    // Wrong checksum: not a key.
    return undefined;
  }
}

/** Whether this is a peer's public key: an account NKey with a right checksum. */
export function isPeerKey(text: unknown): text is string {
  return typeof text === 'string' && decodeNKey('account', text) !== undefined;
}

function hasSmallOrder(raw: Uint8Array): boolean {
  const point = Buffer.from(raw);
  point[31] = (point[31] ?? 0) & 0x7f;
  return SMALL_ORDER.has(point.toString('hex'));
}
