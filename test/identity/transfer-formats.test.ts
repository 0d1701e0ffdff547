import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAccount, createOperator, createUser, fromSeed } from 'nkeys.js';
import { expect, test } from 'vitest';
import { openIdentity } from '../../main/identity/open-identity.ts';
import {
  exportCredsFile,
  exportSeedFile,
  importSeed,
  importSeedFile,
} from '../../main/identity/transfer-formats.ts';
import { freshHome, osProtection } from './support/homes.ts';

const home = freshHome();
const at = (name: string) => ({ home: join(home.path, name), protection: osProtection });
const file = (name: string) => join(home.path, name);
const seedText = (pair = createAccount()) => Buffer.from(pair.getSeed()).toString();

test('export - writes the seed that NATS tools know, for the owner alone', async () => {
  const { identity } = await openIdentity(at('a'));
  await exportSeedFile(at('a'), file('a.nk'));
  const text = readFileSync(file('a.nk'));
  expect(text.toString()).toMatch(/^SA[A-Z2-7]{56}\n$/);
  expect(fromSeed(text.subarray(0, -1)).getPublicKey()).toBe(identity.key);
  if (process.platform !== 'win32') expect(statSync(file('a.nk')).mode & 0o777).toBe(0o600);
});

test('export - never replaces a file, and needs the protection of the keys', async () => {
  await openIdentity(at('a'));
  writeFileSync(file('a.nk'), 'mine');
  await expect(exportSeedFile(at('a'), file('a.nk'))).rejects.toMatchObject({
    code: 'export-exists',
  });
  await expect(exportCredsFile(at('a'), file('a.nk'))).rejects.toMatchObject({
    code: 'export-exists',
  });
  expect(readFileSync(file('a.nk'), 'utf8')).toBe('mine');
  const wrong = { home: file('a'), protection: { kind: 'os', key: new Uint8Array(32) } } as const;
  await expect(exportSeedFile(wrong, file('b.nk'))).rejects.toMatchObject({
    code: 'keys-wrong-master',
  });
  await expect(exportSeedFile(at('none'), file('b.nk'))).rejects.toMatchObject({
    code: 'keys-unusable',
  });
  expect(existsSync(file('b.nk'))).toBe(false);
});

test('import - makes the same peer from its .nk file, with a new user key', async () => {
  const original = await openIdentity(at('a'));
  await exportSeedFile(at('a'), file('a.nk'));
  await importSeedFile(at('b'), file('a.nk'));
  const copy = await openIdentity(at('b'));
  expect(copy.identity.key).toBe(original.identity.key);
  expect(copy.isNew).toBe(false);
  expect(copy.natsUser.key).not.toBe(original.natsUser.key);
  expect(existsSync(file('a.nk'))).toBe(true);
});

test('import - takes a seed with white space around it, and wipes the text', async () => {
  const pair = createAccount();
  const text = Buffer.from(`\r\n  ${seedText(pair)} \n`);
  await importSeed(at('a'), text);
  expect((await openIdentity(at('a'))).identity.key).toBe(pair.getPublicKey());
  expect(text.every((byte) => byte === 0)).toBe(true);
});

test('import - a creds file is refused, for it holds a user, unless the account is in it', async () => {
  await openIdentity(at('a'));
  await exportCredsFile(at('a'), file('a.creds'));
  await expect(importSeedFile(at('b'), file('a.creds'))).rejects.toMatchObject({
    code: 'seed-not-account',
    message: expect.stringContaining('user'),
  });
  expect(existsSync(at('b').home)).toBe(false);

  const account = createAccount();
  const withAccount = `${readFileSync(file('a.creds'), 'utf8')}\naccount ${seedText(account)}\n`;
  writeFileSync(file('both.creds'), withAccount);
  await importSeedFile(at('b'), file('both.creds'));
  expect((await openIdentity(at('b'))).identity.key).toBe(account.getPublicKey());
});

test('import - never replaces an identity', async () => {
  const { identity } = await openIdentity(at('a'));
  const before = readFileSync(file('a/keys'));
  await expect(importSeed(at('a'), Buffer.from(seedText()))).rejects.toMatchObject({
    code: 'keys-exist',
  });
  expect(readFileSync(file('a/keys'))).toEqual(before);
  expect((await openIdentity(at('a'))).identity.key).toBe(identity.key);
});

test('import - mistyped, foreign, several and missing seeds are told apart, and nothing is made', async () => {
  const seed = seedText();
  const mistyped = seed.slice(0, 20) + (seed[20] === 'A' ? 'B' : 'A') + seed.slice(21);
  for (const [text, code] of [
    [mistyped, 'seed-malformed'],
    [seed.slice(0, -1), 'seed-malformed'],
    [`${seed}A`, 'seed-malformed'],
    [seed.toLowerCase(), 'seed-malformed'],
    ['', 'seed-malformed'],
    [createAccount().getPublicKey(), 'seed-malformed'],
    [`${seed}\n${seedText()}`, 'seed-malformed'],
    ['x'.repeat(100_000), 'seed-malformed'],
    [seedText(createUser()), 'seed-not-account'],
    [seedText(createOperator()), 'seed-not-account'],
  ] as const) {
    await expect(importSeed(at('a'), Buffer.from(text)), text.slice(0, 70)).rejects.toMatchObject({
      code,
      message: expect.not.stringContaining(seed.slice(10, 20)),
    });
  }
  await expect(importSeedFile(at('a'), file('none.nk'))).rejects.toMatchObject({
    code: 'seed-malformed',
  });
  expect(readdirSync(home.path)).toEqual([]);
});
