import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import {
  keysPath,
  masterKeyPath,
  openIdentity,
  readProtection,
  rewrapIdentity,
} from '../../main/identity/open-identity.ts';
import type { Protection } from '../../main/identity/key-file/protection.ts';
import { freshHome, keyFileOf, osProtection } from './support/homes.ts';

const home = freshHome();
const POSIX = process.platform !== 'win32';
const open = (protection: Protection) => openIdentity({ home: home.path, protection });
const keys = () => readFileSync(keysPath(home.path));

test('identity - is made on the first start and is the same ever after', async () => {
  const folder = join(home.path, 'deep', 'peer');
  const protection = keyFileOf(folder);
  const first = await openIdentity({ home: folder, protection });
  expect(first).toMatchObject({ isNew: true, protection: 'key-file' });
  expect(first.identity.key).toMatch(/^A[A-Z2-7]{55}$/);
  const second = await openIdentity({ home: folder, protection });
  expect(second).toMatchObject({ isNew: false, createdAt: first.createdAt });
  expect(second.identity.key).toBe(first.identity.key);
  expect(second.natsUser.key).toBe(first.natsUser.key);
  expect(readdirSync(folder).sort()).toEqual(['keys', 'master.key']);
  if (POSIX) {
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(keysPath(folder)).mode & 0o777).toBe(0o600);
    expect(statSync(masterKeyPath(folder)).mode & 0o777).toBe(0o600);
  }
});

test('identity - several starts at the same moment agree on one', async () => {
  const opened = await Promise.all(Array.from({ length: 6 }, () => open(keyFileOf(home.path))));
  expect(new Set(opened.map(({ identity }) => identity.key)).size).toBe(1);
  expect(opened.filter(({ isNew }) => isNew)).toHaveLength(1);
});

test('identity - a passphrase opens it, a wrong one does not and changes nothing', async () => {
  const protection = { kind: 'passphrase', passphrase: 'Grüße, tide' } as const;
  const { identity } = await open(protection);
  const before = keys();
  await expect(open({ ...protection, passphrase: 'grüße, tide' })).rejects.toMatchObject({
    code: 'keys-wrong-passphrase',
  });
  expect(keys()).toEqual(before);
  // The same text as another keyboard types it: decomposed.
  const again = await open({ ...protection, passphrase: protection.passphrase.normalize('NFD') });
  expect(again.identity.key).toBe(identity.key);
  expect(await readProtection(home.path)).toBe('passphrase');
});

test('identity - an empty passphrase is refused before anything is made', async () => {
  await expect(open({ kind: 'passphrase', passphrase: '' })).rejects.toMatchObject({
    code: 'passphrase-unusable',
  });
  expect(readdirSync(home.path)).toEqual([]);
});

test('identity - another protection than the one in use is named in the error', async () => {
  await open(osProtection);
  const before = keys();
  await expect(open(keyFileOf(home.path))).rejects.toMatchObject({
    code: 'keys-missing-master',
    message: expect.stringMatching(/protected by the key storage.*offered was a master key file/),
    hint: expect.stringContaining('desktop app'),
  });
  await expect(open({ kind: 'passphrase', passphrase: 'x' })).rejects.toMatchObject({
    code: 'keys-missing-master',
  });
  expect(keys()).toEqual(before);
  expect(existsSync(masterKeyPath(home.path))).toBe(false);
});

test('identity - another master key than the right one is a clear error', async () => {
  await open(osProtection);
  await expect(open({ kind: 'os', key: new Uint8Array(32) })).rejects.toMatchObject({
    code: 'keys-wrong-master',
  });
});

test('identity - a lost master key file is not made anew beside a keys file', async () => {
  await open(keyFileOf(home.path));
  rmSync(masterKeyPath(home.path));
  await expect(open(keyFileOf(home.path))).rejects.toMatchObject({ code: 'keys-missing-master' });
  expect(readdirSync(home.path)).toEqual(['keys']);
});

test('identity - a cut or swapped master key file is a clear error and stays as it is', async () => {
  await open(keyFileOf(home.path));
  const master = masterKeyPath(home.path);
  for (const [length, code] of [
    [0, 'keys-damaged'],
    [31, 'keys-damaged'],
    [33, 'keys-damaged'],
    [32, 'keys-wrong-master'],
  ] as const) {
    writeFileSync(master, new Uint8Array(length));
    await expect(open(keyFileOf(home.path)), `${length} bytes`).rejects.toMatchObject({ code });
    expect(readFileSync(master)).toHaveLength(length);
  }
});

