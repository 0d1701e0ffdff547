import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPassphraseFile } from '../../main/identity/key-file/protection.ts';
import { freshHome } from './support/homes.ts';

const home = freshHome();

function write(content: string | Uint8Array): string {
  const file = join(home.path, 'passphrase');
  writeFileSync(file, content);
  return file;
}

test('passphrase file - one line end at its end is not part of the passphrase', async () => {
  for (const [content, passphrase] of [
    ['high tide', 'high tide'],
    ['high tide\n', 'high tide'],
    ['high tide\r\n', 'high tide'],
    ['high tide\n\n', 'high tide\n'],
    [' high tide \n', ' high tide '],
    ['Flut 🌊\n', 'Flut 🌊'],
  ] as const) {
    expect(await readPassphraseFile(write(content))).toBe(passphrase);
  }
});

test('passphrase file - empty, missing, large, binary, or no file: a clear error', async () => {
  const unusable = { code: 'passphrase-unusable' };
  for (const content of ['', '\n', '\r\n', 'x'.repeat(4_097), Uint8Array.of(0xff, 0xfe, 0x41)]) {
    await expect(readPassphraseFile(write(content))).rejects.toMatchObject(unusable);
  }
  await expect(readPassphraseFile(join(home.path, 'none'))).rejects.toMatchObject(unusable);
  mkdirSync(join(home.path, 'folder'));
  await expect(readPassphraseFile(join(home.path, 'folder'))).rejects.toMatchObject(unusable);
});
