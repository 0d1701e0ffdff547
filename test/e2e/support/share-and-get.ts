import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { LinkInfo, OfferInfo, ShareInfo, TransferInfo } from '../../../main/api/contract.ts';
import { sha256, treeHashes, writeRandomFile } from '../../support/files.ts';
import {
  introduce,
  scratchFolder,
  startPeer,
  until,
  type PeerProcess,
} from '../../support/peer-process.ts';

/** A real tree of over 5,000 files that every checkout has. */
const TREE = fileURLToPath(new URL('../../../node_modules/@lucide/svelte', import.meta.url));
const GIB = 1024 ** 3;

async function ready(owner: PeerProcess, count: number): Promise<void> {
  await until(
    async () => {
      const shares = await owner.json<ShareInfo[]>('shares');
      return shares.filter(({ state }) => state === 'ready').length === count;
    },
    'all shares are hashed',
    60_000,
  );
}

/** Two peers, an invite, a tree and a file of 1 GiB: listed, fetched, and every hash compared. */
export async function shareAndGet(
  path: 'udp' | 'nats',
  options: readonly string[],
): Promise<{ alice: LinkInfo; bob: LinkInfo }> {
  using scratch = scratchFolder();
  const a = await startPeer(scratch.path('a'), ['--name', 'Alice', ...options]);
  const b = await startPeer(scratch.path('b'), ['--name', 'Bob', ...options]);
  try {
    await introduce(a, b);
    writeRandomFile(scratch.path('large.bin'), GIB);
    await a.json('share', TREE, '--name', 'tree');
    await a.json('share', scratch.path('large.bin'));
    await ready(a, 2);

    const offers = await b.json<OfferInfo[]>('inbox');
    expect(offers.map(({ name }) => name).sort()).toEqual(['large.bin', 'tree']);
    expect(offers.find(({ name }) => name === 'tree')?.files).toBeGreaterThan(5000);

    const into = scratch.path('in');
    const tree = await b.json<TransferInfo>('get', 'Alice/tree', '-o', into);
    const file = await b.json<TransferInfo>('get', 'Alice/large.bin', '-o', into);
    expect(tree.state).toBe('done');
    expect(file).toMatchObject({ state: 'done', bytes: { done: GIB, total: GIB } });
    expect(existsSync(file.target)).toBe(true);
    expect(await sha256(scratch.path('in', 'large.bin'))).toBe(
      await sha256(scratch.path('large.bin')),
    );
    const fetched = await treeHashes(scratch.path('in', 'tree'));
    expect(fetched.size).toBeGreaterThan(5000);
    expect(fetched).toEqual(await treeHashes(TREE));

    const [alice] = await a.json<LinkInfo[]>('links');
    const [bob] = await b.json<LinkInfo[]>('links');
    if (alice === undefined || bob === undefined) throw new Error('the link is gone');
    expect([alice.path, bob.path]).toEqual([path, path]);
    return { alice, bob };
  } finally {
    await Promise.all([a.stop(), b.stop()]);
  }
}
