import { execFileSync } from 'node:child_process';
import { link, mkdir, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Share } from '../../main/share/types.ts';
import { makePair, readyShare, until, type TestPair } from './support/peers.ts';
import { put } from './support/trees.ts';

let pair: TestPair;
let root: string;
beforeEach(async () => {
  pair = await makePair();
  root = join(pair.dir, 'root');
  await mkdir(root);
});
afterEach(() => pair.dispose());

async function shareRoot(): Promise<Share> {
  const { id } = await pair.a.sharing.share({ path: root, audience: 'everyone' });
  await until(() => pair.a.sharing.shares()[0]?.state !== 'hashing', 'the scan');
  return pair.a.sharing.shares().find((share) => share.id === id) as Share;
}

async function names(path = ''): Promise<string[]> {
  const { a, b } = pair;
  const share = a.sharing.shares()[0]?.id ?? '';
  const { entries } = await b.sharing.browse(a.key, share, { path, limit: 1_000 });
  return entries.map((entry) => (entry.kind === 'folder' ? `${entry.name}/` : entry.name));
}

test('scan - links are followed inside the share only, and cycles end', async () => {
  await put(join(root, 'real', 'file'), 'content');
  await put(join(pair.dir, 'outside', 'secret'), 'secret');
  await symlink('real/file', join(root, 'to-file'));
  await symlink('real', join(root, 'to-folder'));
  await symlink('..', join(root, 'real', 'up'));
  await symlink(join(pair.dir, 'outside'), join(root, 'out'));
  await symlink(join(pair.dir, 'outside', 'secret'), join(root, 'out-file'));
  await symlink('nowhere', join(root, 'dangling'));
  await symlink('self', join(root, 'self'));
  const share = await shareRoot();
  expect(share).toMatchObject({ state: 'ready', files: 3, bytes: 21 });
  expect(await names()).toEqual(['real/', 'to-file', 'to-folder/']);
  expect(await names('to-folder')).toEqual(['file']);
  expect(share.skipped.count).toBe(6);
  expect(share.skipped.examples.join('\n')).toMatch(/out is a link out of the share/);
  expect(share.skipped.examples.join('\n')).toMatch(/up is a link to a folder it is in/);
});

test('scan - sockets and pipes are skipped and counted', async () => {
  await put(join(root, 'file'), 'content');
  const server = createServer().listen(join(root, 'socket'));
  execFileSync('mkfifo', [join(root, 'pipe')]);
  const share = await shareRoot();
  server.close();
  expect(share).toMatchObject({ state: 'ready', files: 1 });
  expect(share.skipped.count).toBe(2);
  expect(share.skipped.examples).toContain('pipe is neither a file nor a folder');
});

test('scan - of two names that are one in Unicode form NFC, one is shared', async () => {
  await put(join(root, 'e\u0301'), 'decomposed');
  await put(join(root, 'é'), 'composed');
  const share = await shareRoot();
  expect(share).toMatchObject({ files: 1, bytes: 8 });
  expect(share.skipped.count).toBe(1);
  expect(await names()).toEqual(['é']);
});

test('scan - what was added, changed, moved or deleted while the peer was down is noticed at its start', async () => {
  for (const name of ['same', 'changed', 'touched', 'moved', 'deleted']) {
    await put(join(root, 'sub', name), `content of ${name}`);
  }
  await put(join(root, 'gone', 'x'), 'x');
  const before = await shareRoot();
  await pair.a.sharing[Symbol.asyncDispose]();
  await put(join(root, 'sub', 'added'), 'new');
  await put(join(root, 'sub', 'changed'), 'other content');
  await utimes(join(root, 'sub', 'touched'), 1, 1);
  await rename(join(root, 'sub', 'moved'), join(root, 'sub', 'there'));
  await rm(join(root, 'sub', 'deleted'));
  await rm(join(root, 'gone'), { recursive: true });
  await pair.a.restart();
  const share = await until(
    () => pair.a.sharing.shares().find((one) => one.state === 'ready' && one.files === 5),
    'the second scan',
  );
  expect(share.id).toBe(before.id);
  expect(await names()).toEqual(['sub/']);
  expect(await names('sub')).toEqual(['added', 'changed', 'same', 'there', 'touched']);
});

