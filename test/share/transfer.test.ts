import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Transfer } from '../../main/share/types.ts';
import {
  cutWhen,
  ended,
  makePair,
  readyOffer,
  transferOf,
  until,
  type TestPair,
} from './support/peers.ts';
import { digestTree, exists, makeMixedTree, put, sha256File } from './support/trees.ts';

let pair: TestPair;
beforeEach(async () => {
  pair = await makePair();
});
afterEach(() => pair.dispose());

test('transfer - a tree of many files arrives whole, with times, modes, empty folders and Unicode names', async () => {
  const { a, b, dir } = pair;
  const source = join(dir, 'tree');
  await makeMixedTree(source);
  const share = await a.sharing.share({ path: source, audience: 'everyone' });
  expect(share).toMatchObject({ name: 'tree', kind: 'folder', state: 'hashing' });
  const offer = await readyOffer(b, share.id);
  const { id } = await b.sharing.download({
    peer: a.key,
    share: share.id,
    path: '',
    into: b.downloads,
  });
  const done = await ended(b, id);
  expect(done.error).toBeNull();
  expect(done.state).toBe('done');
  expect(done.files).toEqual({ done: offer.files, total: offer.files });
  expect(done.bytes).toEqual({ done: offer.bytes, total: offer.bytes });

  const expected = new Map(
    [...(await digestTree(source))].map(([path, digest]) => [path.normalize('NFC'), digest]),
  );
  expect(await digestTree(done.target)).toEqual(expected);
  expect(done.target).toBe(join(b.downloads, 'tree'));
  expect((await stat(join(done.target, 'run.sh'))).mode & 0o111).not.toBe(0);
  const mtime = async (root: string): Promise<number> =>
    Math.floor((await stat(join(root, 'size-8.bin'))).mtimeMs);
  expect(await mtime(done.target)).toBe(await mtime(source));
  expect(await exists(join(b.downloads, '.skerry-part'))).toBe(false);
});

test('transfer - a file of 40 MB arrives by several streams, each chunk received once', async () => {
  const { a, b, dir, link } = pair;
  const source = join(dir, 'big.bin');
  await put(source, randomBytes(40 * 1024 * 1024 + 17));
  const share = await a.sharing.share({ path: source, name: 'Big', audience: [b.key] });
  await readyOffer(b, share.id);
  const opened = link.opened;
  const { id } = await b.sharing.download({
    peer: a.key,
    share: share.id,
    path: '',
    into: b.downloads,
  });
  const done = await ended(b, id);
  expect(done).toMatchObject({ state: 'done', target: join(b.downloads, 'big.bin') });
  expect(done.chunks).toEqual({ received: 161, refetched: 0 });
  expect(await sha256File(done.target)).toBe(await sha256File(source));
  expect(link.opened - opened).toBeGreaterThan(2);
});

test('transfer - a folder or a file of a share can be fetched alone', async () => {
  const { a, b, dir } = pair;
  const source = join(dir, 'tree');
  await put(join(source, 'x', 'deep', 'one'), '1');
  await put(join(source, 'x', 'two'), '22');
  await put(join(source, 'x!'), 'not below x');
  await put(join(source, 'y', 'three'), '333');
  const share = await a.sharing.share({ path: source, audience: 'everyone' });
  await readyOffer(b, share.id);
  const get = async (path: string): Promise<Transfer> => {
    const { id } = await b.sharing.download({
      peer: a.key,
      share: share.id,
      path,
      into: b.downloads,
    });
    return ended(b, id);
  };
  const folder = await get('x');
  expect(folder).toMatchObject({
    state: 'done',
    files: { done: 2, total: 2 },
    bytes: { total: 3 },
  });
  expect([...(await digestTree(folder.target)).keys()]).toEqual(['deep', 'deep/one', 'two']);
  const file = await get('y/three');
  expect(file).toMatchObject({ state: 'done', target: join(b.downloads, 'three') });
  expect(await readFile(file.target, 'utf8')).toBe('333');
  expect(await get('z')).toMatchObject({ state: 'failed', error: { code: 'entry-unknown' } });
});

