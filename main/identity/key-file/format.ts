/**
 * The bytes of the `keys` file:
 *
 *     0  magic "SKRYKEYS"
 *     8  version, 1
 *     9  protection: 1 passphrase, 2 key-file, 3 os
 *    10  scrypt: log2 N, r, p (zero for the other protections)
 *    13  salt, 32 bytes
 *    45  box: nonce 12 ‖ AES-256-GCM ciphertext ‖ tag 16; bytes 0 to 44 are its associated data
 *   end  SHA-256 of everything before, 32 bytes
 *
 * The hash tells a damaged file from a wrong passphrase, before any key is derived; it protects nothing
 * against intent, the tag does. Every version keeps magic, version and the hash where they are.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { IdentityError } from '../errors.ts';
import { NONCE_LENGTH, TAG_LENGTH } from '../secret-box.ts';

export type ProtectionKind = 'passphrase' | 'key-file' | 'os';

export interface ScryptCost {
  readonly log2N: number;
  readonly r: number;
  readonly p: number;
}

export interface KeysHeader {
  readonly kind: ProtectionKind;
  /** Null for protections that bring a whole key. */
  readonly scrypt: ScryptCost | null;
  readonly salt: Uint8Array;
}

const MAGIC = Buffer.from('SKRYKEYS', 'latin1');
const VERSION = 1;
const KINDS: readonly ProtectionKind[] = ['passphrase', 'key-file', 'os'];
export const SALT_LENGTH = 32;
const HEADER_LENGTH = 13 + SALT_LENGTH;
const HASH_LENGTH = 32;
const MIN_LENGTH = HEADER_LENGTH + NONCE_LENGTH + TAG_LENGTH + HASH_LENGTH;
/** Far over what version 1 writes (about 200 bytes). */
export const MAX_KEYS_LENGTH = 64 * 1024;

/** The header's bytes, which are the associated data of the box. */
export function encodeHeader(header: KeysHeader): Uint8Array {
  const { log2N, r, p } = header.scrypt ?? { log2N: 0, r: 0, p: 0 };
  const kind = KINDS.indexOf(header.kind) + 1;
  return Buffer.concat([MAGIC, Buffer.of(VERSION, kind, log2N, r, p), header.salt]);
}

/** The whole file of a header and a box. */
export function encodeKeysFile(header: Uint8Array, box: Uint8Array): Uint8Array {
  const body = Buffer.concat([header, box]);
  return Buffer.concat([body, createHash('sha256').update(body).digest()]);
}

export interface KeysFile {
  readonly header: KeysHeader;
  readonly headerBytes: Uint8Array;
  readonly box: Uint8Array;
}

/** Throws IdentityError `keys-damaged` or `keys-newer`. @param file for the message */
export function decodeKeysFile(bytes: Uint8Array, file: string): KeysFile {
  const damaged = (what: string) =>
    new IdentityError('keys-damaged', `The keys file ${file} is damaged: ${what}.`);

  if (bytes.byteLength < MIN_LENGTH) throw damaged('it is too short');
  if (!MAGIC.equals(bytes.subarray(0, MAGIC.length))) throw damaged('it is no keys file');
  const end = bytes.byteLength - HASH_LENGTH;
  const hash = createHash('sha256').update(bytes.subarray(0, end)).digest();
  if (!timingSafeEqual(hash, bytes.subarray(end))) throw damaged('its checksum does not match');

  const [version = 0, kindByte = 0, log2N = 0, r = 0, p = 0] = bytes.subarray(8, 13);
  if (version > VERSION) {
    throw new IdentityError(
      'keys-newer',
      `The keys file ${file} has version ${version}; this Skerry knows up to ${VERSION}.`,
    );
  }
  const kind = KINDS[kindByte - 1];
  if (version !== VERSION || kind === undefined) throw damaged('it has an unknown protection');
  const scrypt = { log2N, r, p };
  // Bounds: an edited file must not make us spend gigabytes or minutes, nor next to nothing.
  if (kind === 'passphrase' && (log2N < 14 || log2N > 18 || r !== 8 || p < 1 || p > 4)) {
    throw damaged('its scrypt parameters are out of bounds');
  }
  return {
    header: {
      kind,
      scrypt: kind === 'passphrase' ? scrypt : null,
      salt: bytes.subarray(13, HEADER_LENGTH),
    },
    headerBytes: bytes.subarray(0, HEADER_LENGTH),
    box: bytes.subarray(HEADER_LENGTH, end),
  };
}
