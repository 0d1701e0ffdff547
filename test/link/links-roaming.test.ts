import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { bothUp, createTestPeer, readAll, stopTestPeers, type TestPeer } from './links-support.ts';
import { UdpRelay } from './udp-support.ts';

const relays: UdpRelay[] = [];

afterEach(async () => {
  await stopTestPeers();
  await Promise.all(relays.map((relay) => relay.close()));
  relays.length = 0;
});

/** Two linked peers with a middle box between them; `tag` is what their datagrams carry. */
async function createRelayedPeers(): Promise<{
  a: TestPeer;
  b: TestPeer;
  relay: UdpRelay;
  tag: () => Buffer;
}> {
  const [a, b] = [await createTestPeer(), await createTestPeer()];
  await a.links.start();
  await b.links.start();
  const relay = await UdpRelay.create(b.endpoint.port);
  relays.push(relay);
  let last: Buffer = Buffer.alloc(0);
  relay.filter = (datagram) => {
    last = datagram;
    return true;
  };
  b.links.handle('/test/hi/1', (stream) => stream.write(Buffer.from('hi')));
  b.contacts.put(a.key, 'accepted');
  a.contacts.put(b.key, 'accepted', [{ kind: 'udp', host: '127.0.0.1', port: relay.port }]);
  await bothUp(a, b);
  return { a, b, relay, tag: () => last.subarray(0, 8) };
}

const sayHi = async (a: TestPeer, b: TestPeer): Promise<string> =>
  (await readAll(await a.links.openStream(b.key, '/test/hi/1'))).toString();

test('links - a link follows its peer to another port', async () => {
  const { a, b, relay } = await createRelayedPeers();
  const before = b.links.get(a.key)?.remote;
  expect(before).toBe(`127.0.0.1:${relay.outerPort}`);
  await relay.rebind();
  expect(await sayHi(a, b)).toBe('hi');
  expect(b.links.get(a.key)?.remote).toBe(`127.0.0.1:${relay.outerPort}`);
  expect(b.links.get(a.key)?.remote).not.toBe(before);
  expect(b.events).toEqual(['up']);
});

test('links - whoever saw the tag but has no key moves nothing and breaks nothing', async () => {
  const { a, b, relay, tag } = await createRelayedPeers();
  const stranger = await UdpRelay.create(b.endpoint.port);
  relays.push(stranger);
  for (let count = 0; count < 500; count += 1) {
    stranger.inject(Buffer.concat([tag(), randomBytes(1 + count)]));
  }
  expect(await sayHi(a, b)).toBe('hi');
  expect(b.links.get(a.key)?.remote).toBe(`127.0.0.1:${relay.outerPort}`);
});
