/** What the keys file holds, sealed and opened. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { decodeCbor, encodeCbor } from '../../base/cbor.ts';
import { IdentityError } from '../errors.ts';
import { openBox, sealBox } from '../secret-box.ts';
import { decodeKeysFile, encodeHeader, encodeKeysFile, SALT_LENGTH } from './format.ts';
import { assertSameKind, fileKey, SCRYPT_COST, type Protection } from './protection.ts';

/** Raw seeds; `wipe` them as soon as the keys are made. */
export interface Secrets {
  /** Ed25519 seed of the account NKey, 32 bytes: the peer. */
  readonly accountSeed: Uint8Array;
  /** Ed25519 seed of the user NKey that signs NATS nonces, 32 bytes. */
  readonly userSeed: Uint8Array;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

const seed = z.instanceof(Uint8Array).refine((bytes) => bytes.byteLength === 32);
const SecretsSchema = z.strictObject({
  accountSeed: seed,
  userSeed: seed,
  createdAt: z.number().int().nonnegative(),
});

export function wipe(secrets: Secrets): void {
  secrets.accountSeed.fill(0);
  secrets.userSeed.fill(0);
}

/** The bytes of a keys file under fresh salt and nonce. Throws what `fileKey` throws. */
export async function sealSecrets(secrets: Secrets, protection: Protection): Promise<Uint8Array> {
  const header = {
    kind: protection.kind,
    scrypt: protection.kind === 'passphrase' ? SCRYPT_COST : null,
    salt: new Uint8Array(randomBytes(SALT_LENGTH)),
  };
  const headerBytes = encodeHeader(header);
  const key = await fileKey(protection, header);
  const plain = encodeCbor(secrets);
  try {
    return encodeKeysFile(headerBytes, sealBox(key, plain, headerBytes));
  } finally {
    key.fill(0);
    plain.fill(0);
  }
}

/**
 * Throws IdentityError `keys-damaged`, `keys-newer`, `keys-missing-master`, `keys-wrong-passphrase`,
 * `keys-wrong-master`, `keys-permissions`.
 */
export async function openSecrets(
  bytes: Uint8Array,
  protection: Protection,
  file: string,
): Promise<Secrets> {
  const { header, headerBytes, box } = decodeKeysFile(bytes, file);
  assertSameKind(header.kind, protection.kind, file);
  const key = await fileKey(protection, header);
  const plain = openBox(key, box, headerBytes);
  key.fill(0);
  if (plain === undefined) {
    throw protection.kind === 'passphrase'
      ? new IdentityError('keys-wrong-passphrase', `The passphrase does not open ${file}.`)
      : new IdentityError('keys-wrong-master', `The master key does not open ${file}.`);
  }
  try {
    // Strict: bytes that pass the tag but are not what version 1 writes come from nowhere we know.
    return SecretsSchema.parse(decodeCbor(plain, plain.byteLength));
  } catch (error) {
    throw new IdentityError('keys-damaged', `The keys file ${file} holds something unknown.`, {
      cause: error,
    });
  } finally {
    plain.fill(0);
  }
}
