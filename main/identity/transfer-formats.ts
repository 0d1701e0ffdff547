/**
 * An identity out of and into the formats of NATS tools. Seeds leave this folder in no other way: they go
 * to files of mode 0600, made anew, and the keys file is opened for that moment only.
 */
import { randomBytes } from 'node:crypto';
import { IdentityError } from './errors.ts';
import { createSecretFile, readSecretFile } from './key-file/files.ts';
import type { Protection } from './key-file/protection.ts';
import { wipe } from './key-file/secrets.ts';
import { createKeys, keysPath, openKeys, prepareHome, type KeysLocation } from './open-identity.ts';
import { createIdentity } from './peer-identity.ts';
import { encodeSeed, findAccountSeed } from './seed-text.ts';

/** Seeds, `.nk` and `.creds` files are far smaller. */
const MAX_IMPORT_LENGTH = 64 * 1024;

/**
 * Writes the account seed (`SA…` and a line end) to a new file: whoever has it is this peer.
 * Throws IdentityError `export-exists`, and what `openIdentity` throws.
 */
export async function exportSeedFile(from: KeysLocation, file: string): Promise<void> {
  const secrets = await openKeys(from);
  const text = encodeSeed('account', secrets.accountSeed);
  const line = Buffer.concat([text, Buffer.from('\n')]);
  try {
    await createExport(file, line);
  } finally {
    wipe(secrets);
    text.fill(0);
    line.fill(0);
  }
}

/**
 * Writes a NATS credentials file (user JWT and user seed) to a new file: it lets NATS tools connect as a
 * user of this peer's account. It does not hold the account seed. Throws as `exportSeedFile`.
 */
export async function exportCredsFile(from: KeysLocation, file: string): Promise<void> {
  const secrets = await openKeys(from);
  const seed = encodeSeed('user', secrets.userSeed);
  let text: Uint8Array | undefined;
  try {
    const { natsUser } = await createIdentity(secrets);
    text = Buffer.concat([
      Buffer.from(
        '-----BEGIN NATS USER JWT-----\n' +
          `${natsUser.jwt}\n` +
          '------END NATS USER JWT------\n\n' +
          'Keep the seed below to yourself: it proves that you are this user.\n\n' +
          '-----BEGIN USER NKEY SEED-----\n',
      ),
      seed,
      Buffer.from('\n------END USER NKEY SEED------\n'),
    ]);
    await createExport(file, text);
  } finally {
    wipe(secrets);
    seed.fill(0);
    text?.fill(0);
  }
}

/**
 * Makes the identity of a home folder from an account seed, where there is none yet. The user key is new.
 *
 * @param text a seed, or what stands in an `.nk` file; wiped
 * @throws IdentityError `keys-exist`, `seed-malformed`, `seed-not-account`, and what `openIdentity` throws
 */
export function importSeed(into: KeysLocation, text: Uint8Array): Promise<void> {
  return importText(into.home, into.protection, text, 'The text');
}

/** The same from an `.nk` file, or a `.creds` file that holds the account's seed too. */
export async function importSeedFile(into: KeysLocation, file: string): Promise<void> {
  const text = await readSecretFile(file, MAX_IMPORT_LENGTH);
  if (text === undefined) {
    throw new IdentityError('seed-malformed', `The file ${file} does not exist.`);
  }
  await importText(into.home, into.protection, text, `The file ${file}`);
}

async function importText(
  home: string,
  protection: Protection,
  text: Uint8Array,
  source: string,
): Promise<void> {
  const userSeed = randomBytes(32);
  try {
    if (text.byteLength > MAX_IMPORT_LENGTH) {
      throw new IdentityError('seed-malformed', `${source} is too long to hold a seed.`);
    }
    const secrets = {
      accountSeed: findAccountSeed(text, source),
      userSeed,
      createdAt: Date.now(),
    };
    await prepareHome(home);
    const created = await createKeys(home, protection, secrets).finally(() => wipe(secrets));
    if (!created) {
      throw new IdentityError('keys-exist', `${keysPath(home)} exists; nothing was imported.`);
    }
  } finally {
    text.fill(0);
  }
}

async function createExport(file: string, bytes: Uint8Array): Promise<void> {
  if (await createSecretFile(file, bytes)) return;
  throw new IdentityError('export-exists', `${file} exists; nothing was exported.`);
}
