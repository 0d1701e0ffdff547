import { afterEach, expect, test, vi } from 'vitest';
import {
  bothUp,
  codeOfRejection,
  createLinkedPeers,
  createTestPeer,
  readAll,
  stopTestPeers,
} from './links-support.ts';

afterEach(stopTestPeers);

test('links - two contacts are linked, and each learns the name and the ways of the other', async () => {
  const [a, b] = await createLinkedPeers();
  expect(a.links.list()).toMatchObject([{ peer: b.key, path: 'udp' }]);
  expect(a.contacts.linked).toMatchObject([{ key: b.key, name: 'Bob' }]);
  expect(b.contacts.linked).toMatchObject([{ key: a.key, name: 'Ada', ways: [a.way()] }]);
  expect(a.links.get(b.key)?.receivedBytes).toBeGreaterThan(0);
});

test('links - a stream goes both ways and each direction ends by itself', async () => {
  const [a, b] = await createLinkedPeers();
  b.links.handle('/test/echo/1', async (stream) => {
    const request = await readAll(stream);
    await stream.write(Buffer.from(`${String(stream.header['greeting'])} ${request.toString()}`));
    await stream.end();
  });
  const stream = await a.links.openStream(b.key, '/test/echo/1', { header: { greeting: 'hello' } });
  await stream.write(Buffer.from('world'));
  await stream.end();
  expect((await readAll(stream)).toString()).toBe('hello world');
});

test('links - the accepting side opens streams as well', async () => {
  const [a, b] = await createLinkedPeers();
  a.links.handle('/test/hi/1', async (stream) => {
    await stream.write(Buffer.from(stream.peer));
  });
  const stream = await b.links.openStream(a.key, '/test/hi/1');
  expect((await readAll(stream)).toString()).toBe(b.key);
});

test('links - a protocol that nobody serves is refused with its reason', async () => {
  const [a, b] = await createLinkedPeers();
  await expect(a.links.openStream(b.key, '/test/nothing/1')).rejects.toMatchObject({
    code: 'stream-refused',
    refusal: 'unknown-protocol',
  });
  expect(a.links.get(b.key)).toBeDefined();
});

test('links - an announcement arrives', async () => {
  const [a, b] = await createLinkedPeers();
  const heard = new Promise((resolve) => {
    b.links.on('announcement', (...announcement) => resolve(announcement));
  });
  a.links.announce(b.key, 'shares', { count: 3 });
  expect(await heard).toEqual([a.key, 'shares', { count: 3 }]);
});

test('links - an announcement that is too long is dropped and the link stays', async () => {
  const [a, b] = await createLinkedPeers();
  a.links.announce(b.key, 'long', 'x'.repeat(20_000));
  a.links.announce(b.key, 'short', 'x');
  await vi.waitFor(() => expect(b.events).toContain('announcement short'));
  expect(b.events).toEqual(['up', 'announcement short']);
});

test('links - when both dial at once, one link is left and both use it', async () => {
  for (let round = 0; round < 5; round += 1) {
    const [a, b] = [await createTestPeer(), await createTestPeer()];
    await a.links.start();
    await b.links.start();
    for (const peer of [a, b]) {
      peer.links.handle('/test/hi/1', (stream) => stream.write(Buffer.from(stream.peer)));
    }
    a.contacts.put(b.key, 'accepted', [b.way()]);
    b.contacts.put(a.key, 'accepted', [a.way()]);
    await bothUp(a, b);
    // Long enough for a second link to come up, if there is one.
    await new Promise((resolve) => setTimeout(resolve, 300));
    await bothUp(a, b);
    const [ofA, ofB] = [a.links.list(), b.links.list()];
    expect([ofA.length, ofB.length]).toEqual([1, 1]);
    expect((await readAll(await a.links.openStream(b.key, '/test/hi/1'))).toString()).toBe(a.key);
    expect((await readAll(await b.links.openStream(a.key, '/test/hi/1'))).toString()).toBe(b.key);
    await stopTestPeers();
  }
});

