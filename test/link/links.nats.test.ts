import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { createDeployments } from '../../main/deployment/deployments.ts';
import { createLinks, type LinkManager } from '../../main/link/links.ts';
import { createNatsSource } from '../../main/link/nats/nats-source.ts';
import { createAdmission } from '../../main/link/session/admission.ts';
import { startNatsServer, type NatsServer } from '../support/nats-server.ts';
import { createTestIdentity, log, MemoryContacts } from './links-support.ts';
import { createLoad } from './quic-support.ts';
import { createHash } from 'node:crypto';

interface NatsPeer {
  readonly key: string;
  readonly contacts: MemoryContacts;
  readonly links: LinkManager;
  readonly events: string[];
}

const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function createServer(): Promise<NatsServer> {
  const server = await startNatsServer();
  open.push(() => server[Symbol.asyncDispose]());
  return server;
}

async function createNatsPeer(server: NatsServer): Promise<NatsPeer> {
  const identity = await createTestIdentity();
  const contacts = new MemoryContacts();
  const now = Date.now;
  const name = (): string => 'Test';
  const configured = [{ server: server.url, prefix: 'skerry' }];
  const deployments = createDeployments({ configured, log });
  const common = { signer: identity, name, contacts, now };
  const source = createNatsSource({
    ...common,
    deployments,
    version: '1.2.3',
    admission: createAdmission(common),
  });
  const sources = [source];
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
  return { key: identity.key, contacts, links, events };
}

test('links - a stream over NATS goes on after the server was away for a while', async () => {
  const server = await createServer();
  const [a, b] = [await createNatsPeer(server), await createNatsPeer(server)];
  const load = createLoad(48 * 1024 * 1024);
  b.links.handle('/test/load/1', (stream) => stream.write(load.bytes));
  b.contacts.put(a.key, 'accepted');
  const way = { kind: 'nats', server: server.url, prefix: 'skerry' } as const;
  a.contacts.put(b.key, 'accepted', [way]);
  const stream = await a.links.openStream(b.key, '/test/load/1');
  expect(a.links.get(b.key)?.path).toBe('nats');

  const hash = createHash('sha256');
  const buffer = Buffer.alloc(256 * 1024);
  let received = 0;
  let isAway = false;
  for (;;) {
    const count = await stream.read(buffer);
    if (count === 0) break;
    hash.update(buffer.subarray(0, count));
    received += count;
    if (received < 4 * 1024 * 1024 || isAway) continue;
    isAway = true;
    await server.stop();
    await sleep(3_000);
    await server.start();
  }
  expect(hash.digest('hex')).toBe(load.hash);
  expect([a.events, b.events]).toEqual([['up'], ['up']]);
}, 60_000);
