/** How the identity of a home is protected on the desktop: by the system where it can, else as the person decides. */
import { dialog, type SafeStorage } from 'electron';
import { masterKeyPath, prepareHome, readProtection } from '../identity/open-identity.ts';
import type { Protection } from '../identity/key-file/protection.ts';
import { DesktopError } from './errors.ts';
import { createMasterKey, openMasterKey, osProtection, wrappedKeyPath } from './master-key.ts';
import type { PassphraseQuestion } from './passphrase-page.ts';

export interface ProtectionSources {
  readonly home: string;
  readonly storage: SafeStorage;
  readonly platform: NodeJS.Platform;
  /** Undefined: the person gave up. */
  askPassphrase(question: PassphraseQuestion): Promise<string | undefined>;
}

/** What the last attempt to open the keys ended with, when there was one. */
export type LastAttempt = 'none' | 'wrong-passphrase';

/**
 * Finds what opens the keys of a home, or chooses it for a new one.
 *
 * @returns undefined when the person would rather quit
 * @throws DesktopError `master-key-locked`, `master-key-damaged`, `master-key-missing`; IdentityError of the keys file
 */
export async function findProtection(
  sources: ProtectionSources,
  last: LastAttempt,
): Promise<Protection | undefined> {
  const { home } = sources;
  await prepareHome(home);
  const present = await readProtection(home);
  if (present === 'key-file') return { kind: 'key-file', path: masterKeyPath(home) };
  if (present === 'passphrase') {
    return fromPassphrase(await sources.askPassphrase(last === 'none' ? 'open' : 'wrong'));
  }
  const key = await openMasterKey(home, sources.storage);
  if (key !== undefined) return { kind: 'os', key };
  if (present === 'os') {
    throw new DesktopError('master-key-missing', `${wrappedKeyPath(home)} is missing.`);
  }
  return chooseProtection(sources);
}

/** For a home without keys. */
async function chooseProtection(sources: ProtectionSources): Promise<Protection | undefined> {
  const { home, storage, platform } = sources;
  const offered = await osProtection(storage, platform);
  if (offered === 'protected') return { kind: 'os', key: await createMasterKey(home, storage) };
  const { response } = await dialog.showMessageBox({
    type: 'warning',
    title: 'Skerry',
    message: 'This computer offers no safe place for your key',
    detail: WHY[offered],
    buttons: ['Set a passphrase', 'Continue without', 'Quit'],
    defaultId: 0,
    cancelId: 2,
    noLink: true,
  });
  if (response === 0) return fromPassphrase(await sources.askPassphrase('new'));
  if (response === 1) return { kind: 'key-file', path: masterKeyPath(home) };
  return undefined;
}

const CHOICES =
  'With a passphrase, Skerry asks for it at each start. Without one, the key is kept in a file that only your user ' +
  'may read: whoever can read your files, or a copy of your disk, can then act as you.';

const WHY = {
  obfuscated:
    'No keyring answers here (such as GNOME Keyring or KWallet); what is left is a file that is only disguised, ' +
    `which Skerry does not use.\n\n${CHOICES}`,
  unavailable: `The operating system’s storage for secrets does not answer.\n\n${CHOICES}`,
} as const;

function fromPassphrase(passphrase: string | undefined): Protection | undefined {
  return passphrase === undefined ? undefined : { kind: 'passphrase', passphrase };
}
