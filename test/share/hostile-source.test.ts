import { randomBytes } from 'node:crypto';
import { mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CHUNK_BYTES, fileId, leafHash, treeRoot } from '../../main/share/chunk-tree.ts';
import {
  encodeEntry,
  encodePage,
  pageHash,
  type ManifestEntry,
} from '../../main/share/manifest.ts';
import type { Transfer } from '../../main/share/types.ts';
import { FrameKind } from '../../main/share/wire.ts';
import {
  ended,
  makePair,
  makeSigner,
  readyOffer,
  transferOf,
  until,
  type TestPair,
} from './support/peers.ts';
import {
  bytesFrame,
  errorFrame,
  fileEntry,
  frame,
  script,
  scriptedShare,
  type ScriptedShare,
} from './support/scripted-source.ts';
import { digestTree, exists, put, sha256File } from './support/trees.ts';

let pair: TestPair;
beforeEach(async () => {
  pair = await makePair();
});
afterEach(() => pair.dispose());

async function fetch(
  share: ScriptedShare,
  answer?: Parameters<typeof script>[2],
): Promise<Transfer> {
  const { a, b } = pair;
  script(a, share, answer);
  await readyOffer(b, share.id);
  const { id } = await b.sharing.download({
    peer: a.key,
    share: share.id,
    path: '',
    into: b.downloads,
  });
  return ended(b, id);
}

const content = (bytes: Buffer): { size: number; id: Uint8Array } => ({
  size: bytes.length,
  id: fileId(bytes.length, treeRoot(leafHash(Buffer.concat([Buffer.of(0), bytes])))),
});

