import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ended, makePair, readyOffer, type TestPair } from './support/peers.ts';
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
