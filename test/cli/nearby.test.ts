import { describe, expect, test } from 'vitest';
import type { Handlers, NearbyInfo } from '../../main/api/contract.ts';
import { servePeer } from './support/cli.ts';
import { contact, keyOf } from './support/samples.ts';

const drawn = {
  words: ['fresh', 'hard', 'debate', 'mask', 'kid', 'worth'],
  icons: ['scissors', 'gem', 'book', 'feather'],
};
const iris: NearbyInfo = {
  key: keyOf('IRIS'),
  name: 'Iris',
  state: null,
  seenAt: 1,
  addresses: ['192.0.2.7:4711'],
  fingerprint: null,
};
const hidden: NearbyInfo = { ...iris, key: keyOf('HIDDEN'), name: null };

function room(peers: NearbyInfo[]): Partial<Handlers> {
  return {
    'nearby.list': async () => peers,
    'nearby.ask': async ({ key }) => {
      const index = peers.findIndex((peer) => peer.key === key);
      const asked = peers[index];
      if (asked !== undefined) peers[index] = { ...asked, state: 'invited', fingerprint: drawn };
      return contact({ key, name: 'Iris', state: 'invited', online: false, link: null });
    },
    'nearby.set': async ({ lan = 'contacts', name = false }) => ({ lan, name }),
  };
}

describe('nearby', () => {
  test('lists who is here, by what is known of them', async () => {
    const peer = await servePeer(room([iris, hidden]));
    const { code, stdout } = await peer.cli('nearby');
    expect(code).toBe(0);
    expect(stdout).toMatch(/Iris +stranger +192\.0\.2\.7:4711/);
    expect(JSON.parse((await peer.cli('nearby', '--json')).stdout)).toEqual([iris, hidden]);
  });

  test('says so when nobody is here', async () => {
    const peer = await servePeer(room([]));
    expect((await peer.cli('nearby')).stdout).toContain('Nobody is nearby');
  });

  test('shows the words of a request that waits here', async () => {
    const peer = await servePeer(room([{ ...iris, state: 'requested', fingerprint: drawn }]));
    const { stdout } = await peer.cli('nearby');
    expect(stdout).toContain('Iris must show the same:');
    expect(stdout).toContain(drawn.words.join(' '));
    expect(stdout).toContain('scissors, gem, book, feather');
  });

  test('asks by name or key, and prints what the other screen must show', async () => {
    const peer = await servePeer(room([iris, hidden]));
    const { code, stdout } = await peer.cli('nearby', 'ask', 'iris');
    expect(code).toBe(0);
    expect(stdout).toContain('Asked Iris; they have to accept.');
    expect(stdout).toContain(drawn.words.join(' '));
    const byKey = await peer.cli('nearby', 'ask', hidden.key.slice(0, 8), '--json');
    expect(JSON.parse(byKey.stdout)).toMatchObject({ key: hidden.key, state: 'invited' });
  });

  test('asks nobody who is not here, or who may be two', async () => {
    const gone = { ...iris, seenAt: null };
    const peer = await servePeer(room([gone, hidden, { ...hidden, key: keyOf('HIDDEO') }]));
    const missing = await peer.cli('nearby', 'ask', 'iris', '--json');
    expect(JSON.parse(missing.stderr)).toMatchObject({ error: { code: 'nearby-not-found' } });
    const two = await peer.cli('nearby', 'ask', 'AHID', '--json');
    expect(JSON.parse(two.stderr)).toMatchObject({ error: { code: 'ambiguous' } });
    expect(peer.calls()).not.toContain('nearby.ask');
  });

  test('changes who sees this peer', async () => {
    const peer = await servePeer(room([]));
    const { stdout } = await peer.cli('nearby', '--show', 'everyone', '--name');
    expect(stdout).toBe('Everyone on this network can find this peer, by its name.\n');
    expect((await peer.cli('nearby', '--show', 'off')).stdout).toContain('Nobody on this network');
    expect((await peer.cli('nearby', '--show', 'nonsense')).code).toBe(2);
  });
});
