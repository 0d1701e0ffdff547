import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  makePair,
  makeSigner,
  readyOffer,
  readyShare,
  until,
  type TestPair,
} from './support/peers.ts';
import { put } from './support/trees.ts';

let pair: TestPair;
let root: string;
beforeEach(async () => {
  pair = await makePair();
  root = join(pair.dir, 'root');
  for (let i = 0; i < 25; i += 1)
    await put(join(root, 'folder', `file ${String(i).padStart(2, '0')}`), 'xy');
  await put(join(root, 'one'), 'abc');
});
afterEach(() => pair.dispose());

test('offers - appear, change and vanish at the contact, with events', async () => {
  const { a, b } = pair;
  const seen: string[] = [];
  b.sharing.on('offer', (_peer, _id, offer) => seen.push(offer?.state ?? 'gone'));
  const { id } = await a.sharing.share({ path: root, name: 'Mine', audience: 'everyone' });
  const offer = await readyOffer(b, id);
  expect(offer).toMatchObject({ peer: a.key, name: 'Mine', kind: 'folder', files: 26, bytes: 53 });
  a.sharing.unshare(id);
  await until(() => b.sharing.offers().length === 0, 'the end of the offer');
  expect(seen.at(-1)).toBe('gone');
  expect(seen).toContain('ready');
});

test('offers - stay known while the contact is away, and are asked for when it is back', async () => {
  const { a, b, link } = pair;
  const { id } = await a.sharing.share({ path: root, audience: 'everyone' });
  await readyOffer(b, id);
  link.cut();
  const second = await a.sharing.share({ path: join(root, 'one'), audience: 'everyone' });
  await readyShare(a, second.id);
  expect(b.sharing.offers()).toHaveLength(1);
  await expect(b.sharing.browse(a.key, id, { path: '', limit: 10 })).rejects.toMatchObject({
    code: 'source-offline',
  });
  link.join();
  await readyOffer(b, second.id);
  expect(b.sharing.offers()).toHaveLength(2);
});

test('offers - only the audience sees a share, or gets anything of it', async () => {
  const { a, b } = pair;
  const { id } = await a.sharing.share({ path: root, audience: [makeSigner().key] });
  const all = await a.sharing.share({ path: join(root, 'one'), audience: [b.key] });
  await readyShare(a, id);
  await readyOffer(b, all.id);
  expect(b.sharing.offers().map((offer) => offer.id)).toEqual([all.id]);
  await expect(b.sharing.browse(a.key, id, { path: '', limit: 10 })).rejects.toMatchObject({
    code: 'unshared',
  });
  await expect(
    b.sharing.download({ peer: a.key, share: id, path: '', into: b.downloads }),
  ).rejects.toMatchObject({ code: 'offer-unknown' });
});

test('offers - end for a contact that is one no more', async () => {
  const { a, b } = pair;
  const { id } = await a.sharing.share({ path: root, audience: 'everyone' });
  await readyOffer(b, id);
  b.contacts.set(a.key, false);
  expect(b.sharing.offers()).toEqual([]);
  a.contacts.set(b.key, false);
  await expect(b.sharing.browse(a.key, id, { path: '', limit: 10 })).rejects.toMatchObject({
    code: 'unshared',
  });
});

test('browse - gives a folder page by page, with sums and times', async () => {
  const { a, b } = pair;
  const { id } = await a.sharing.share({ path: root, audience: 'everyone' });
  await readyOffer(b, id);
  const browse = (
    path: string,
    limit: number,
    after?: string,
  ): ReturnType<typeof b.sharing.browse> =>
    b.sharing.browse(a.key, id, { path, limit, ...(after !== undefined && { after }) });
  const top = await browse('', 10);
  expect(top).toMatchObject({
    entries: [
      { name: 'folder', path: 'folder', kind: 'folder', files: 25, bytes: 50 },
      { name: 'one', path: 'one', kind: 'file', files: 1, bytes: 3 },
    ],
    next: null,
  });
  expect(top.entries[1]?.modifiedAt).toBeGreaterThan(1_600_000_000_000);
  const names: string[] = [];
  let after: string | undefined;
  do {
    const page = await browse('/folder/', 10, after);
    expect(page.entries.length).toBeLessThanOrEqual(10);
    names.push(...page.entries.map((entry) => entry.path));
    after = page.next ?? undefined;
  } while (after !== undefined);
  expect(names).toHaveLength(25);
  expect(names).toEqual([...names].sort());
  await expect(browse('nowhere', 10)).rejects.toMatchObject({ code: 'entry-unknown' });
  await expect(browse('one', 10)).rejects.toMatchObject({ code: 'entry-unknown' });
});
