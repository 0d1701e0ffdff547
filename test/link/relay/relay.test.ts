import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import {
  acquaint,
  befriend,
  createRelayPeer,
  fetchHash,
  linked,
  type RelayPeer,
  serveBlob,
  sha256,
  stopRelayPeers,
  until,
  WIDE,
} from './support.ts';

const MIB = 1024 * 1024;

afterEach(stopRelayPeers);

const create = (...names: string[]): Promise<RelayPeer[]> =>
  Promise.all(names.map((name) => createRelayPeer(name)));

/** Peers of which each is linked with the next, and relays between its neighbours. */
async function row(count: number): Promise<RelayPeer[]> {
  const peers = await create(...Array.from({ length: count }, (_, index) => `Peer ${index}`));
  for (const [index, peer] of peers.entries()) {
    const next = peers[index + 1];
    if (next !== undefined) await befriend(peer, next);
  }
  return peers;
}

function ends(peers: readonly RelayPeer[]): [RelayPeer, RelayPeer] {
  const [first, last] = [peers[0], peers.at(-1)];
  if (first === undefined || last === undefined) throw new Error('nobody there');
  return [first, last];
}

const stateTo = (peer: RelayPeer, other: RelayPeer): string | undefined =>
  peer.links.get(other.key)?.path;

test('relay - two peers without a way to each other are linked through a contact that reads nothing', async () => {
  const passed: Buffer[] = [];
  const spy = (frames: Buffer[]): Buffer[] => {
    if (passed.length < 20_000) passed.push(...frames);
    return frames;
  };
  const x = await createRelayPeer('Xenia', WIDE, spy);
  const [a, b] = ends(await create('Ada', 'Bob'));
  await befriend(a, x);
  await befriend(x, b);
  acquaint(a, b);
  await linked(a, b);
  expect(a.links.get(b.key)).toMatchObject({ path: 'relay', remote: x.key });
  expect(b.links.get(a.key)).toMatchObject({ path: 'relay', remote: x.key });
  const blob = Buffer.alloc(20 * MIB, 'what Bob says to Ada is nobody else’s business. ');
  serveBlob(b, blob);
  expect(await fetchHash(a, b)).toBe(sha256(blob));
  expect(x.relaying.carried()).toBe(1);
  const all = Buffer.concat(passed);
  expect(all.length).toBeGreaterThan(10 * MIB);
  expect(all.includes('nobody else')).toBe(false);
  // The largest datagram there is, with its length.
  expect(Math.max(...passed.map(({ length }) => length))).toBe(1_352);
});

test('relay - the contact stops while a stream runs, and the stream goes on over another contact', async () => {
  const [a, x, y, b] = (await create('Ada', 'Xenia', 'Yuri', 'Bob')) as [
    RelayPeer,
    RelayPeer,
    RelayPeer,
    RelayPeer,
  ];
  for (const relay of [x, y]) {
    await befriend(a, relay);
    await befriend(relay, b);
  }
  acquaint(a, b);
  await linked(a, b);
  await until(
    () =>
      a.links.get(b.key)?.paths.filter(({ state }) => state !== 'silent').length === 2 &&
      b.links.get(a.key)?.paths.filter(({ state }) => state !== 'silent').length === 2,
    'no second path',
  );
  const blob = randomBytes(20 * MIB);
  serveBlob(b, blob);
  const before = [...a.events];
  const used = a.links.get(b.key)?.remote === x.key ? x : y;
  let stopped: Promise<void> | undefined;
  const hash = await fetchHash(a, b, (count) => {
    if (count > 5 * MIB) stopped ??= used.links.stop();
  });
  expect(hash).toBe(sha256(blob));
  expect(stopped).toBeDefined();
  await stopped;
  expect(a.links.get(b.key)?.remote).toBe(used === x ? y.key : x.key);
  expect(a.events.slice(before.length)).not.toContain(`down ${b.key}`);
});

test.each([
  [4, 2],
  [5, 3],
])('relay - of %i peers in a row the first and the last are linked', async (count, relays) => {
  const peers = await row(count);
  const [a, b] = ends(peers);
  acquaint(a, b);
  await linked(a, b);
  const blob = randomBytes(2 * MIB);
  serveBlob(b, blob);
  expect(await fetchHash(a, b)).toBe(sha256(blob));
  expect(peers.filter(({ relaying }) => relaying.carried() > 0)).toHaveLength(relays);
});

test('relay - of six peers in a row the first and the last are too far from each other', async () => {
  const peers = await row(6);
  const [a, b] = ends(peers);
  const [, second] = peers;
  const [, fifth] = peers.toReversed();
  acquaint(a, b);
  // Those that are one nearer have found each other: everybody knows what there is to know.
  if (second === undefined || fifth === undefined) throw new Error('nobody there');
  acquaint(second, b);
  acquaint(a, fifth);
  await linked(second, b);
  await linked(a, fifth);
  expect(a.relaying.waysOf(b.key)).toEqual([]);
  expect(b.relaying.waysOf(a.key)).toEqual([]);
  expect(stateTo(a, b)).toBeUndefined();
});

test('relay - switched off, nothing is carried any more', async () => {
  const [a, x, b] = (await create('Ada', 'Xenia', 'Bob')) as [RelayPeer, RelayPeer, RelayPeer];
  await befriend(a, x);
  await befriend(x, b);
  acquaint(a, b);
  await linked(a, b);
  x.allow(a.key, false);
  await until(() => stateTo(a, b) === undefined && stateTo(b, a) === undefined, 'still linked');
  expect(x.relaying.carried()).toBe(0);
  await until(() => a.relaying.waysOf(b.key).length === 0, 'still a way');
  x.allow(a.key);
  await linked(a, b);
});

test('relay - whom one side does not allow is not carried', async () => {
  const [a, x, b] = (await create('Ada', 'Xenia', 'Bob')) as [RelayPeer, RelayPeer, RelayPeer];
  await befriend(a, x);
  await befriend(x, b);
  await until(() => a.relaying.waysOf(b.key).length > 0, 'no way');
  b.allow(x.key, false);
  await until(() => a.relaying.waysOf(b.key).length === 0, 'still a way');
  acquaint(a, b);
  await expect(a.links.connect(b.key)).rejects.toMatchObject({ code: 'no-answer' });
});

test('relay - a direct path is taken as soon as there is one', async () => {
  const [a, x, b] = (await create('Ada', 'Xenia', 'Bob')) as [RelayPeer, RelayPeer, RelayPeer];
  await befriend(a, x);
  await befriend(x, b);
  acquaint(a, b);
  await linked(a, b);
  const before = [...a.events];
  b.tellWays([{ kind: 'udp', host: '127.0.0.1', port: b.port() }]);
  await until(() => stateTo(a, b) === 'udp' && stateTo(b, a) === 'udp', 'still relayed');
  expect(a.events).toEqual(before);
});

test('relay - a link that is relayed itself carries nobody', async () => {
  const [a, x, b] = (await create('Ada', 'Xenia', 'Bob')) as [RelayPeer, RelayPeer, RelayPeer];
  await befriend(a, x);
  await befriend(x, b);
  acquaint(a, b);
  a.allow(b.key);
  b.allow(a.key);
  await linked(a, b);
  // Were it a neighbour, there would be a way to Xenia through Bob.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(a.relaying.waysOf(x.key)).toEqual([]);
  expect(x.relaying.waysOf(a.key)).toEqual([]);
  expect(a.relaying.carried() + b.relaying.carried()).toBe(0);
});
