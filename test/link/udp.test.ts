import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { Way } from '../../main/identity/types.ts';
import type { EstablishedConn } from '../../main/link/path-source.ts';
import type { UdpEndpoint } from '../../main/link/udp/udp-endpoint.ts';
import {
  codeOfRejection,
  createTestEndpoint,
  createTestIdentity,
  MemoryContacts,
} from './links-support.ts';
import { UdpRelay } from './udp-support.ts';

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.map((one) => one.close()));
  open.length = 0;
});

interface Side {
  readonly key: string;
  readonly contacts: MemoryContacts;
  readonly endpoint: UdpEndpoint;
  readonly sessions: EstablishedConn[];
}

async function createSide(port = 0): Promise<Side> {
  const identity = await createTestIdentity();
  const contacts = new MemoryContacts();
  const endpoint = createTestEndpoint(identity, contacts, port);
  const sessions: EstablishedConn[] = [];
  endpoint.onSession = (established) => sessions.push(established);
  open.push(endpoint);
  return { key: identity.key, contacts, endpoint, sessions };
}

/** Two endpoints that know each other; the first one dials. */
async function createSides(): Promise<[Side, Side]> {
  const [a, b] = [await createSide(), await createSide()];
  b.contacts.put(a.key, 'accepted');
  a.contacts.put(b.key, 'accepted');
  await Promise.all([a.endpoint.start(), b.endpoint.start()]);
  return [a, b];
}

const wayTo = (port: number): Way => ({ kind: 'udp', host: '127.0.0.1', port });
const inTime = (): AbortSignal => AbortSignal.timeout(8_000);

test('udp - a session is established, and datagrams go both ways under its tag', async () => {
  const [a, b] = await createSides();
  const { conn, secrets } = await a.endpoint.dial(b.key, wayTo(b.endpoint.port), inTime());
  const [theirs] = b.sessions;
  if (theirs === undefined) throw new Error('no session came');
  expect(theirs.secrets).toMatchObject({ peer: a.key, role: 'acceptor', id: secrets.id });
  const heard: string[] = [];
  theirs.conn.onDatagram = (datagram) => {
    heard.push(Buffer.from(datagram).toString());
    theirs.conn.send(Buffer.from('pong'));
  };
  conn.onDatagram = (datagram) => heard.push(Buffer.from(datagram).toString());
  expect(conn.send(Buffer.from('ping'))).toBe(true);
  await expect.poll(() => heard).toEqual(['ping', 'pong']);
  expect(conn.maxDatagram).toBe(16_375);
  expect(conn.remote).toBe(`127.0.0.1:${b.endpoint.port}`);
});

test('udp - a dial goes on until its datagrams get through', async () => {
  const [a, b] = await createSides();
  const relay = await UdpRelay.create(b.endpoint.port);
  open.push(relay);
  let dropped = 0;
  relay.filter = () => {
    dropped += 1;
    return dropped > 3;
  };
  const { secrets } = await a.endpoint.dial(b.key, wayTo(relay.port), inTime());
  expect(secrets.peer).toBe(b.key);
  expect(b.sessions).toHaveLength(1);
});

test('udp - a repeated dial opens no second session', async () => {
  const [a, b] = await createSides();
  const relay = await UdpRelay.create(b.endpoint.port);
  open.push(relay);
  relay.copies = 3;
  await a.endpoint.dial(b.key, wayTo(relay.port), inTime());
  await sleep(50);
  expect(b.sessions).toHaveLength(1);
});

test('udp - a refusal reaches the dialler', async () => {
  const [a, b] = await createSides();
  b.contacts.put(a.key, 'blocked');
  const dial = a.endpoint.dial(b.key, wayTo(b.endpoint.port), inTime());
  expect(await codeOfRejection(dial)).toBe('refused-unknown-peer');
  expect(b.sessions).toEqual([]);
});

test('udp - silence ends a dial with no-answer, a signal ends it at once', async () => {
  const [a, b] = await createSides();
  const silent = createSocket('udp4');
  await new Promise<void>((resolve) => silent.bind(0, '127.0.0.1', resolve));
  const way = wayTo(silent.address().port);
  const controller = new AbortController();
  const aborted = a.endpoint.dial(b.key, way, controller.signal);
  const unanswered = codeOfRejection(a.endpoint.dial(b.key, way, inTime()));
  controller.abort(new Error('enough'));
  await expect(aborted).rejects.toThrow('enough');
  expect(await unanswered).toBe('no-answer');
  silent.close();
}, 10_000);

test('udp - ways that lead nowhere are refused before anything is sent', async () => {
  const [a, b] = await createSides();
  const ways: Way[] = [
    { kind: 'udp', host: 'localhost', port: 1 },
    { kind: 'udp', host: '0.0.0.0', port: 1 },
    { kind: 'udp', host: '255.255.255.255', port: 1 },
    { kind: 'udp', host: 'ff02::1', port: 1 },
    { kind: 'udp', host: '::1', port: 1 }, // bound to IPv4 alone
    { kind: 'nats', server: 'nats://127.0.0.1', prefix: 'skerry' },
  ];
  for (const way of ways) {
    expect(await codeOfRejection(a.endpoint.dial(b.key, way, inTime()))).toBe('way-unusable');
  }
});

test('udp - a port that is taken is said to be', async () => {
  const [a] = await createSides();
  const second = await createSide(a.endpoint.port);
  await expect(second.endpoint.start()).rejects.toMatchObject({
    code: 'udp-bind',
    message: expect.stringContaining(String(a.endpoint.port)) as string,
  });
});

test('udp - a preferred port is taken when it is free, and given up when it is not', async () => {
  const [a] = await createSides();
  const { port } = a.endpoint;
  const preferring = createTestEndpoint(await createTestIdentity(), new MemoryContacts(), 0, port);
  open.push(preferring);
  await preferring.start();
  expect(preferring.port).not.toBe(port);
  await a.endpoint.close();
  const again = createTestEndpoint(await createTestIdentity(), new MemoryContacts(), 0, port);
  open.push(again);
  await again.start();
  expect(again.port).toBe(port);
});

test('udp - conns die with their endpoint', async () => {
  const [a, b] = await createSides();
  const { conn } = await a.endpoint.dial(b.key, wayTo(b.endpoint.port), inTime());
  const dead = new Promise<Error>((resolve) => (conn.onDead = resolve));
  await a.endpoint.close();
  await a.endpoint.close();
  expect((await dead).message).toBe('The UDP port was closed.');
  expect(a.endpoint.ways()).toEqual([]);
});

test('udp - an endpoint that listens to nobody answers nobody', async () => {
  const [a, b] = await createSides();
  b.endpoint.onSession = null;
  const dial = a.endpoint.dial(b.key, wayTo(b.endpoint.port), AbortSignal.timeout(400));
  await expect(dial).rejects.toMatchObject({ name: 'TimeoutError' });
});
