import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAccount } from 'nkeys.js';
import { describe, expect, test } from 'vitest';
import { cli, temporaryFolder } from './support/cli.ts';

describe('id without a running peer', () => {
  test('makes nothing in a home that has no keys', async () => {
    const home = join(temporaryFolder(), 'home');
    expect(await cli(['id', '--home', home])).toMatchObject({ code: 3, stdout: '' });
    expect(existsSync(home)).toBe(false);
  });

  test('imports a seed, shows it, and exports it as it was', async () => {
    const folder = temporaryFolder();
    const home = join(folder, 'home');
    const account = createAccount();
    const [seed, key] = [Buffer.from(account.getSeed()).toString(), account.getPublicKey()];
    const file = (name: string): string => join(folder, name);
    writeFileSync(file('me.nk'), `${seed}\n`, { mode: 0o600 });

    const imported = await cli(['id', '--import', file('me.nk'), '--home', home, '--json']);
    expect(imported).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(imported.stdout)).toMatchObject({ key });
    const [shown, exported, creds, again] = await Promise.all([
      cli(['id', '--home', home]),
      cli(['id', '--export-nk', file('out.nk'), '--home', home]),
      cli(['id', '--export-creds', 'out.creds', '--home', home, '--json'], { cwd: folder }),
      cli(['id', '--import', file('me.nk'), '--home', home]),
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

  test('takes the passphrase from SKERRY_PASSPHRASE_FILE', async () => {
    const folder = temporaryFolder();
    const account = createAccount();
    const [home, seed] = [join(folder, 'home'), join(folder, 'me.nk')];
    const [right, wrong] = [join(folder, 'right'), join(folder, 'wrong')];
    writeFileSync(seed, account.getSeed(), { mode: 0o600 });
    writeFileSync(right, 'correct horse\n', { mode: 0o600 });
    writeFileSync(wrong, 'battery staple\n', { mode: 0o600 });
    const words = ['id', '--home', home, '--json'];
    const withFile = (file: string) => ({ env: { SKERRY_PASSPHRASE_FILE: file } });
    expect(await cli([...words, '--import', seed], withFile(right))).toMatchObject({ code: 0 });
    const [opened, refused, none] = await Promise.all([
      cli(words, withFile(right)),
      cli(words, withFile(wrong)),
      cli(words),
    ]);
    expect(JSON.parse(opened.stdout)).toMatchObject({ key: account.getPublicKey() });
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(JSON.parse(refused.stderr)).toMatchObject({ error: { code: 'keys-wrong-passphrase' } });
    expect(JSON.parse(none.stderr)).toMatchObject({ error: { code: 'keys-missing-master' } });
  });

  test('does one thing at a time', async () => {
    const both = await cli(['id', '--import', 'a', '--export-nk', 'b']);
    expect(both).toMatchObject({ code: 2, stdout: '' });
    expect(both.stderr).toMatch(/cannot be used with/);
  });
});
