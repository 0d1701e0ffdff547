import { expect, test } from 'vitest';
import type { ShareInfo, TransferInfo } from '../../main/api/contract.ts';
import { sha256, writeRandomFile } from '../support/files.ts';
import { introduce, scratchFolder, startPeer, until } from '../support/peer-process.ts';

const BYTES = 768 * 1024 ** 2;
const KILLS = 10;

/**
 * Ten kills at random moments, of either side in turn by chance. A moment is chosen by how far the download has
 * come, so that every kill is in the middle of one on a slow machine too.
 */
test('kill -9 of either side at ten random moments - the download ends whole, nothing verified is fetched again', async () => {
  using scratch = scratchFolder();
  writeRandomFile(scratch.path('large.bin'), BYTES);
  let a = await startPeer(scratch.path('a'), ['--name', 'Alice']);
  let b = await startPeer(scratch.path('b'), ['--name', 'Bob']);
  try {
    await introduce(a, b);
    await a.json('share', scratch.path('large.bin'));
    await until(
      async () => (await a.json<ShareInfo[]>('shares'))[0]?.state === 'ready',
      'the file is hashed',
      60_000,
    );
    await b.json('get', 'Alice/large.bin', '-o', scratch.path('in'), '--no-wait');
    const progress = async (): Promise<TransferInfo> => {
      const [transfer] = await b.json<TransferInfo[]>('transfers');
      if (transfer === undefined) throw new Error('the transfer is gone');
      return transfer;
    };
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const moment = (BYTES * (kill - 1 + Math.random())) / (KILLS + 1);
      await until(
        async () => (await progress()).bytes.done >= moment,
        `the download has come to ${Math.round(moment)} bytes`,
        60_000,
      );
      expect((await progress()).state).not.toBe('done');
      if (Math.random() < 0.5) {
        await a.kill();
        a = await startPeer(scratch.path('a'));
      } else {
        await b.kill();
        b = await startPeer(scratch.path('b'));
      }
    }
    await until(async () => (await progress()).state === 'done', 'the download is done', 120_000);
    const done = await progress();
    expect(await sha256(scratch.path('in', 'large.bin'))).toBe(
      await sha256(scratch.path('large.bin')),
    );
    expect(done.chunks.refetched).toBe(0);
    expect(done.bytes).toEqual({ done: BYTES, total: BYTES });
  } finally {
    await Promise.all([a.stop(), b.stop()]);
  }
}, 300_000);
