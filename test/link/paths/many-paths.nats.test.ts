import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { createDeployments } from '../../../main/deployment/deployments.ts';
import { createLinks, type LinkManager } from '../../../main/link/links.ts';
import { createNatsSource } from '../../../main/link/nats/nats-source.ts';
import { createAdmission } from '../../../main/link/session/admission.ts';
import type { LinkInfo } from '../../../main/link/types.ts';
import type { UdpEndpoint } from '../../../main/link/udp/udp-endpoint.ts';
import { startNatsServer, type NatsServer } from '../../support/nats-server.ts';
import { createTestEndpoint, createTestIdentity, log, MemoryContacts } from '../links-support.ts';
import { UdpRelay } from '../udp-support.ts';

const MIB = 1024 * 1024;

interface Peer {
  readonly key: string;
  readonly contacts: MemoryContacts;
  readonly links: LinkManager;
  readonly endpoint: UdpEndpoint;
  readonly events: string[];
}

const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A peer with a UDP port, and a client of the server. */
async function createPeer(server: NatsServer): Promise<Peer> {
  const identity = await createTestIdentity();
  const contacts = new MemoryContacts();
  const now = Date.now;
  const name = (): string => 'Test';
  const deployments = createDeployments({
    configured: [{ server: server.url, prefix: 'skerry' }],
    log,
  });
  const common = { signer: identity, name, contacts, now };
  const nats = createNatsSource({
    ...common,
    deployments,
    version: '1.2.3',
    admission: createAdmission(common),
  });
  const endpoint = createTestEndpoint(identity, contacts);
  const sources = [endpoint, nats];
  const links = createLinks({ identity, name, version: '1.2.3', contacts, sources, log, now });
  const events: string[] = [];
  links.on('up', () => events.push('up'));
  links.on('down', () => events.push('down'));
  deployments.start();
  await links.start();
  open.push(async () => {
    await links.stop();
    await deployments.close();
  });
  return { key: identity.key, contacts, links, endpoint, events };
}

async function createServer(): Promise<NatsServer> {
  const server = await startNatsServer();
  open.push(() => server[Symbol.asyncDispose]());
  return server;
}

/** All UDP of a peer to others passes here: the address that it tells is the box's. */
async function putBehind(peer: Peer): Promise<UdpRelay> {
  const box = await UdpRelay.create(peer.endpoint.port);
  open.push(() => box.close());
  peer.endpoint.ways = () => [{ kind: 'udp', host: '127.0.0.1', port: box.port }];
  return box;
}

const linkOf = (one: Peer, other: Peer): LinkInfo => {
  const info = one.links.get(other.key);
  if (info === undefined) throw new Error('not linked');
  return info;
};

async function pathIs(kind: string, one: Peer, other: Peer): Promise<void> {
  await vi.waitFor(() => expect(linkOf(one, other).path).toBe(kind), {
    timeout: 10_000,
    interval: 5,
  });
}

/** Two peers whose link begins over NATS; their UDP goes through a box that can be cut. */
async function createLinked(
  server: NatsServer,
): Promise<{ a: Peer; b: Peer; cut: (isCut: boolean) => void }> {
  const [a, b] = [await createPeer(server), await createPeer(server)];
  const boxes = [await putBehind(a), await putBehind(b)];
  let isCut = false;
  for (const box of boxes) box.filter = () => !isCut;
  b.contacts.put(a.key, 'accepted');
  a.contacts.put(b.key, 'accepted', [{ kind: 'nats', server: server.url, prefix: 'skerry' }]);
  // The first attempt may come before the other one is connected to the server.
  await vi.waitFor(() => [linkOf(a, b), linkOf(b, a)], { timeout: 10_000, interval: 5 });
  return { a, b, cut: (now) => (isCut = now) };
}

test('paths - a link that begins over NATS moves to UDP by itself, on both sides', async () => {
  const { a, b } = await createLinked(await createServer());
  await pathIs('udp', a, b);
  await pathIs('udp', b, a);
  const { paths } = linkOf(a, b);
  expect(paths.filter(({ state }) => state === 'current')).toHaveLength(1);
  expect(paths.find(({ kind }) => kind === 'nats')).toMatchObject({ state: 'standby' });
  expect(a.events).toEqual(['up']);
  expect(b.events).toEqual(['up']);
});

test('paths - a stream goes on while the best path is cut and comes back, again and again', async () => {
  const { a, b, cut } = await createLinked(await createServer());
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
  const server = await createServer();
  const { a, b } = await createLinked(server);
  b.links.handle('/test/hi/1', (stream) => stream.write(Buffer.from('hi')));
  await pathIs('udp', a, b);
  await pathIs('udp', b, a);
  await server[Symbol.asyncDispose]();
  const stream = await a.links.openStream(b.key, '/test/hi/1');
  const buffer = Buffer.alloc(16);
  expect(buffer.toString('latin1', 0, await stream.read(buffer))).toBe('hi');
  expect(a.events).toEqual(['up']);
});