test.each([
  ['../escape'],
  ['a/../../escape'],
  ['/etc/skerry-escape'],
  ['a//b'],
  ['./a'],
  ['nul\0byte'],
  [`${'x'.repeat(4_000)}`],
  ['e\u0301'],
])(
  'hostile source - the path %j has the whole share refused, and nothing is written',
  async (path) => {
    const end = await fetch(
      scriptedShare(
        pair.a,
        [fileEntry('0 fine'), fileEntry(path)].sort((x, y) => (x.path < y.path ? -1 : 1)),
      ),
    );
    expect(end).toMatchObject({ state: 'failed', error: { code: 'path-illegal' } });
    expect(end.error?.message).toMatch(/^The path "/);
    expect(await exists(pair.b.downloads)).toBe(true);
    expect(await readdir(pair.b.downloads)).toEqual([]);
    expect(await exists(join(pair.b.home, 'escape'))).toBe(false);
  },
);

test('hostile source - Windows names are mapped on Windows, inside the target', async () => {
  await pair.dispose();
  pair = await makePair({ platform: 'win32' });
  const bytes = Buffer.from('content');
  const names = ['CON', 'a:b', 'con', 'nul.txt', 'trailing.', 'what?'];
  const entries = names.sort().map((path) => fileEntry(path, content(bytes)));
  const end = await fetch(scriptedShare(pair.a, entries), (request) =>
    request.do === 'read' ? bytesFrame(bytes) : undefined,
  );
  expect(end.error).toBeNull();
  const found = await readdir(end.target);
  expect(found).toHaveLength(6);
  for (const name of found) expect(name).toMatch(/~[0-9a-f]{12}(\.txt)?$/);
});

test('hostile source - manifests that contradict themselves are refused whole', async () => {
  const { a } = pair;
  const cases: [entries: ManifestEntry[], change: Record<string, unknown>][] = [
    [[fileEntry('b'), fileEntry('a')], {}],
    [[fileEntry('a'), fileEntry('a')], {}],
    [[fileEntry('a'), fileEntry('a/b')], {}],
    [[fileEntry('a')], { bytes: 100 }],
    [[fileEntry('a', { size: 2 ** 50, id: Buffer.alloc(32) })], { bytes: 5 }],
    [[fileEntry('a'), fileEntry('b')], { files: 1, entries: 2 }],
    [[fileEntry('a')], { kind: 'file', files: 1, entries: 1, share: 'other' }],
    [[fileEntry('a/b')], { kind: 'file' }],
    [[fileEntry('a'), fileEntry('b')], { kind: 'file' }],
  ];
  for (const [entries, change] of cases) {
    const end = await fetch(scriptedShare(a, entries, change));
    expect(end).toMatchObject({ state: 'failed', error: { code: 'manifest-invalid' } });
  }
  expect(await readdir(pair.b.downloads)).toEqual([]);
});

test('hostile source - a manifest that another peer signed is refused', async () => {
  const share = scriptedShare({ ...pair.a, signer: makeSigner() }, [fileEntry('a')]);
  expect(await fetch(share)).toMatchObject({
    state: 'failed',
    error: { code: 'manifest-invalid', message: 'The list of files is not signed by the contact.' },
  });
});

test('hostile source - answers that are no answers fail the download, not the peer', async () => {
  const bytes = Buffer.from('content');
  const share = scriptedShare(pair.a, [fileEntry('f', content(bytes))]);
  const answers: Buffer[] = [
    // Longer and shorter than the entry says.
    bytesFrame(Buffer.alloc(8)),
    bytesFrame(Buffer.alloc(6)),
    bytesFrame(Buffer.alloc(CHUNK_BYTES)),
    frame(FrameKind.message, bytes),
    frame(7, bytes),
    frame(FrameKind.error, Buffer.from('no cbor')),
    Buffer.from([0xff, 0xff, 0xff, 0xff, 1]),
  ];
  for (const said of answers) {
    const end = await fetch(share, (request) => (request.do === 'read' ? said : undefined));
    expect(end).toMatchObject({ state: 'failed', error: { code: 'source-misbehaved' } });
    expect(await exists(join(end.target, 'f'))).toBe(false);
  }
  const refused = await fetch(share, ({ do: what }) =>
    what === 'read' ? errorFrame('made-up') : undefined,
  );
  expect(refused).toMatchObject({ state: 'failed', error: { code: 'source-failed' } });
}, 40_000);

test('hostile source - a page or a root that is too long is not read', async () => {
  const share = scriptedShare(pair.a, [fileEntry('f')]);
  for (const what of ['manifest', 'page'] as const) {
    const end = await fetch(share, (request) =>
      request.do === what ? bytesFrame(Buffer.alloc(300_000)) : undefined,
    );
    expect(end).toMatchObject({ state: 'failed', error: { code: 'source-misbehaved' } });
  }
});

test('hostile source - a listing with names that lead elsewhere is refused', async () => {
  const { a, b } = pair;
  const { encodeCbor } = await import('../../main/base/cbor.ts');
  for (const name of ['..', 'a/b', 'x\0', '.']) {
    const entries = [{ name, kind: 'file', bytes: 1, files: 1, modifiedAt: 1 }];
    script(a, scriptedShare(a, []), ({ do: what }) =>
      what === 'list' ? frame(FrameKind.message, encodeCbor({ entries, more: false })) : undefined,
    );
    await expect(
      b.sharing.browse(a.key, 'scripted', { path: '', limit: 10 }),
    ).rejects.toMatchObject({
      code: 'source-misbehaved',
    });
  }
});

test('hostile source - a chunk that does not verify is asked for again a few times, then given up', async () => {
  const bytes = Buffer.from('content');
  const share = scriptedShare(pair.a, [fileEntry('f', content(bytes))]);
  const { a, b } = pair;
  const requests = script(a, share, (request) =>
    request.do === 'read' ? bytesFrame(Buffer.from('CONTENT')) : undefined,
  );
  await readyOffer(b, share.id);
  const { id } = await b.sharing.download({
    peer: a.key,
    share: share.id,
    path: '',
    into: b.downloads,
  });
  const end = await ended(b, id);
  expect(end).toMatchObject({
    state: 'failed',
    error: { code: 'chunk-mismatch' },
    bytes: { done: 0 },
  });
  const reads = requests.filter((request) => request.do === 'read');
  expect(reads).toHaveLength(4);
  expect(reads.map((request) => request.check)).toEqual([false, true, true, true]);
  expect(await exists(join(end.target, 'f'))).toBe(false);
});

test('hostile source - a chunk that was corrupted once on its way arrives the second time', async () => {
  const { a, b, dir, link } = pair;
  await put(join(dir, 'big'), randomBytes(5_000_000));
  const share = await a.sharing.share({ path: join(dir, 'big'), audience: 'everyone' });
  await readyOffer(b, share.id);
  let corrupted = 0;
  link.tap = (from, bytes) => {
    if (from !== 'a' || bytes.length < CHUNK_BYTES || corrupted > 0) return bytes;
    corrupted += 1;
    const bad = Buffer.from(bytes);
    bad[1_000] = (bad[1_000] ?? 0) ^ 1;
    return bad;
  };
  const { id } = await b.sharing.download({
    peer: a.key,
    share: share.id,
    path: '',
    into: b.downloads,
  });
  const end = await ended(b, id);
  expect(end).toMatchObject({ state: 'done', chunks: { received: 20, refetched: 0 } });
  expect(corrupted).toBe(1);
  expect(await sha256File(end.target)).toBe(await sha256File(join(dir, 'big')));
});

test('hostile source - a link planted in the target is not followed', async () => {
  const { a, b, dir, link } = pair;
  await put(join(dir, 'tree', 'a'), randomBytes(3_000_000));
  await put(join(dir, 'tree', 'sub', 'file'), randomBytes(1_000_000));
  const share = await a.sharing.share({ path: join(dir, 'tree'), audience: 'everyone' });
  await readyOffer(b, share.id);
  const elsewhere = join(dir, 'elsewhere');
  await mkdir(elsewhere);
  let cut = false;
  link.tap = (from, bytes) => {
    if (from === 'a' && bytes.length >= CHUNK_BYTES && !cut) {
      cut = true;
      link.cut();
    }
    return bytes;
  };
  const { id } = await b.sharing.download({
    peer: a.key,
    share: share.id,
    path: '',
    into: b.downloads,
  });
  await until(() => cut && transferOf(b, id).state === 'waiting', 'the cut');
  await symlink(elsewhere, join(b.downloads, 'tree', 'sub'));
  link.join();
  expect(await ended(b, id)).toMatchObject({ state: 'failed', error: { code: 'target-unsafe' } });
  expect((await digestTree(elsewhere)).size).toBe(0);
});

test('hostile source - offers that are too many or malformed change nothing', async () => {
  const { a, b } = pair;
  const { encodeCbor } = await import('../../main/base/cbor.ts');
  const offer = {
    id: 'x',
    name: 'x',
    kind: 'file',
    state: 'ready',
    files: 1,
    bytes: 1,
    hashedBytes: 1,
  };
  const page = encodePage([encodeEntry(fileEntry('a'))]);
  expect(pageHash(page)).toHaveLength(32);
  let asked = 0;
  for (const said of [
    Array.from({ length: 1_001 }, (_, i) => ({ ...offer, id: `${i}` })),
    [{ ...offer, name: '' }],
    [{ ...offer, bytes: -5 }],
    { not: 'a list' },
  ]) {
    const before = (asked += 1);
    script(a, scriptedShare(a, []), () => {
      asked = before + 1;
      return frame(FrameKind.message, encodeCbor(said));
    });
    await until(() => asked > before, 'the question');
  }
  expect(b.sharing.offers()).toEqual([]);
});
