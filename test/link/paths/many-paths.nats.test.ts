import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { type BoxedPeer, BoxedPeers, linkOf } from './boxed-peers.ts';

const MIB = 1024 * 1024;

async function pathIs(kind: string, one: BoxedPeer, other: BoxedPeer): Promise<void> {
  await vi.waitFor(() => expect(linkOf(one, other).path).toBe(kind), {
    timeout: 25_000,
    interval: 5,
  });
}

/** Two peers whose link begins over NATS; their UDP can be cut. */
async function createLinked(
  peers: BoxedPeers,
): Promise<{ a: BoxedPeer; b: BoxedPeer; cut: (isCut: boolean) => void }> {
  const [a, b] = [await peers.add(), await peers.add()];
  peers.introduce(a, b);
  // The first attempt may come before the other one is connected to the server.
  await vi.waitFor(() => [linkOf(a, b), linkOf(b, a)], { timeout: 25_000, interval: 5 });
  return { a, b, cut: (isCut) => (a.isCut = b.isCut = isCut) };
}

test('paths - a link that begins over NATS moves to UDP by itself, on both sides', async () => {
  await using peers = await BoxedPeers.start();
  const { a, b } = await createLinked(peers);
  await pathIs('udp', a, b);
  await pathIs('udp', b, a);
  const { paths } = linkOf(a, b);
  expect(paths.filter(({ state }) => state === 'current')).toHaveLength(1);
  expect(paths.find(({ kind }) => kind === 'nats')).toMatchObject({ state: 'standby' });
  expect(a.events).toEqual(['up']);
  expect(b.events).toEqual(['up']);
});

test('paths - a stream goes on while the best path is cut and comes back, again and again', async () => {
  await using peers = await BoxedPeers.start();
  const { a, b, cut } = await createLinked(peers);
  await pathIs('udp', a, b);
  await pathIs('udp', b, a);
  const piece = randomBytes(MIB);
  const sent = createHash('sha256');
  let enough = false;
  b.links.handle('/test/load/1', async (stream) => {
    for (let count = 0; !enough; count += 1) {
      piece.writeUInt32BE(count);
      sent.update(piece);
      await stream.write(piece);
    }
  });
  const stream = await a.links.openStream(b.key, '/test/load/1');
  const received = createHash('sha256');
  const read = async (): Promise<void> => {
    const buffer = Buffer.alloc(256 * 1024);
    for (;;) {
      const count = await stream.read(buffer);
      if (count === 0) return;
      received.update(buffer.subarray(0, count));
      await sleep(5);
    }
  };
  const cutAndMend = async (): Promise<void> => {
    for (let cuts = 0; cuts < 2; cuts += 1) {
      cut(true);
      // The other side sends: it is the one that has to notice.
      await pathIs('nats', b, a);
      cut(false);
      await pathIs('udp', b, a);
    }
    enough = true;
  };
  await Promise.all([read(), cutAndMend()]);
  expect(received.digest('hex')).toBe(sent.digest('hex'));
  expect(a.events).toEqual(['up']);
  expect(b.events).toEqual(['up']);
});

test('paths - a link whose server goes away stays on UDP', async () => {
  await using peers = await BoxedPeers.start();
  const { a, b } = await createLinked(peers);
  b.links.handle('/test/hi/1', (stream) => stream.write(Buffer.from('hi')));
  await pathIs('udp', a, b);
  await pathIs('udp', b, a);
  await peers.server[Symbol.asyncDispose]();
  const stream = await a.links.openStream(b.key, '/test/hi/1');
  const buffer = Buffer.alloc(16);
  expect(buffer.toString('latin1', 0, await stream.read(buffer))).toBe('hi');
  expect(a.events).toEqual(['up']);
});
