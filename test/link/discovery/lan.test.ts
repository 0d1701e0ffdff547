/** Whole peers on a local network of namespaces, found by real multicast. */
import { afterEach, describe, expect, test } from 'vitest';
import type { ContactInfo, NearbyInfo } from '../../../main/api/contract.ts';
import { whyNoNamespaces, type Namespace } from '../../support/namespaces.ts';
import { scratchFolder, startPeer, until, type PeerProcess } from '../../support/peer-process.ts';
import { Lan } from './lan.ts';

const without = whyNoNamespaces();
if (without !== undefined) console.log(`LEFT OUT discovery in namespaces: ${without}`);
const title = without === undefined ? 'discovery in a LAN' : `discovery in a LAN (${without})`;

const peers: PeerProcess[] = [];
afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.stop()));
});

describe.skipIf(without !== undefined)(title, () => {
  async function up(home: string, host: Namespace, name: string): Promise<PeerProcess> {
    const peer = await startPeer(home, ['--name', name, '--no-ui'], {
      within: ['ip', 'netns', 'exec', host.name],
      env: { SKERRY_DISCOVERY: '' },
    });
    peers.push(peer);
    return peer;
  }
  const nearby = (peer: PeerProcess): Promise<NearbyInfo[]> => peer.json<NearbyInfo[]>('nearby');
  const sees = async (peer: PeerProcess, other: PeerProcess): Promise<NearbyInfo | undefined> =>
    (await nearby(peer)).find(({ key }) => key === other.status.key);

  test('strangers see each other, one asks, both read the same words, and they are contacts', async () => {
    using scratch = scratchFolder();
    using lan = new Lan();
    const ada = await up(scratch.path('a'), lan.host(), 'Ada');
    const bob = await up(scratch.path('b'), lan.host(), 'Bob');
    expect(await nearby(ada)).toEqual([]);
    await bob.json('nearby', '--show', 'everyone', '--name');
    await until(async () => (await sees(ada, bob))?.name === 'Bob', 'Ada sees Bob');
    expect(await sees(bob, ada)).toBeUndefined();

    await ada.json('nearby', 'ask', 'bob');
    await until(
      async () => (await sees(bob, ada))?.state === 'requested',
      'Bob hears of the request',
    );
    const [asked, asker] = [await sees(ada, bob), await sees(bob, ada)];
    expect(asked?.fingerprint?.words).toHaveLength(6);
    expect(asker?.fingerprint).toEqual(asked?.fingerprint);

    await bob.json('peers', 'accept', ada.status.key);
    await until(
      async () => (await ada.json<ContactInfo[]>('peers'))[0]?.link?.path === 'udp',
      'the link',
    );
  });
});