test.runIf(POSIX)('identity - a master key that others can read is refused', async () => {
  await open(keyFileOf(home.path));
  for (const mode of [0o640, 0o604, 0o660]) {
    chmodSync(masterKeyPath(home.path), mode);
    await expect(open(keyFileOf(home.path))).rejects.toMatchObject({
      code: 'keys-permissions',
      message: expect.stringContaining(`mode 0${mode.toString(8)}`),
    });
  }
  chmodSync(masterKeyPath(home.path), 0o400);
  await expect(open(keyFileOf(home.path))).resolves.toMatchObject({ isNew: false });
});

test('identity - what a kill left before the rename is no identity and is cleared away later', async () => {
  const other = await openIdentity({ home: join(home.path, 'other'), protection: osProtection });
  const old = join(home.path, 'keys.0123456789ab.tmp');
  const fresh = join(home.path, 'keys.ba9876543210.tmp');
  const unrelated = join(home.path, 'keys.backup.tmp');
  const whole = readFileSync(keysPath(join(home.path, 'other')));
  for (const file of [old, fresh, unrelated]) writeFileSync(file, whole);
  utimesSync(old, new Date(0), new Date(0));
  const { identity, isNew } = await open(osProtection);
  expect(isNew).toBe(true);
  expect(identity.key).not.toBe(other.identity.key);
  expect([old, fresh, unrelated].map((file) => existsSync(file))).toEqual([false, true, true]);
});

test('identity - a master key left by a kill before the keys file was made is used', async () => {
  writeFileSync(masterKeyPath(home.path), new Uint8Array(32).fill(9), { mode: 0o600 });
  expect(await open(keyFileOf(home.path))).toMatchObject({ isNew: true });
  expect(readFileSync(masterKeyPath(home.path))).toEqual(Buffer.alloc(32, 9));
});

test('identity - a home that cannot be made is a clear error', async () => {
  writeFileSync(join(home.path, 'file'), '');
  await expect(
    openIdentity({ home: join(home.path, 'file'), protection: osProtection }),
  ).rejects.toMatchObject({ code: 'keys-unusable' });
});

test('identity - its protection can change, and it stays the same peer', async () => {
  const passphrase = { kind: 'passphrase', passphrase: 'low water' } as const;
  const keyFile = keyFileOf(home.path);
  const { identity } = await open(keyFile);

  await rewrapIdentity({ home: home.path, from: keyFile, to: passphrase });
  expect(await readProtection(home.path)).toBe('passphrase');
  expect(readdirSync(home.path)).toEqual(['keys']);
  await expect(open(keyFile)).rejects.toMatchObject({ code: 'keys-missing-master' });

  await rewrapIdentity({ home: home.path, from: passphrase, to: osProtection });
  expect((await open(osProtection)).identity.key).toBe(identity.key);
  await rewrapIdentity({ home: home.path, from: osProtection, to: keyFile });
  await rewrapIdentity({ home: home.path, from: keyFile, to: keyFile });
  expect((await open(keyFile)).identity.key).toBe(identity.key);
});

test('identity - its protection does not change for who cannot open it', async () => {
  await open(osProtection);
  const before = keys();
  const from = { kind: 'os', key: new Uint8Array(32) } as const;
  await expect(
    rewrapIdentity({ home: home.path, from, to: keyFileOf(home.path) }),
  ).rejects.toMatchObject({ code: 'keys-wrong-master' });
  expect(keys()).toEqual(before);
  expect(readdirSync(home.path)).toEqual(['keys']);
  await expect(
    rewrapIdentity({ home: join(home.path, 'none'), from, to: osProtection }),
  ).rejects.toMatchObject({ code: 'keys-unusable' });
});

test('identity - a home without keys has no protection yet', async () => {
  expect(await readProtection(home.path)).toBeUndefined();
  expect(await readProtection(join(home.path, 'none'))).toBeUndefined();
});

test('identity - its private key does not show when it is printed or serialized', async () => {
  const opened = await open(osProtection);
  const shown = inspect(opened, { depth: 9, showHidden: true }) + JSON.stringify(opened);
  expect(opened.identity.tls.keyPem).toContain('PRIVATE KEY');
  expect(shown).not.toContain('PRIVATE KEY');
});
