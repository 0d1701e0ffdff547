import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAccount } from 'nkeys.js';
import { describe, expect, test, vi } from 'vitest';
import { type Ended, runHere, temporaryFolder } from './support/cli.ts';

describe('id without a running peer', () => {
  test('makes nothing in a home that has no keys', async () => {
    const home = join(temporaryFolder(), 'home');
    expect(await runHere(['id', '--home', home])).toMatchObject({ code: 3, stdout: '' });
    expect(existsSync(home)).toBe(false);
  });

  test('imports a seed, shows it, and exports it as it was', async () => {
    const folder = temporaryFolder();
    const home = join(folder, 'home');
    const account = createAccount();
    const [seed, key] = [Buffer.from(account.getSeed()).toString(), account.getPublicKey()];
    const file = (name: string): string => join(folder, name);
    writeFileSync(file('me.nk'), `${seed}\n`, { mode: 0o600 });

    const imported = await runHere(['id', '--import', file('me.nk'), '--home', home, '--json']);
    expect(imported).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(imported.stdout)).toMatchObject({ key });
    const [shown, exported, creds, again] = await Promise.all([
      runHere(['id', '--home', home]),
      runHere(['id', '--export-nk', file('out.nk'), '--home', home]),
      runHere(['id', '--export-creds', file('out.creds'), '--home', home, '--json']),
      runHere(['id', '--import', file('me.nk'), '--home', home]),
    ]);
    expect(shown.stdout).toContain(key);
    expect(exported.code).toBe(0);
    expect(readFileSync(file('out.nk'), 'utf8').trim()).toBe(seed);
    expect(statSync(file('out.nk')).mode & 0o777).toBe(0o600);
    expect(JSON.parse(creds.stdout)).toEqual({ file: file('out.creds') });
    expect(readFileSync(file('out.creds'), 'utf8')).toContain('BEGIN NATS USER JWT');
    expect(again).toMatchObject({ code: 1, stdout: '' });
    expect(again.stderr).toMatch(/^skerry: .* exists; nothing was imported\. [^\n]+\n$/);
    for (const { stdout, stderr } of [imported, shown, exported, creds, again]) {
      expect(stdout + stderr).not.toContain(seed);
    }
  });

  test('puts the keys under a passphrase and back', async () => {
    const folder = temporaryFolder();
    const [home, seed, secret] = [join(folder, 'home'), join(folder, 'me.nk'), join(folder, 'pp')];
    writeFileSync(seed, createAccount().getSeed(), { mode: 0o600 });
    writeFileSync(secret, 'correct horse\n', { mode: 0o600 });
    await runHere(['id', '--import', seed, '--home', home]);
    const protect = (by: string): Promise<Ended> =>
      runHere(['id', '--protect', by, '--home', home]);

    expect((await protect('passphrase')).stderr).toContain('SKERRY_PASSPHRASE_FILE');
    vi.stubEnv('SKERRY_PASSPHRASE_FILE', secret);
    expect(await protect('passphrase')).toMatchObject({ code: 0 });
    expect(existsSync(join(home, 'master.key'))).toBe(false);
    vi.stubEnv('SKERRY_PASSPHRASE_FILE', '');
    expect(await runHere(['id', '--home', home])).toMatchObject({ code: 1 });
    vi.stubEnv('SKERRY_PASSPHRASE_FILE', secret);
    expect(await protect('key-file')).toMatchObject({ code: 0 });
    vi.stubEnv('SKERRY_PASSPHRASE_FILE', '');
    expect(await runHere(['id', '--home', home])).toMatchObject({ code: 0 });
    vi.unstubAllEnvs();
  });

  test('takes the passphrase from SKERRY_PASSPHRASE_FILE', async () => {
    const folder = temporaryFolder();
    const account = createAccount();
    const [home, seed] = [join(folder, 'home'), join(folder, 'me.nk')];
    const [right, wrong] = [join(folder, 'right'), join(folder, 'wrong')];
    writeFileSync(seed, account.getSeed(), { mode: 0o600 });
    writeFileSync(right, 'correct horse\n', { mode: 0o600 });
    writeFileSync(wrong, 'battery staple\n', { mode: 0o600 });
    const words = ['id', '--home', home, '--json'];
    const withFile = async (file: string, ...more: string[]): Promise<Ended> => {
      vi.stubEnv('SKERRY_PASSPHRASE_FILE', file);
      return await runHere([...words, ...more]).finally(() => vi.unstubAllEnvs());
    };
    expect(await withFile(right, '--import', seed)).toMatchObject({ code: 0 });
    const opened = await withFile(right);
    const refused = await withFile(wrong);
    const none = await runHere(words);
    expect(JSON.parse(opened.stdout)).toMatchObject({ key: account.getPublicKey() });
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(JSON.parse(refused.stderr)).toMatchObject({ error: { code: 'keys-wrong-passphrase' } });
    expect(JSON.parse(none.stderr)).toMatchObject({ error: { code: 'keys-missing-master' } });
  }, 90_000);

  test('does one thing at a time', async () => {
    const both = await runHere(['id', '--import', 'a', '--export-nk', 'b']);
    expect(both).toMatchObject({ code: 2, stdout: '' });
    expect(both.stderr).toMatch(/cannot be used with/);
  });
});
