import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  openSync,
  closeSync,
  writeSync,
  statSync,
  utimesSync,
  rmSync,
} from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ended, makePair, readyOffer, until, type TestPair } from './support/peers.ts';
import { digestTree, exists, put, sha256File } from './support/trees.ts';

let pair: TestPair;
let tree: string;
let share: string;
beforeEach(async () => {
  pair = await makePair();
  const { a, b, dir } = pair;
  tree = join(dir, 'tree');
  await put(join(tree, 'a.bin'), randomBytes(3_000_000));
  await put(join(tree, 'b.bin'), randomBytes(3_000_000));
  await put(join(tree, 'c.txt'), 'small');
  share = (await a.sharing.share({ path: tree, audience: 'everyone' })).id;
  await readyOffer(b, share);
});
afterEach(() => pair.dispose());

function download(): Promise<{ id: string }> {
  return pair.b.sharing.download({ peer: pair.a.key, share, path: '', into: pair.b.downloads });
}

/** Runs `change` once, when the source has sent this much. */
function when(bytes: number, change: () => void): void {
  const before = pair.link.sent.a;
  pair.link.tap = (from, sent) => {
    if (from === 'a' && pair.link.sent.a - before > bytes) {
      pair.link.tap = undefined;
      change();
    }
    return sent;
  };
}

test('changes - a file that changed before it is read is fetched as it is now', async () => {
  await writeFile(join(tree, 'b.bin'), randomBytes(1_234_567));
  await writeFile(join(tree, 'c.txt'), 'changed');
  const { id } = await download();
  const end = await ended(pair.b, id);
  expect(end.error).toBeNull();
  expect(end.bytes).toEqual({ done: 4_234_574, total: 4_234_574 });
  expect(await digestTree(end.target)).toEqual(await digestTree(tree));
});

test('changes - a file that grows while it is read is fetched anew', async () => {
  when(2_000_000, () => {
    appendFileSync(join(tree, 'a.bin'), 'more');
    appendFileSync(join(tree, 'b.bin'), 'more');
  });
  const { id } = await download();
  const end = await ended(pair.b, id);
  expect(end.error).toBeNull();
  // What was read whole before it grew is as it was; a mixture is never accepted.
  for (const name of ['a.bin', 'b.bin']) {
    const got = await readFile(join(end.target, name));
    const now = await readFile(join(tree, name));
    expect([now.length - 4, now.length]).toContain(got.length);
    expect(got.equals(now.subarray(0, got.length))).toBe(true);
  }
});

test('changes - bytes that change under the same size and times are noticed by their hash', async () => {
  const path = join(tree, 'b.bin');
  const { atimeMs, mtimeMs } = statSync(path);
  const before = await sha256File(path);
  // Whole milliseconds, so that the time can be set back exactly.
  const whole = Math.floor(mtimeMs) / 1000;
  utimesSync(path, atimeMs / 1000, whole);
  pair.a.sharing.unshare(share);
  share = (await pair.a.sharing.share({ path: tree, audience: 'everyone' })).id;
  await readyOffer(pair.b, share);
  const fd = openSync(path, 'r+');
  writeSync(fd, 'other bytes', 1_500_000);
  closeSync(fd);
  utimesSync(path, atimeMs / 1000, whole);
  const { id } = await download();
  const end = await ended(pair.b, id);
  expect(end.error).toBeNull();
  expect(await sha256File(join(end.target, 'b.bin'))).toBe(await sha256File(path));
  expect(await sha256File(path)).not.toBe(before);
});

test('changes - a file that is deleted at the source fails the download, with all others there', async () => {
  rmSync(join(tree, 'b.bin'));
  const { id } = await download();
  const end = await ended(pair.b, id);
  expect(end).toMatchObject({ state: 'failed', error: { code: 'file-changed' } });
  expect(end.error?.message).toContain('b.bin');
  expect(await sha256File(join(end.target, 'a.bin'))).toBe(await sha256File(join(tree, 'a.bin')));
  expect(await readFile(join(end.target, 'c.txt'), 'utf8')).toBe('small');
  expect(await exists(join(end.target, 'b.bin'))).toBe(false);

  await put(join(tree, 'b.bin'), 'it is back');
  await pair.a.restart();
  await until(
    () => pair.a.sharing.shares().some((one) => one.state === 'ready' && one.files === 3),
    'the source to see it',
  );
  pair.b.sharing.retry(id);
  expect(await ended(pair.b, id)).toMatchObject({ state: 'done', files: { done: 3, total: 3 } });
  expect(await readFile(join(end.target, 'b.bin'), 'utf8')).toBe('it is back');
});

test('changes - a file that is never at rest fails the download in the end', async () => {
  let writes = 0;
  pair.link.tap = (from, sent) => {
    // Each answer finds the file changed once more.
    if (from === 'b' && Buffer.from(sent).includes('b.bin')) {
      appendFileSync(join(tree, 'b.bin'), `${(writes += 1)}`);
    }
    return sent;
  };
  const { id } = await download();
  const end = await ended(pair.b, id, 28_000);
  expect(end).toMatchObject({ state: 'failed', error: { code: 'file-changed' } });
  expect(writes).toBeLessThan(20);
});
