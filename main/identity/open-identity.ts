import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { IdentityError } from './errors.ts';
import {
  createSecretFile,
  readSecretFile,
  replaceSecretFile,
  sweepTemporaries,
} from './key-file/files.ts';
import { decodeKeysFile, MAX_KEYS_LENGTH, type ProtectionKind } from './key-file/format.ts';
import { prepareMaster, type Protection } from './key-file/protection.ts';
import { openSecrets, sealSecrets, wipe, type Secrets } from './key-file/secrets.ts';
import { createIdentity } from './peer-identity.ts';
import type { Identity, NatsUser } from './types.ts';

export interface OpenIdentity {
  readonly identity: Identity;
  readonly natsUser: NatsUser;
  readonly protection: ProtectionKind;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Whether this start made it. */
  readonly isNew: boolean;
}

export interface KeysLocation {
  /** The home folder. */
  readonly home: string;
  readonly protection: Protection;
}

/** The keys file of a home folder. */
export function keysPath(home: string): string {
  return join(home, 'keys');
}

/** Where the `key-file` protection keeps its master key unless told otherwise: beside the keys. */
export function masterKeyPath(home: string): string {
  return join(home, 'master.key');
}

/**
 * Opens the identity of a home folder; makes one, silently, when there is no keys file. Nothing that is
 * there is ever written over.
 *
 * @throws IdentityError `keys-wrong-passphrase`, `keys-wrong-master`, `keys-missing-master`, `keys-damaged`,
 *   `keys-newer`, `keys-permissions`, `keys-unusable`, `passphrase-unusable`
 */
export async function openIdentity({ home, protection }: KeysLocation): Promise<OpenIdentity> {
  const file = keysPath(home);
  await prepareHome(home);
  const present = await readKeys(file);
  if (present === undefined) {
    const fresh: Secrets = {
      accountSeed: randomBytes(32),
      userSeed: randomBytes(32),
      createdAt: Date.now(),
    };
    if (await createKeys(home, protection, fresh)) return use(fresh, protection.kind, true);
    wipe(fresh);
  }
  return use(await openKeys({ home, protection }), protection.kind, false);
}

/** How the keys file of a home folder is protected; undefined when there is none. Throws as `openIdentity`. */
export async function readProtection(home: string): Promise<ProtectionKind | undefined> {
  const bytes = await readKeys(keysPath(home));
  return bytes === undefined ? undefined : decodeKeysFile(bytes, keysPath(home)).header.kind;
}

/**
 * Puts the keys file under another protection (or another passphrase), in one step: killed at any moment,
 * the old or the new protection opens it. A master key file that is needed no more is removed.
 */
export async function rewrapIdentity(options: {
  home: string;
  from: Protection;
  to: Protection;
}): Promise<void> {
  const { home, from, to } = options;
  const secrets = await openKeys({ home, protection: from });
  try {
    await prepareMaster(to);
    await replaceSecretFile(keysPath(home), await sealSecrets(secrets, to));
  } finally {
    wipe(secrets);
  }
  if (from.kind !== 'key-file') return;
  if (to.kind === 'key-file' && resolve(to.path) === resolve(from.path)) return;
  await rm(from.path, { force: true });
}

/** The seeds of a home folder; `wipe` them. For this folder only: nothing else handles seeds. */
export async function openKeys({ home, protection }: KeysLocation): Promise<Secrets> {
  const file = keysPath(home);
  const bytes = await readKeys(file);
  if (bytes === undefined) {
    throw new IdentityError('keys-unusable', `There is no keys file in ${home}.`, {
      hint: 'Start a peer there once: it makes its identity by itself.',
    });
  }
  return openSecrets(bytes, protection, file);
}

/** Seals seeds into a new keys file. False, and nothing written, when there is one already. */
export async function createKeys(
  home: string,
  protection: Protection,
  secrets: Secrets,
): Promise<boolean> {
  await prepareMaster(protection);
  return createSecretFile(keysPath(home), await sealSecrets(secrets, protection));
}

/** Creates the home folder (mode 0700) and removes what a killed process left in it. */
export async function prepareHome(home: string): Promise<void> {
  try {
    await mkdir(home, { recursive: true, mode: 0o700 });
    await sweepTemporaries(keysPath(home));
    await sweepTemporaries(masterKeyPath(home));
  } catch (error) {
    throw new IdentityError('keys-unusable', `The home folder ${home} cannot be used.`, {
      cause: error,
    });
  }
}

function readKeys(file: string): Promise<Uint8Array | undefined> {
  return readSecretFile(file, MAX_KEYS_LENGTH);
}

async function use(
  secrets: Secrets,
  protection: ProtectionKind,
  isNew: boolean,
): Promise<OpenIdentity> {
  try {
    const made = await createIdentity(secrets);
    return { ...made, protection, createdAt: secrets.createdAt, isNew };
  } finally {
    wipe(secrets);
  }
}
