/** Discovery by real multicast, between hosts on a local network of namespaces. */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { ContactInfo, NearbyInfo } from '../../../main/api/contract.ts';
import type { NearbyPeer } from '../../../main/link/discovery/nearby-table.ts';
import { whyNoNamespaces, type Namespace } from '../../support/namespaces.ts';
import {
  scratchFolder,
  startPeer,
  until as untilAsked,
  type PeerProcess,
} from '../../support/peer-process.ts';
import { Lan } from './lan.ts';
import { testIdentity, until } from './support.ts';

const without = whyNoNamespaces();
if (without !== undefined) console.log(`LEFT OUT discovery in a LAN: ${without}`);
const title = without === undefined ? 'discovery in a LAN' : `discovery in a LAN (${without})`;

const script = fileURLToPath(new URL('lan-peer.ts', import.meta.url));

/** What a host's discovery has told so far. */
class Watcher implements AsyncDisposable {
  readonly key: string;
  readonly #seen = new Map<string, NearbyPeer>();
  readonly #child: ReturnType<Namespace['fork']>;

  private constructor(child: ReturnType<Namespace['fork']>, seed: number) {
    this.key = testIdentity(seed).key;
    this.#child = child;
    child.on('message', (message) => {
      const { seen, gone } = message as { seen?: NearbyPeer; gone?: string };
      if (seen !== undefined) this.#seen.set(seen.key, seen);
      if (gone !== undefined) this.#seen.delete(gone);
    });
  }

  /** Resolves when discovery has started. */
  static async start(host: Namespace, seed: number, contacts: string[] = []): Promise<Watcher> {
    const watcher = new Watcher(host.fork([script, String(seed), ...contacts]), seed);
    for (;;) {
      const [message] = (await once(watcher.#child, 'message')) as [object];
      if ('started' in message) return watcher;
    }
  }

  hosts(other: Watcher): string[] {
    return (this.#seen.get(other.key)?.addresses ?? []).map(({ host }) => host);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    await exited;
  }
}

async function seeEachOther(one: Watcher, two: Watcher): Promise<void> {
  await until(() => one.hosts(two).length > 0 && two.hosts(one).length > 0, 'both see each other');
}

describe.skipIf(without !== undefined)(title, () => {
  test('two hosts see each other, by all their addresses, and a goodbye', async () => {
    using lan = new Lan();
    await using one = await Watcher.start(lan.host(), 1);
    const two = await Watcher.start(lan.host(), 2);
    await seeEachOther(one, two);
    await until(() => one.hosts(two).some((host) => host.startsWith('fe80:')), 'IPv6 as well');
    expect(one.hosts(two)).toEqual(expect.arrayContaining(['10.88.0.2', 'fd88::2']));
    await two[Symbol.asyncDispose]();
    await until(() => one.hosts(two).length === 0, 'the goodbye');
  });

  for (const [blocked, port] of [
    ['mDNS', 5353],
    ['the beacon', 7537],
  ] as const) {
    test(`two contacts find each other where ${blocked} is blocked`, async () => {
      using lan = new Lan();
      const [a, b] = [lan.host(), lan.host()];
      for (const host of [a, b]) lan.drop(host, `udp dport ${String(port)}`);
      const keys = [testIdentity(1).key, testIdentity(2).key] as const;
      await using one = await Watcher.start(a, 1, [keys[1]]);
      await using two = await Watcher.start(b, 2, [keys[0]]);
      await seeEachOther(one, two);
      expect(one.hosts(two)).toContain('10.88.0.2');
    });
  }

  test('two hosts with IPv6 alone see each other', async () => {
    using lan = new Lan();
    const [a, b] = [lan.host(), lan.host()];
    a.ip('-4', 'addr', 'flush', 'dev', 'lan0');
    b.ip('-4', 'addr', 'flush', 'dev', 'lan0');
    await using one = await Watcher.start(a, 1);
    await using two = await Watcher.start(b, 2);
    await seeEachOther(one, two);
    expect(one.hosts(two)).toContain('fd88::2');
  });

  test('a new address is told at once, without anybody asking', async () => {
    using lan = new Lan();
    const [a, b] = [lan.host(), lan.host()];
    await using one = await Watcher.start(a, 1);
    await using two = await Watcher.start(b, 2);
    await seeEachOther(one, two);
    lan.move(b, '10.88.0.2', '10.88.0.77');
    await until(() => one.hosts(two).includes('10.88.0.77'), 'the new address');
  });

  test('strangers ask, compare and accept; then they find each other by new ports alone', async () => {
    using scratch = scratchFolder();
    using lan = new Lan();
    const hosts = [lan.host(), lan.host()] as const;
    const up = (index: 0 | 1, name: string): Promise<PeerProcess> =>
      startPeer(scratch.path(name), ['--name', name, '--no-ui', '--port', '0'], {
        within: ['ip', 'netns', 'exec', hosts[index].name],
        env: { SKERRY_DISCOVERY: '' },
      });
    const sees = async (peer: PeerProcess, other: PeerProcess): Promise<NearbyInfo | undefined> =>
      (await peer.json<NearbyInfo[]>('nearby')).find(({ key }) => key === other.status.key);
    const linked = (peer: PeerProcess): Promise<void> =>
      untilAsked(
        async () => (await peer.json<ContactInfo[]>('peers'))[0]?.link?.path === 'udp',
        'the link',
      );

    let [ada, bob] = await Promise.all([up(0, 'Ada'), up(1, 'Bob')]);
    try {
      await bob.json('nearby', '--show', 'everyone', '--name');
      await untilAsked(async () => (await sees(ada, bob))?.name === 'Bob', 'Ada sees Bob');
      expect(await sees(bob, ada)).toBeUndefined();
      await ada.json('nearby', 'ask', 'bob');
      await untilAsked(async () => (await sees(bob, ada))?.state === 'requested', 'the request');
      const [asked, asker] = await Promise.all([sees(ada, bob), sees(bob, ada)]);
      expect(asked?.fingerprint?.words).toHaveLength(6);
      expect(asker?.fingerprint).toEqual(asked?.fingerprint);
      await bob.json('peers', 'accept', ada.status.key);
      await linked(ada);

      await Promise.all([ada.stop(), bob.stop()]);
      [ada, bob] = await Promise.all([up(0, 'Ada'), up(1, 'Bob')]);
      await linked(ada);
    } finally {
      await Promise.all([ada.stop(), bob.stop()]);
    }
  }, 120_000);
});