test('transfer - nothing that is there is ever overwritten: the newcomer gets a number', async () => {
  const { a, b, dir } = pair;
  await put(join(dir, 'tree', 'f'), 'theirs');
  await put(join(dir, 'doc.txt'), 'theirs');
  await put(join(b.downloads, 'tree', 'f'), 'mine');
  await put(join(b.downloads, 'doc.txt'), 'mine');
  for (const path of ['tree', 'doc.txt']) {
    const share = await a.sharing.share({ path: join(dir, path), audience: 'everyone' });
    await readyOffer(b, share.id);
    for (let i = 0; i < 2; i += 1) {
      const { id } = await b.sharing.download({
        peer: a.key,
        share: share.id,
        path: '',
        into: b.downloads,
      });
      expect((await ended(b, id)).state).toBe('done');
    }
  }
  expect((await readdir(b.downloads)).sort()).toEqual([
    'doc (2).txt',
    'doc (3).txt',
    'doc.txt',
    'tree',
    'tree (2)',
    'tree (3)',
  ]);
  expect(await readFile(join(b.downloads, 'doc.txt'), 'utf8')).toBe('mine');
  expect(await readFile(join(b.downloads, 'tree', 'f'), 'utf8')).toBe('mine');
  expect(await readFile(join(b.downloads, 'tree (2)', 'f'), 'utf8')).toBe('theirs');
});

test('transfer - an empty folder and an empty file arrive as such', async () => {
  const { a, b, dir } = pair;
  await mkdir(join(dir, 'void'));
  await put(join(dir, 'nil'), '');
  for (const [path, files] of [
    ['void', 0],
    ['nil', 1],
  ] as const) {
    const share = await a.sharing.share({ path: join(dir, path), audience: 'everyone' });
    await readyOffer(b, share.id);
    const { id } = await b.sharing.download({
      peer: a.key,
      share: share.id,
      path: '',
      into: b.downloads,
    });
    expect(await ended(b, id)).toMatchObject({
      state: 'done',
      files: { done: files, total: files },
    });
    expect(await exists(join(b.downloads, path))).toBe(true);
  }
});

test('transfer - unsharing ends a download that is under way', async () => {
  const { a, b, dir, link } = pair;
  await put(join(dir, 'big'), randomBytes(40_000_000));
  const share = await a.sharing.share({ path: join(dir, 'big'), audience: 'everyone' });
  await readyOffer(b, share.id);
  const before = link.sent.a;
  link.tap = (_from, bytes) => {
    if (link.sent.a - before > 8_000_000 && a.sharing.shares().length > 0)
      a.sharing.unshare(share.id);
    return bytes;
  };
  const { id } = await b.sharing.download({
    peer: a.key,
    share: share.id,
    path: '',
    into: b.downloads,
  });
  const end = await ended(b, id);
  expect(end).toMatchObject({ state: 'failed', error: { code: 'unshared' } });
  expect(link.sent.a - before).toBeLessThan(16_000_000);
  expect(await exists(join(b.downloads, 'big'))).toBe(false);
});

test('transfer - goes on by itself when the link is back, and asks for nothing twice', async () => {
  const { a, b, dir, link } = pair;
  await put(join(dir, 'tree', 'big'), randomBytes(30_000_000));
  for (let i = 0; i < 200; i += 1) await put(join(dir, 'tree', `small ${i}`), randomBytes(3_000));
  const share = await a.sharing.share({ path: join(dir, 'tree'), audience: 'everyone' });
  const offer = await readyOffer(b, share.id);
  let cuts = 0;
  let next = link.sent.a + 6_000_000;
  link.tap = (_from, bytes) => {
    if (link.sent.a > next && cuts < 3) {
      cuts += 1;
      next = link.sent.a + 6_000_000;
      link.cut();
    }
    return bytes;
  };
  const states = new Set<string>();
  const done: number[] = [];
  b.sharing.on('transfer', (_id, transfer) => {
    if (transfer === undefined) return;
    states.add(transfer.state);
    done.push(transfer.bytes.done);
  });
  const { id } = await b.sharing.download({
    peer: a.key,
    share: share.id,
    path: '',
    into: b.downloads,
  });
  for (let i = 1; i <= 3; i += 1) {
    await until(() => cuts === i && transferOf(b, id).state === 'waiting', `cut ${i}`);
    link.join();
  }
  const end = await ended(b, id);
  expect(end).toMatchObject({ state: 'done', chunks: { received: 200 + 115, refetched: 0 } });
  expect(end.bytes).toEqual({ done: offer.bytes, total: offer.bytes });
  expect(await digestTree(end.target)).toEqual(await digestTree(join(dir, 'tree')));
  expect(states).toContain('waiting');
  expect(done).toEqual([...done].sort((x, y) => x - y));
});

test('transfer - waits while the source still hashes, and says how far that is', async () => {
  const { a, b, dir } = pair;
  // The small one waits for the large one, which takes no disk but a second to read and hash.
  await put(join(dir, 'both', 'small'), 'x');
  const large = await open(join(dir, 'both', 'large'), 'w');
  await large.truncate(1_500_000_000);
  await large.close();
  const share = await a.sharing.share({ path: join(dir, 'both'), audience: 'everyone' });
  await until(() => b.sharing.offers().some((offer) => offer.id === share.id), 'the offer');
  const stages: number[] = [];
  b.sharing.on('transfer', (_id, transfer) => {
    if (transfer?.state === 'hashing') stages.push(transfer.stage?.done ?? -1);
  });
  const { id } = await b.sharing.download({
    peer: a.key,
    share: share.id,
    path: 'small',
    into: b.downloads,
  });
  expect((await ended(b, id)).state).toBe('done');
  expect(stages.length).toBeGreaterThan(0);
  expect(Math.min(...stages)).toBeGreaterThanOrEqual(0);
});

