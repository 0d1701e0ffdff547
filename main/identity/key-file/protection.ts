/** Where the key comes from that seals the keys file. */
import { hkdfSync, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { IdentityError } from '../errors.ts';
import { assertPrivate, createSecretFile, readSecretFile } from './files.ts';
import type { KeysHeader, ProtectionKind, ScryptCost } from './format.ts';

export type Protection =
  /** Typed by a person, or read by `readPassphraseFile`. */
  | { readonly kind: 'passphrase'; readonly passphrase: string }
  /** 32 random bytes in a file of mode 0600. */
  | { readonly kind: 'key-file'; readonly path: string }
  /** 32 bytes that the operating system keeps (Electron safeStorage); the desktop unwraps them. */
  | { readonly kind: 'os'; readonly key: Uint8Array };

/** RFC 7914; 128 MiB and about half a second on a small machine. */
export const SCRYPT_COST: ScryptCost = { log2N: 17, r: 8, p: 1 };

const KEY_LENGTH = 32;
const MAX_PASSPHRASE_FILE = 4_096;
const scryptAsync = promisify<
  string,
  Uint8Array,
  number,
  { N: number; r: number; p: number; maxmem: number },
  Buffer
>(scrypt);

/** The key that seals a keys file with this header; wipe it after use. Throws IdentityError. */
export async function fileKey(protection: Protection, header: KeysHeader): Promise<Uint8Array> {
  if (protection.kind === 'passphrase') {
    if (header.scrypt === null) throw new TypeError('a passphrase needs scrypt parameters');
    const { log2N, r, p } = header.scrypt;
    const N = 2 ** log2N;
    // NFC: the same passphrase typed on macOS and on Linux is the same bytes.
    const passphrase = protection.passphrase.normalize('NFC');
    return scryptAsync(passphrase, header.salt, KEY_LENGTH, { N, r, p, maxmem: 256 * N * r });
  }
  const master =
    protection.kind === 'os' ? protection.key : await readMasterKey(protection.path, 'required');
  if (master.byteLength !== KEY_LENGTH) throw new TypeError('a master key has 32 bytes');
  try {
    return new Uint8Array(hkdfSync('sha256', master, header.salt, 'skerry keys file 1', 32));
  } finally {
    if (protection.kind === 'key-file') master.fill(0);
  }
}

/** Makes the master key of a `key-file` protection when it is absent; nothing for the others. */
export async function prepareMaster(protection: Protection): Promise<void> {
  if (protection.kind === 'passphrase') assertPassphrase(protection.passphrase, 'The passphrase');
  if (protection.kind !== 'key-file') return;
  const present = await readMasterKey(protection.path, 'optional');
  if (present !== undefined) {
    present.fill(0);
    return;
  }
  const fresh = randomBytes(KEY_LENGTH);
  await createSecretFile(protection.path, fresh);
  fresh.fill(0);
}

/** Throws IdentityError `keys-missing-master` when a keys file is protected in another way than offered. */
export function assertSameKind(
  inFile: ProtectionKind,
  offered: ProtectionKind,
  file: string,
): void {
  if (inFile === offered) return;
  throw new IdentityError(
    'keys-missing-master',
    `The keys file ${file} is protected by ${NAMES[inFile]}; offered was ${NAMES[offered]}.`,
    { hint: HINTS[inFile] },
  );
}

/**
 * A passphrase from a file: UTF-8, at most 4 KiB, without one line end at its end.
 * Throws IdentityError `passphrase-unusable`.
 */
export async function readPassphraseFile(path: string): Promise<string> {
  const unusable = (why: string, cause?: unknown) =>
    new IdentityError('passphrase-unusable', `The passphrase file ${path} ${why}.`, { cause });
  let bytes: Uint8Array | undefined;
  try {
    bytes = await readSecretFile(path, MAX_PASSPHRASE_FILE);
  } catch (error) {
    throw unusable('cannot be read', error);
  }
  if (bytes === undefined) throw unusable('does not exist');
  if (bytes.byteLength > MAX_PASSPHRASE_FILE) throw unusable('is larger than 4 KiB');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw unusable('is no UTF-8 text', error);
  } finally {
    bytes.fill(0);
  }
  const passphrase = text.replace(/\r?\n$/, '');
  assertPassphrase(passphrase, `The passphrase file ${path}`);
  return passphrase;
}

const NAMES: Readonly<Record<ProtectionKind, string>> = {
  passphrase: 'a passphrase',
  'key-file': 'a master key file',
  os: 'the key storage of the operating system',
};

const HINTS: Readonly<Record<ProtectionKind, string>> = {
  passphrase: 'Give the passphrase: in the window, or by SKERRY_PASSPHRASE_FILE.',
  'key-file': 'Start without a passphrase, with the master key file in its place.',
  os: 'Start the desktop app, as the same user on the same computer.',
};

function assertPassphrase(passphrase: string, subject: string): void {
  if (passphrase === '') throw new IdentityError('passphrase-unusable', `${subject} is empty.`);
}

async function readMasterKey(path: string, need: 'required'): Promise<Uint8Array>;
async function readMasterKey(path: string, need: 'optional'): Promise<Uint8Array | undefined>;
async function readMasterKey(path: string, need: string): Promise<Uint8Array | undefined> {
  const bytes = await readSecretFile(path, KEY_LENGTH);
  if (bytes === undefined) {
    if (need === 'optional') return undefined;
    throw new IdentityError('keys-missing-master', `The master key file ${path} is missing.`, {
      hint: 'Bring it back from a backup: without it nobody can open the keys file.',
    });
  }
  await assertPrivate(path);
  if (bytes.byteLength !== KEY_LENGTH) {
    throw new IdentityError('keys-damaged', `The master key file ${path} is damaged.`, {
      hint: 'Bring it back from a backup. Skerry never writes over it.',
    });
  }
  return bytes;
}
