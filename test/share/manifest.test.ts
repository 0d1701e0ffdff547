import { expect, test } from 'vitest';
import { decodeCbor, encodeCbor } from '../../main/base/cbor.ts';
import {
  comparePaths,
  encodeEntry,
  encodePage,
  openPage,
  openRoot,
  pageHash,
  signRoot,
  type ManifestEntry,
} from '../../main/share/manifest.ts';
import { makeSigner } from './support/peers.ts';

const signer = makeSigner();
const entries: ManifestEntry[] = [
  {
    kind: 'file',
    path: 'a/b.txt',
    size: 5,
    modifiedAt: 1_700_000_000_000,
    executable: true,
    mediaType: 'text/plain',
    id: new Uint8Array(32).fill(1),
  },
  { kind: 'folder', path: 'empty', modifiedAt: 3 },
];
const page = encodePage(entries.map(encodeEntry));
const fields = {
  share: 's1',
  name: 'Docs',
  description: '',
  kind: 'folder' as const,
  revision: 4,
  files: 1,
  bytes: 5,
  entries: 2,
  pages: Buffer.from(pageHash(page)),
};
const invalid = expect.objectContaining({ code: 'manifest-invalid' });

test('manifest - what was signed is what is read', () => {
  const root = openRoot(signRoot(fields, signer), signer.key, 's1');
  expect(root).toMatchObject({ name: 'Docs', revision: 4, files: 1, owner: signer.key });
  expect(openPage(page, root, 0)).toEqual(entries);
});

test('manifest - pages of any length are CBOR arrays', () => {
  for (const count of [1, 23, 24, 255, 256, 1_000]) {
    const many = encodePage(Array.from({ length: count }, (_, i) => encodeCbor(i)));
    expect(decodeCbor(many, many.length)).toHaveLength(count);
  }
});

test('manifest - a root of another key, of another share or with a changed byte is refused', () => {
  const other = makeSigner();
  const signed = signRoot(fields, signer);
  const refused: [Uint8Array, string, string][] = [
    [signed, other.key, 's1'],
    [signed, signer.key, 's2'],
    [signRoot(fields, { key: signer.key, sign: other.sign }), signer.key, 's1'],
    [signRoot(fields, { key: other.key, sign: signer.sign }), signer.key, 's1'],
    [Buffer.alloc(10), signer.key, 's1'],
    [Buffer.alloc(0), signer.key, 's1'],
    [Buffer.from('9f'.repeat(200_000), 'hex'), signer.key, 's1'],
  ];
  for (let at = 0; at < signed.length; at += 7) {
    const bad = Buffer.from(signed);
    bad[at] = (bad[at] ?? 0) ^ 0x40;
    refused.push([bad, signer.key, 's1']);
  }
  for (const [bytes, owner, share] of refused) {
    expect(() => openRoot(bytes, owner, share)).toThrow(invalid);
  }
});

test('manifest - a root that contradicts itself is refused', () => {
  for (const change of [
    { entries: 0 },
    { entries: 1_001 },
    { files: 3 },
    { pages: Buffer.alloc(31) },
    { pages: Buffer.alloc(32 * 8_193), entries: 10_000 },
    { bytes: -1 },
    { revision: 0 },
    { name: '' },
    { more: 1 },
  ]) {
    expect(() => openRoot(signRoot({ ...fields, ...change }, signer), signer.key, 's1')).toThrow(
      invalid,
    );
  }
});

test('manifest - a page that is not the signed one, or holds what it must not, is refused', () => {
  const root = openRoot(signRoot(fields, signer), signer.key, 's1');
  const bad = Buffer.from(page);
  bad[5] = (bad[5] ?? 0) ^ 1;
  expect(() => openPage(bad, root, 0)).toThrow(invalid);
  expect(() => openPage(page, root, 1)).toThrow(invalid);
  const hostile: unknown[] = [
    {},
    [],
    [['a', -1, 0, false, '', new Uint8Array(32)]],
    [['a', 1, 0, false, '', new Uint8Array(31)]],
    [['a', 1.5, 0, false, '', new Uint8Array(32)]],
    [['a', 2 ** 60, 0, false, '', new Uint8Array(32)]],
    [['', 1]],
    [['x'.repeat(5_000), 1]],
    Array.from({ length: 1_001 }, (_, i) => [`${i}`, 1]),
  ];
  for (const content of hostile) {
    const bytes = encodeCbor(content);
    const signed = signRoot({ ...fields, pages: Buffer.from(pageHash(bytes)) }, signer);
    expect(() => openPage(bytes, openRoot(signed, signer.key, 's1'), 0)).toThrow(invalid);
  }
});

test('manifest - paths are ordered by their bytes', () => {
  const paths = ['a', 'a!', 'a/b', 'a0', 'é', '\uffee', '🚀'];
  expect([...paths].reverse().sort(comparePaths)).toEqual(paths);
});
