/**
 * The master key of the key storage, wrapped by the operating system: Keychain, DPAPI, or a Linux secret service.
 * What is written is only ever a new file or the same key wrapped anew; a file that cannot be opened stays as it is.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { SafeStorage } from 'electron';
import { createSecretFile, readSecretFile, replaceSecretFile } from '../identity/key-file/files.ts';
import { DesktopError } from './errors.ts';

/** What is needed of Electron's `safeStorage`. */
export type OsStorage = Pick<
  SafeStorage,
  | 'isAsyncEncryptionAvailable'
  | 'encryptStringAsync'
  | 'decryptStringAsync'
  | 'getSelectedStorageBackend'
>;

const KEY_BYTES = 32;
const MAX_FILE_BYTES = 64 * 1024;
/** First line of the file; the second is the wrapped key in base64. */
const HEADER = 'skerry master key 1';
const FILE = new RegExp(`^${HEADER}\\n([A-Za-z0-9+/]+=*)\\n$`);

/** Chromium's mark on what its Linux fallback wrote: enciphered under a password that stands in its source. */
const OBFUSCATED = Buffer.from('v10');

/** Where the wrapped master key of a home is. */
export function wrappedKeyPath(home: string): string {
  return join(home, 'master.os');
}

/**
 * Whether the system protects what it wraps. Linux without a secret service falls back to `basic_text`, which keeps
 * nothing from anyone. The backend's name is chosen by the desktop's name; what really wraps is only seen on what it
 * wrote, so both are looked at.
 *
 * @param platform `process.platform`
 */
export async function osProtection(
  storage: OsStorage,
  platform: NodeJS.Platform,
): Promise<'protected' | 'obfuscated' | 'unavailable'> {
  if (!(await storage.isAsyncEncryptionAvailable())) return 'unavailable';
  if (platform !== 'linux') return 'protected';
  if (storage.getSelectedStorageBackend() === 'basic_text') return 'obfuscated';
  const probe = await storage.encryptStringAsync(randomBytes(8).toString('base64'));
  return probe.subarray(0, OBFUSCATED.length).equals(OBFUSCATED) ? 'obfuscated' : 'protected';
}

/**
 * Makes the master key of a new home, once. The home exists.
 *
 * @returns 32 bytes
 * @throws DesktopError `master-key-exists`; IdentityError `keys-unusable`, `keys-permissions`
 */
export async function createMasterKey(
  home: string,
  storage: OsStorage,
): Promise<Uint8Array<ArrayBuffer>> {
  const path = wrappedKeyPath(home);
  const key = new Uint8Array(randomBytes(KEY_BYTES));
  if (await createSecretFile(path, await wrap(key, storage))) return key;
  throw new DesktopError('master-key-exists', `${path} is already there.`);
}

/**
 * Opens the master key of a home. A key that the system wants wrapped anew (its own was rotated) is wrapped anew.
 *
 * @returns 32 bytes, or undefined when the home has no such key
 * @throws DesktopError `master-key-locked`, `master-key-damaged`; IdentityError `keys-unusable`, `keys-permissions`
 */
export async function openMasterKey(
  home: string,
  storage: OsStorage,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const path = wrappedKeyPath(home);
  const bytes = await readSecretFile(path, MAX_FILE_BYTES);
  if (bytes === undefined) return undefined;
  const wrapped = FILE.exec(Buffer.from(bytes).toString('latin1'))?.[1];
  if (wrapped === undefined) throw damaged(path);
  const opened = await storage
    .decryptStringAsync(Buffer.from(wrapped, 'base64'))
    .catch((error: unknown) => {
      const message = `The operating system does not open ${path}.`;
      throw new DesktopError('master-key-locked', message, { cause: error });
    });
  const key = new Uint8Array(Buffer.from(opened.result, 'base64'));
  if (key.length !== KEY_BYTES) throw damaged(path);
  if (opened.shouldReEncrypt) await replaceSecretFile(path, await wrap(key, storage));
  return key;
}

async function wrap(key: Uint8Array, storage: OsStorage): Promise<Uint8Array> {
  const wrapped = await storage.encryptStringAsync(Buffer.from(key).toString('base64'));
  return Buffer.from(`${HEADER}\n${wrapped.toString('base64')}\n`, 'latin1');
}

function damaged(path: string): DesktopError {
  return new DesktopError('master-key-damaged', `${path} is damaged.`);
}
