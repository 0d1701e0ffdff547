import type { Protection } from '../identity/key-file/protection.ts';

/** `SKERRY_PASSPHRASE_FILE`, the only way a passphrase comes in: command lines are seen by everybody. */
export function passphraseFile(): string | undefined {
  return process.env.SKERRY_PASSPHRASE_FILE || undefined;
}

/**
 * How a home's keys are protected for a program without a window: by the passphrase, else by the key file.
 *
 * @throws IdentityError `passphrase-unusable`
 */
export async function headlessProtection(home: string): Promise<Protection> {
  const file = passphraseFile();
  // Loaded when needed: most commands need none of the cryptography behind it.
  if (file === undefined) {
    const { masterKeyPath } = await import('../identity/open-identity.ts');
    return { kind: 'key-file', path: masterKeyPath(home) };
  }
  const { readPassphraseFile } = await import('../identity/key-file/protection.ts');
  return { kind: 'passphrase', passphrase: await readPassphraseFile(file) };
}