test('links - the link comes back after one side was stopped and started on the same port', async () => {
  const [a, b] = await createLinkedPeers();
  const { port } = b.endpoint;
  await b.links.stop();
  await vi.waitFor(() => expect(a.events).toEqual(['up', 'down']));
  const again = await createTestPeer({ identity: b.identity, contacts: b.contacts, port });
  await again.links.start();
  await bothUp(a, again);
  expect(a.events).toEqual(['up', 'down', 'up']);
});

test('links - a side that vanished without a word is replaced by its new self', async () => {
  const [a, b] = await createLinkedPeers();
  const { port } = b.endpoint;
  await b.endpoint.close(); // no bye: the socket is gone
  const again = await createTestPeer({ identity: b.identity, contacts: b.contacts, port });
  again.contacts.put(a.key, 'accepted', [a.way()]);
  await again.links.start();
  await bothUp(a, again);
  again.links.handle('/test/hi/1', (stream) => stream.write(Buffer.from('hi')));
  await vi.waitFor(
    async () => {
      const stream = await a.links.openStream(b.key, '/test/hi/1', {
        signal: AbortSignal.timeout(500),
      });
      expect((await readAll(stream)).toString()).toBe('hi');
    },
    { timeout: 15_000 },
  );
}, 20_000);

test('links - pause takes links down and keeps them down, resume brings them back', async () => {
  const [a, b] = await createLinkedPeers();
  b.links.pause();
  await vi.waitFor(() => expect(a.links.list()).toEqual([]));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect([a.links.list(), b.links.list()]).toEqual([[], []]);
  b.links.resume();
  await bothUp(a, b);
  expect(a.links.list()).toHaveLength(1);
});

test('links - blocking a contact cuts its link and its streams at once', async () => {
  const [a, b] = await createLinkedPeers();
  b.links.handle('/test/wait/1', async (stream) => {
    await stream.read(Buffer.alloc(1));
  });
  const stream = await a.links.openStream(b.key, '/test/wait/1');
  const pending = codeOfRejection(stream.read(Buffer.alloc(1)));
  b.contacts.put(a.key, 'blocked');
  expect(b.links.list()).toEqual([]);
  expect(await pending).toBe('link-down');
  await vi.waitFor(() => expect(a.links.list()).toEqual([]));
  await expect(b.links.openStream(a.key, '/test/wait/1')).rejects.toMatchObject({
    code: 'not-linked',
  });
});

test('links - an invited contact is dialled until it accepts', async () => {
  const [a, b] = [await createTestPeer(), await createTestPeer()];
  await a.links.start();
  await b.links.start();
  a.contacts.put(b.key, 'invited', [b.way()]);
  await expect(a.links.connect(b.key)).rejects.toMatchObject({ code: 'refused-unknown-peer' });
  b.contacts.put(a.key, 'accepted');
  await bothUp(a, b);
  expect(a.contacts.stateOf(b.key)).toBe('accepted');
});

test('links - openStream waits for a link that is on its way', async () => {
  const [a, b] = [await createTestPeer(), await createTestPeer()];
  await a.links.start();
  await b.links.start();
  b.links.handle('/test/hi/1', (stream) => stream.write(Buffer.from('hi')));
  b.contacts.put(a.key, 'accepted');
  a.contacts.put(b.key, 'accepted', [b.way()]);
  const streams = await Promise.all([
    a.links.openStream(b.key, '/test/hi/1'),
    a.links.openStream(b.key, '/test/hi/1'),
    a.links.connect(b.key).then(() => a.links.openStream(b.key, '/test/hi/1')),
  ]);
  const answers = await Promise.all(streams.map(readAll));
  expect(answers.map(String)).toEqual(['hi', 'hi', 'hi']);
  expect(a.events).toEqual(['up']);
});

test('links - openStream gives up when no link comes', async () => {
  const a = await createTestPeer();
  await a.links.start();
  const stranger = await createTestPeer();
  a.contacts.put(stranger.key, 'accepted', []);
  await expect(
    a.links.openStream(stranger.key, '/test/hi/1', { timeoutMs: 50 }),
  ).rejects.toMatchObject({ code: 'not-linked' });
});
