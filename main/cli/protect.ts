import type { Protection } from '../identity/key-file/protection.ts';
import { CliError } from './errors.ts';
import { headlessProtection, passphraseFile } from './protection.ts';

/**
 * Puts the keys of a home under the other protection: a passphrase, from SKERRY_PASSPHRASE_FILE, or a key file
 * beside them. Either way the passphrase is the one in that file: the new one, or the one that opens them now.
 *
 * @throws CliError `usage` without a passphrase file; IdentityError `keys-…`, with the keys as they were
 */
export async function protectKeys(home: string, by: 'passphrase' | 'key-file'): Promise<void> {
  if (passphraseFile() === undefined) {
    throw new CliError('usage', 'SKERRY_PASSPHRASE_FILE names no file with the passphrase.');
  }
  const { masterKeyPath, readProtection, rewrapIdentity } =
    await import('../identity/open-identity.ts');
  const passphrase = await headlessProtection(home);
  const keyFile: Protection = { kind: 'key-file', path: masterKeyPath(home) };
  const current = await readProtection(home);
  const from = current === 'key-file' ? keyFile : passphrase;
  await rewrapIdentity({ home, from, to: by === 'key-file' ? keyFile : passphrase });
}
