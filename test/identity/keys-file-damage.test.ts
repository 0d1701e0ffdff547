import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { codeOf } from '../../main/base/errors.ts';
import { IdentityError } from '../../main/identity/errors.ts';
import { encodeKeysFile } from '../../main/identity/key-file/format.ts';
import { fileKey, type Protection } from '../../main/identity/key-file/protection.ts';
import { keysPath, openIdentity } from '../../main/identity/open-identity.ts';
import { sealBox } from '../../main/identity/secret-box.ts';
import { freshHome, osProtection } from './support/homes.ts';

const home = freshHome();
let whole: Buffer;
beforeEach(async () => {
  await openIdentity({ home: home.path, protection: osProtection });
  whole = readFileSync(keysPath(home.path));
});

/** The code that opening these bytes gives; checks that they stay as they are. */
async function opening(bytes: Uint8Array, protection: Protection = osProtection): Promise<string> {
  writeFileSync(keysPath(home.path), bytes);
  let code = 'opened';
  try {
    await openIdentity({ home: home.path, protection });
  } catch (error) {
    expect(error).toBeInstanceOf(IdentityError);
    expect((error as IdentityError).hint).not.toBe('');
    code = codeOf(error) ?? 'none';
  }
  expect(readFileSync(keysPath(home.path)).equals(bytes)).toBe(true);
  return code;
}

function flipped(at: number, bit: number): Buffer {
  const bytes = Buffer.from(whole);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  return bytes;
}

/** As someone edits it who knows the format: with the checksum made right again. */
function resealed(bytes: Buffer): Buffer {
  const body = bytes.subarray(0, -32);
  return Buffer.concat([body, createHash('sha256').update(body).digest()]);
}

test('keys file - a flipped bit anywhere is damage, and the file is not touched', async () => {
  for (let at = 0; at < whole.length; at += 1) {
    expect(await opening(flipped(at, at % 8)), `byte ${at}`).toBe('keys-damaged');
  }
  expect(await opening(whole)).toBe('opened');
});

test('keys file - a flipped bit under a right checksum never opens', async () => {
  const expected = (at: number): string => {
    if (at < 8) return 'keys-damaged'; // magic
    if (at === 8) return 'keys-newer'; // version
    if (at === 9) return 'keys-missing-master|keys-damaged'; // protection
    return 'keys-wrong-master'; // scrypt, salt, nonce, ciphertext, tag
  };
  for (let at = 0; at < whole.length - 32; at += 1) {
    const code = await opening(resealed(flipped(at, (at * 3) % 7)));
    expect(expected(at).split('|'), `byte ${at}`).toContain(code);
  }
});

test('keys file - cut anywhere, or with bytes added, is damage', async () => {
  for (let length = 0; length < whole.length; length += 1) {
    expect(await opening(whole.subarray(0, length)), `${length} bytes`).toBe('keys-damaged');
  }
  expect(await opening(Buffer.concat([whole, Buffer.of(0)]))).toBe('keys-damaged');
  expect(await opening(Buffer.alloc(200_000, whole))).toBe('keys-damaged');
});

test('keys file - a newer version says so', async () => {
  const newer = Buffer.from(whole);
  newer[8] = 2;
  expect(await opening(resealed(newer))).toBe('keys-newer');
  newer[8] = 0;
  expect(await opening(resealed(newer))).toBe('keys-damaged');
});

test('keys file - scrypt parameters out of bounds are refused before they cost anything', async () => {
  const passphrase = { kind: 'passphrase', passphrase: 'x' } as const;
  for (const [log2N, r, p] of [
    [0, 0, 0],
    [13, 8, 1],
    [19, 8, 1],
    [255, 255, 255],
    [17, 16, 1],
    [17, 8, 0],
    [17, 8, 5],
  ] as const) {
    const edited = Buffer.from(whole);
    edited.set([1, log2N, r, p], 9);
    expect(await opening(resealed(edited), passphrase), `${log2N} ${r} ${p}`).toBe('keys-damaged');
  }
});

test('keys file - something else inside a right seal is damage', async () => {
  const header = whole.subarray(0, 45);
  const salt = header.subarray(13);
  const key = await fileKey(osProtection, { kind: 'os', scrypt: null, salt });
  for (const plain of ['', 'a0', 'a16161', '00', 'ff']) {
    const box = sealBox(key, Buffer.from(plain, 'hex'), header);
    expect(await opening(Buffer.from(encodeKeysFile(header, box))), plain).toBe('keys-damaged');
  }
});

test('keys file - a folder in its place is a clear error', async () => {
  rmSync(keysPath(home.path));
  mkdirSync(keysPath(home.path));
  await expect(openIdentity({ home: home.path, protection: osProtection })).rejects.toMatchObject({
    code: 'keys-unusable',
  });
});