test('scan - a folder that stays as it is keeps its manifest over a restart', async () => {
  await put(join(root, 'file'), 'content');
  await mkdir(join(root, 'empty'));
  await shareRoot();
  const revision = (): unknown =>
    pair.a.store.db.prepare('SELECT revision, manifest FROM shares').get();
  const before = revision();
  await pair.a.restart();
  await readyShare(pair.a, pair.a.sharing.shares()[0]?.id ?? '');
  const generation = pair.a.store.db.prepare<[], { generation: number }>(
    'SELECT generation FROM shares',
  );
  await until(() => generation.get()?.generation === 2, 'the second walk');
  expect(revision()).toEqual(before);
});

test('scan - a scan that was cut short is finished at the next start', async () => {
  for (let i = 0; i < 300; i += 1) await put(join(root, `f${i}`), `${i}`);
  await put(join(root, 'large'), Buffer.alloc(20_000_000, 1));
  await pair.a.sharing.share({ path: root, audience: 'everyone' });
  await until(() => (pair.a.sharing.shares()[0]?.files ?? 0) > 0, 'the walk');
  await pair.a.restart();
  const share = await until(
    () => pair.a.sharing.shares().find((one) => one.state === 'ready'),
    'the second scan',
  );
  expect(share).toMatchObject({ files: 301, hashedBytes: share.bytes });
});

test('scan - a share can be browsed, with sums, while its files are being hashed', async () => {
  await put(join(root, 'deep', 'er', 'small'), 'x');
  await writeFile(join(root, 'large'), '');
  await truncate(join(root, 'large'), 300_000_000);
  const { id } = await pair.a.sharing.share({ path: root, audience: 'everyone' });
  await until(
    () => pair.a.sharing.shares().some((share) => share.bytes > 0 && share.state === 'hashing'),
    'the walk',
  );
  const { entries } = await pair.b.sharing.browse(pair.a.key, id, { path: '', limit: 10 });
  expect(entries).toMatchObject([
    { name: 'deep', kind: 'folder', files: 1, bytes: 1 },
    { name: 'large', kind: 'file', bytes: 300_000_000 },
  ]);
  pair.a.sharing.unshare(id);
  expect(pair.a.sharing.shares()).toEqual([]);
});

test('share - what cannot be shared is refused with a reason', async () => {
  const { sharing } = pair.a;
  const audience = 'everyone';
  await expect(sharing.share({ path: join(root, 'none'), audience })).rejects.toMatchObject({
    code: 'path-missing',
  });
  execFileSync('mkfifo', [join(root, 'pipe')]);
  await expect(sharing.share({ path: join(root, 'pipe'), audience })).rejects.toMatchObject({
    code: 'path-unsupported',
  });
  await put(join(root, 'file'), 'x');
  await sharing.share({ path: root, audience });
  await expect(sharing.share({ path: `${root}/`, audience })).rejects.toMatchObject({
    code: 'already-shared',
  });
  expect(() => sharing.unshare('nothing')).toThrow(
    expect.objectContaining({ code: 'share-unknown' }),
  );
});

test('share - one whose folder is gone fails with a reason, and can be shared again', async () => {
  await put(join(root, 'file'), 'x');
  await link(join(root, 'file'), join(root, 'other'));
  const { id } = await shareRoot();
  await rm(root, { recursive: true });
  await pair.a.restart();
  const failed = await until(
    () => pair.a.sharing.shares().find((share) => share.state === 'failed'),
    'the failure',
  );
  expect(failed).toMatchObject({ id, error: { code: 'path-missing' } });
  await put(join(root, 'file'), 'x');
  const again = await shareRoot();
  expect(again).toMatchObject({ state: 'ready', files: 1 });
  expect(pair.a.sharing.shares()).toHaveLength(1);
});

test('unshare - leaves nothing in the store', async () => {
  for (let i = 0; i < 50; i += 1) await put(join(root, `f${i}`), `${i}`);
  await put(join(root, 'large'), Buffer.alloc(600_000));
  const { id } = await shareRoot();
  pair.a.sharing.unshare(id);
  const count = (table: string): number =>
    pair.a.store.db.prepare<[], { n: number }>(`SELECT count(*) AS n FROM ${table}`).get()?.n ?? -1;
  const tables = ['share_entries', 'share_leaves', 'share_trees', 'share_pages', 'shares'];
  await until(() => tables.every((table) => count(table) === 0), 'an empty store');
  expect(tables.map(count)).toEqual([0, 0, 0, 0, 0]);
});
