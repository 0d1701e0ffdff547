import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ended, makePair, readyOffer, transferOf, until, type TestPair } from './support/peers.ts';
import { put, sha256File } from './support/trees.ts';

let pair: TestPair;
let disk: string;
beforeEach(async () => {
  pair = await makePair();
  disk = join(pair.dir, 'disk');
  await mkdir(disk);
  // A disk of 8 MB; where it cannot be mounted (no root) the test fails, and says so.
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]);
});
afterEach(async () => {
  await pair.b.sharing[Symbol.asyncDispose]();
  execFileSync('umount', [disk]);
  await pair.dispose();
});

async function offer(bytes: number): Promise<string> {
  const { a, b, dir } = pair;
  await put(join(dir, 'big'), randomBytes(bytes));
  const { id } = await a.sharing.share({ path: join(dir, 'big'), audience: 'everyone' });
  await readyOffer(b, id);
  return id;
}

test('disk full - is known before anything is fetched, with how much is missing', async () => {
  const { a, b } = pair;
  const share = await offer(20_000_000);
  const { id } = await b.sharing.download({ peer: a.key, share, path: '', into: disk });
  const end = await ended(b, id);
  expect(end).toMatchObject({
    state: 'failed',
    error: { code: 'disk-full' },
    chunks: { received: 0 },
  });
  expect(end.error?.message).toMatch(/ 11\.[5-9] MB more are needed\.$/);
});

test('disk full - in the middle keeps what has arrived, and retry goes on from there', async () => {
  const { a, b, dir, link } = pair;
  const share = await offer(6_000_000);
  const before = link.sent.a;
  let filled = false;
  link.tap = (_from, bytes) => {
    if (!filled && link.sent.a - before > 1_500_000) {
      filled = true;
      link.cut();
    }
    return bytes;
  };
  const { id } = await b.sharing.download({ peer: a.key, share, path: '', into: disk });
  await until(() => filled && transferOf(b, id).state === 'waiting', 'the cut');
  link.tap = (_from, bytes) => {
    link.tap = undefined;
    // Behind the check of free space: somebody else fills the disk now.
    spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'other')}`, 'bs=256k']);
    return bytes;
  };
  await writeFile(join(disk, 'other'), '');
  link.join();
  const fail = await ended(b, id);
  expect(fail).toMatchObject({ state: 'failed', error: { code: 'disk-full' } });
  const { received } = transferOf(b, id).chunks;
  expect(received).toBeGreaterThan(0);
  await rm(join(disk, 'other'));
  b.sharing.retry(id);
  const end = await ended(b, id);
  expect(end).toMatchObject({ state: 'done', chunks: { received: 23, refetched: 0 } });
  expect(await sha256File(end.target)).toBe(await sha256File(join(dir, 'big')));
});
