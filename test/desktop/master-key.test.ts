import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { createMasterKey, openMasterKey, osProtection } from '../../main/desktop/master-key.ts';
import { record, resetElectron, safeStorage } from './electron-stub.ts';
import { newHome } from './support/homes.ts';

const fileOf = (home: string): string => join(home, 'master.os');

beforeEach(resetElectron);

describe('master key', () => {
  test('master key - is made once, wrapped, readable by its owner only, and opened again', async () => {
    const home = newHome();
    const key = await createMasterKey(home, safeStorage);
    expect(key).toHaveLength(32);
    expect(readdirSync(home)).toEqual(['master.os']);
    if (process.platform !== 'win32') expect(statSync(fileOf(home)).mode & 0o777).toBe(0o600);
    const text = readFileSync(fileOf(home), 'utf8');
    expect(text).not.toContain(Buffer.from(key).toString('base64'));
    expect(await openMasterKey(home, safeStorage)).toEqual(key);
  });

  test('master key - two homes have two keys', async () => {
    const keys = [
      await createMasterKey(newHome(), safeStorage),
      await createMasterKey(newHome(), safeStorage),
    ];
    expect(keys[0]).not.toEqual(keys[1]);
  });

  test('master key - one that is there is never written over', async () => {
    const home = newHome();
    await createMasterKey(home, safeStorage);
    const before = readFileSync(fileOf(home));
    await expect(createMasterKey(home, safeStorage)).rejects.toMatchObject({
      code: 'master-key-exists',
    });
    expect(readFileSync(fileOf(home))).toEqual(before);
    expect(readdirSync(home)).toEqual(['master.os']);
  });

  test('master key - a home without one has none', async () => {
    expect(await openMasterKey(newHome(), safeStorage)).toBeUndefined();
  });

  test('master key - a system that does not open it is a clear error, and the file stays', async () => {
    const home = newHome();
    await createMasterKey(home, safeStorage);
    const before = readFileSync(fileOf(home));
    record.storage.fails = true;
    await expect(openMasterKey(home, safeStorage)).rejects.toMatchObject({
      code: 'master-key-locked',
      message: expect.stringContaining('master.os'),
      hint: expect.stringContaining('keychain'),
    });
    expect(readFileSync(fileOf(home))).toEqual(before);
  });

  test.each([
    ['empty', ''],
    ['cut', 'skerry master key 1\ndjEx'],
    ['of another version', 'skerry master key 2\ndjEx\n'],
    ['no base64', 'skerry master key 1\n!!!\n'],
    ['too long', `skerry master key 1\n${'A'.repeat(100_000)}\n`],
    ['a wrapped key of the wrong length', 'skerry master key 1\ndjExAAAA\n'],
    ['with something behind it', 'skerry master key 1\ndjExAAAA\nmore\n'],
  ])('master key - a file that is %s is a clear error, and stays', async (_what, text) => {
    const home = newHome();
    writeFileSync(fileOf(home), text);
    await expect(openMasterKey(home, safeStorage)).rejects.toMatchObject({
      code: 'master-key-damaged',
    });
    expect(readFileSync(fileOf(home), 'utf8')).toBe(text);
  });

  test('master key - is wrapped anew when the system has rotated its own', async () => {
    const home = newHome();
    const key = await createMasterKey(home, safeStorage);
    record.storage.rotated = true;
    record.storage.mark = 'v12';
    expect(await openMasterKey(home, safeStorage)).toEqual(key);
    expect(Buffer.from(readFileSync(fileOf(home), 'utf8').split('\n')[1] ?? '', 'base64')[2]).toBe(
      '2'.charCodeAt(0),
    );
    expect(await openMasterKey(home, safeStorage)).toEqual(key);
    expect(readdirSync(home)).toEqual(['master.os']);
  });
});

describe('os protection', () => {
  test.each(['darwin', 'win32'] as const)('os protection - %s protects', async (platform) => {
    record.storage.mark = 'v10';
    expect(await osProtection(safeStorage, platform)).toBe('protected');
  });

  test('os protection - a keyring on Linux protects', async () => {
    expect(await osProtection(safeStorage, 'linux')).toBe('protected');
  });

  test('os protection - basic_text on Linux only disguises', async () => {
    record.storage.backend = 'basic_text';
    expect(await osProtection(safeStorage, 'linux')).toBe('obfuscated');
  });

  test('os protection - a keyring in name whose output bears the mark of basic_text only disguises', async () => {
    record.storage.mark = 'v10';
    expect(await osProtection(safeStorage, 'linux')).toBe('obfuscated');
  });

  test('os protection - a system that does not answer is unavailable', async () => {
    record.storage.available = false;
    expect(await osProtection(safeStorage, 'linux')).toBe('unavailable');
    expect(await osProtection(safeStorage, 'win32')).toBe('unavailable');
  });
});
