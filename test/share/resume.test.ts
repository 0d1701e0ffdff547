import { randomBytes } from 'node:crypto';
import { open, readFile, readdir, rm, symlink, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CHUNK_BYTES } from '../../main/share/chunk-tree.ts';
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
import { digestTree, put, sha256File } from './support/trees.ts';

let pair: TestPair;
beforeEach(async () => {
  pair = await makePair();
});
afterEach(() => pair.dispose());

const CHUNKS = 100;

/** Begins a download of one file of 100 chunks and stops the receiver when some of it is there. */
async function beginAndStop(): Promise<{ id: string; part: string; received: number }> {
  const { a, b, dir, link } = pair;
  await put(join(dir, 'big'), randomBytes(CHUNKS * CHUNK_BYTES - 100));
  const share = await a.sharing.share({ path: join(dir, 'big'), audience: 'everyone' });
  await readyOffer(b, share.id);
  const { id } = await b.sharing.download({
    peer: a.key,
    share: share.id,
    path: '',
    into: b.downloads,
  });
  const before = link.sent.a;
  link.tap = (_from, bytes) => {
    if (link.sent.a - before > 9_000_000) link.cut();
    return bytes;
  };
  await until(() => !link.up && transferOf(b, id).state === 'waiting', 'the cut');
  link.tap = undefined;
  await b.sharing[Symbol.asyncDispose]();
  const part = join(b.downloads, '.skerry-part', id, '0');
  return { id, part, received: transferOf(b, id).chunks.received };
}

/** Restarts the receiver, watches the states, and waits for the end. */
async function resume(id: string): Promise<{ end: Transfer; states: string[]; bytes: number }> {
  const { a, b, link } = pair;
  const states: string[] = [];
  await b.restart();
  states.push(transferOf(b, id).state);
  b.sharing.on('transfer', (_id, transfer) => {
    if (transfer !== undefined && states.at(-1) !== transfer.state) states.push(transfer.state);
  });
  const before = link.sent.a;
  link.join();
  const end = await ended(b, id);
  expect(end.error).toBeNull();
  expect(await sha256File(end.target)).toBe(await sha256File(a.sharing.shares()[0]?.path ?? ''));
  return { end, states, bytes: link.sent.a - before };
}

test('resume - chunks that were verified before a restart are not asked for again', async () => {
  const { id, received } = await beginAndStop();
  expect(received).toBeGreaterThan(20);
  const { end, bytes, states } = await resume(id);
  expect(end.chunks).toEqual({ received: CHUNKS, refetched: 0 });
  expect(bytes).toBeLessThan((CHUNKS - received + 2) * CHUNK_BYTES);
  expect(states).toContain('verifying');
});

test('resume - chunks that were written but not noted yet are found', async () => {
  const { id } = await beginAndStop();
  pair.b.store.db.exec(`UPDATE transfer_groups SET verified = zeroblob(8)`);
  pair.b.store.db.exec(`UPDATE transfers SET chunks_received = 0, bytes_done = 0`);
  const { end } = await resume(id);
  expect(end.chunks).toEqual({ received: CHUNKS, refetched: 0 });
});

test('resume - chunks that are torn on disk are fetched again, and counted', async () => {
  const { id, part, received } = await beginAndStop();
  const file = await open(part, 'r+');
  await file.write(Buffer.alloc(10), 0, 10, 100);
  await file.write(Buffer.alloc(10), 0, 10, 2 * CHUNK_BYTES - 5);
  await file.close();
  const { end } = await resume(id);
  expect(end.chunks).toEqual({ received: CHUNKS + 3, refetched: 3 });
  expect(received).toBeLessThan(CHUNKS);
});

test('resume - a part file that was cut, deleted or replaced by a link is no trouble', async () => {
  const { id, part } = await beginAndStop();
  await truncate(part, CHUNK_BYTES + 5);
  await pair.b.restart();
  await until(() => transferOf(pair.b, id).state === 'waiting', 'the look at the parts');
  expect(transferOf(pair.b, id).chunks.refetched).toBeGreaterThan(10);
  await pair.b.sharing[Symbol.asyncDispose]();
  await rm(part);
  const elsewhere = join(pair.dir, 'elsewhere');
  await put(elsewhere, 'precious');
  await symlink(elsewhere, part);
  const { end } = await resume(id);
  expect(end.chunks.received).toBeGreaterThanOrEqual(CHUNKS);
  expect(await readFile(elsewhere, 'utf8')).toBe('precious');
});

test('resume - a file that got its name just before the end is found there, and is no second one', async () => {
  const { a, b, dir, link } = pair;
  for (let i = 0; i < 40; i += 1) {
    await put(join(dir, 'tree', `small file ${i + 10}`), randomBytes(1_000));
  }
  await put(join(dir, 'tree', 'larger file'), randomBytes(400_000));
  await put(join(dir, 'tree', 'z file'), randomBytes(20_000_000));
  const share = await a.sharing.share({ path: join(dir, 'tree'), audience: 'everyone' });
  await readyOffer(b, share.id);
  const { id } = await b.sharing.download({
    peer: a.key,
    share: share.id,
    path: '',
    into: b.downloads,
  });
  await cutWhen(pair, () => transferOf(b, id).files.done > 15);
  await b.sharing[Symbol.asyncDispose]();
  // As a kill leaves it: the files are there, the store does not know.
  b.store.db.exec('UPDATE transfer_files SET state = 0 WHERE state = 2');
  b.store.db.exec('UPDATE transfers SET files_done = 0, bytes_done = 0, chunks_received = 0');
  b.store.db.exec('DELETE FROM transfer_groups');
  b.store.db.exec('UPDATE transfer_files SET state = 0');
  const found = await readdir(join(b.downloads, 'tree'));
  expect(found.length).toBeGreaterThan(10);
  const asked: Buffer[] = [];
  link.tap = (from, bytes) => {
    if (from === 'b') asked.push(Buffer.from(bytes));
    return bytes;
  };
  await b.restart();
  link.join();
  const end = await ended(b, id);
  expect(end).toMatchObject({ state: 'done', files: { done: 42, total: 42 } });
  expect(end.chunks.received).toBe(40 + 2 + 77);
  const requests = Buffer.concat(asked);
  for (const name of found) expect(requests.includes(name), name).toBe(false);
  expect(await digestTree(end.target)).toEqual(await digestTree(join(dir, 'tree')));
  expect(await readdir(b.downloads)).toEqual(['tree']);
});

test('resume - the source may restart too', async () => {
  const { a, b, dir, link } = pair;
  await put(join(dir, 'big'), randomBytes(12_000_000));
  const share = await a.sharing.share({ path: join(dir, 'big'), audience: 'everyone' });
  await readyOffer(b, share.id);
  const { id } = await b.sharing.download({
    peer: a.key,
    share: share.id,
    path: '',
    into: b.downloads,
  });
  const before = link.sent.a;
  await cutWhen(pair, () => link.sent.a - before > 3_000_000);
  await a.restart();
  link.join();
  expect(await ended(b, id)).toMatchObject({
    state: 'done',
    chunks: { received: 46, refetched: 0 },
  });
  expect(await sha256File(join(b.downloads, 'big'))).toBe(await sha256File(join(dir, 'big')));
});