test('transfer - cancel takes effect at once, retry goes on, forget removes the parts', async () => {
  const { a, b, dir, link } = pair;
  await put(join(dir, 'big'), randomBytes(30_000_000));
  const share = await a.sharing.share({ path: join(dir, 'big'), audience: 'everyone' });
  await readyOffer(b, share.id);
  const { id } = await b.sharing.download({
    peer: a.key,
    share: share.id,
    path: '',
    into: b.downloads,
  });
  await cutWhen(pair, () => transferOf(b, id).chunks.received > 4);
  expect(() => b.sharing.forget(id)).toThrow(expect.objectContaining({ code: 'transfer-active' }));
  expect(() => b.sharing.retry(id)).toThrow(expect.objectContaining({ code: 'transfer-active' }));
  expect(b.sharing.cancel(id).state).toBe('cancelled');
  const { received } = transferOf(b, id).chunks;
  await until(() => link.streams === 0, 'the end of the streams');
  expect(transferOf(b, id).state).toBe('cancelled');
  link.join();
  expect(await exists(join(b.downloads, '.skerry-part', id))).toBe(true);

  expect(b.sharing.retry(id).state).toBe('waiting');
  const end = await ended(b, id);
  expect(end).toMatchObject({ state: 'done', chunks: { received: 115, refetched: 0 } });
  expect(received).toBeLessThan(115);
  expect(() => b.sharing.retry(id)).toThrow(expect.objectContaining({ code: 'transfer-ended' }));

  const second = await b.sharing.download({
    peer: a.key,
    share: share.id,
    path: '',
    into: b.downloads,
  });
  let cancelled = false;
  link.tap = (_from, bytes) => {
    if (!cancelled && transferOf(b, second.id).chunks.received > 4) {
      cancelled = true;
      b.sharing.cancel(second.id);
    }
    return bytes;
  };
  await until(() => cancelled, 'the first chunks');
  await until(() => link.streams === 0, 'the end of the streams');
  b.sharing.forget(second.id);
  expect(b.sharing.transfers().map((one) => one.id)).toEqual([id]);
  const files = b.store.db.prepare('SELECT 1 FROM transfer_files WHERE transfer = ?');
  await until(() => files.get(second.id) === undefined, 'the rows to go');
  await until(() => !existsSync(join(b.downloads, '.skerry-part')), 'the parts to go');
  expect(await readdir(b.downloads)).toEqual(['big']);
});

test('transfer - a target that cannot be written is refused at once', async () => {
  const { a, b, dir } = pair;
  await put(join(dir, 'one'), 'x');
  const share = await a.sharing.share({ path: join(dir, 'one'), audience: 'everyone' });
  await readyOffer(b, share.id);
  const get = (into: string): Promise<unknown> =>
    b.sharing.download({ peer: a.key, share: share.id, path: '', into });
  await expect(get(join(dir, 'one', 'below a file'))).rejects.toMatchObject({
    code: 'target-unsafe',
  });
  await expect(get('relative')).rejects.toMatchObject({ code: 'target-missing' });
  await expect(get('/proc/skerry')).rejects.toMatchObject({ code: /^target-/ });
});

test('transfer - a target that vanishes fails the download, and retry starts over', async () => {
  const { a, b, dir, link } = pair;
  await put(join(dir, 'tree', 'big'), randomBytes(20_000_000));
  await put(join(dir, 'tree', 'a'), 'a');
  const share = await a.sharing.share({ path: join(dir, 'tree'), audience: 'everyone' });
  await readyOffer(b, share.id);
  const { id } = await b.sharing.download({
    peer: a.key,
    share: share.id,
    path: '',
    into: b.downloads,
  });
  await cutWhen(pair, () => transferOf(b, id).chunks.received > 4);
  await until(() => transferOf(b, id).state === 'waiting', 'the wait');
  await rm(b.downloads, { recursive: true });
  link.join();
  expect(await ended(b, id)).toMatchObject({ state: 'failed', error: { code: 'target-missing' } });
  b.sharing.retry(id);
  const end = await ended(b, id);
  expect(end.state).toBe('done');
  expect(await digestTree(end.target)).toEqual(await digestTree(join(dir, 'tree')));
});
