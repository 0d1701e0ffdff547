import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import type { Stream } from '../../../main/link/types.ts';
import { codeOfRejection, createTestIdentity } from '../links-support.ts';
import { RELAY_PROTOCOL } from '../../../main/link/relay/wire.ts';
import { readFrame } from '../../../main/link/framing.ts';
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

afterEach(stopRelayPeers);

const ask = (a: RelayPeer, x: RelayPeer, header: Record<string, unknown>): Promise<Stream> =>
  a.links.openStream(x.key, RELAY_PROTOCOL, { header });

const answerTo = async (a: RelayPeer, x: RelayPeer, header: Record<string, unknown>) => {
  const stream = await ask(a, x, header);
  const answer = await readFrame(stream, 64);
  return { stream, answer };
};

const create = async (): Promise<[RelayPeer, RelayPeer, RelayPeer]> => {
  const [a, x, b] = [
    await createRelayPeer('Mallory'),
    await createRelayPeer('Xenia', { ...WIDE, perContact: 4 }),
    await createRelayPeer('Bob'),
  ];
  await befriend(a, x);
  await befriend(x, b);
  await until(() => a.relaying.waysOf(b.key).length > 0, 'no way');
  return [a, x, b];
};

test('relay - a contact learns nothing of those it may not be told of', async () => {
  const [a, x, b] = await create();
  const stranger = (await createTestIdentity()).key;
  const to = (key: string, hops = 1) => answerTo(a, x, { from: a.key, to: key, hops });
  b.allow(x.key, false);
  await until(() => a.relaying.waysOf(b.key).length === 0, 'still a way');
  // Linked but not allowed, a stranger, the asker itself: all the same.
  expect((await to(b.key)).answer).toEqual({ refused: 'relay-unknown' });
  expect((await to(stranger)).answer).toEqual({ refused: 'relay-unknown' });
  expect((await to(a.key)).answer).toEqual({ refused: 'relay-unknown' });
  expect((await to(b.key, 0)).answer).toEqual({ refused: 'relay-too-far' });
  expect((await to(stranger, 0)).answer).toEqual({ refused: 'relay-too-far' });
  // Not even that much for whom nothing is relayed.
  b.allow(x.key);
  x.allow(a.key, false);
  for (const key of [b.key, stranger, x.key]) {
    expect((await to(key)).answer).toEqual({ refused: 'relay-off' });
  }
});

test('relay - headers that make no sense are refused', async () => {
  const [a, x, b] = await create();
  const headers = [
    {},
    { from: a.key, to: b.key },
    { from: a.key, to: b.key, hops: 4 },
    { from: a.key, to: b.key, hops: -1 },
    { from: a.key, to: b.key, hops: 0.5 },
    { from: a.key, to: 'B', hops: 1 },
    { from: b.key, to: b.key, hops: 1 },
    { from: x.key, to: b.key, hops: 1 },
  ];
  for (const header of headers) {
    expect((await answerTo(a, x, header)).answer).toEqual({ refused: 'relay-unknown' });
  }
  expect(x.relaying.carried()).toBe(0);
});

test('relay - a contact that opens stream after stream gets as many as it may, and others theirs', async () => {
  const [a, x, b] = await create();
  const honest = await createRelayPeer('Ada');
  await befriend(honest, x);
  await until(() => honest.relaying.waysOf(b.key).length > 0, 'no way');
  const answers = await Promise.all(
    Array.from({ length: 60 }, () => answerTo(a, x, { from: a.key, to: b.key, hops: 1 })),
  );
  const open = answers.filter(({ answer }) => JSON.stringify(answer) === '{"ok":true}');
  expect(open.length).toBe(4);
  const refused = answers.filter(
    ({ answer }) => JSON.stringify(answer) === '{"refused":"relay-busy"}',
  );
  expect(refused.length).toBe(56);
  for (const { stream } of open) stream.abort();
  await until(() => x.relaying.carried() === 0, 'still carried');
  acquaint(honest, b);
  await linked(honest, b);
});

test.each([
  ['too long a datagram', Buffer.concat([Buffer.of(5, 0x47), randomBytes(1_351)])],
  ['an empty one', Buffer.alloc(2)],
  ['garbage', randomBytes(4_096).fill(0xff, 0, 2)],
])('relay - %s ends that stream, and the link goes on', async (_what, bytes) => {
  const [a, x, b] = await create();
  const { stream, answer } = await answerTo(a, x, { from: a.key, to: b.key, hops: 1 });
  expect(answer).toEqual({ ok: true });
  await stream.write(bytes);
  expect(await codeOfRejection(stream.read(Buffer.alloc(1)))).toBe('stream-reset');
  await until(() => x.relaying.carried() === 0, 'still carried');
  expect(x.links.get(a.key)).toBeDefined();
  expect(x.links.get(b.key)).toBeDefined();
});

test('relay - whoever joins a session that is not there, or not its own, is sent away', async () => {
  const [a, x, b] = await create();
  for (const first of [
    Buffer.concat([Buffer.of(0, 9, 1), randomBytes(8)]),
    Buffer.of(0, 1, 1),
    Buffer.of(0, 1, 7),
    Buffer.concat([Buffer.of(0, 200, 0), randomBytes(199)]),
  ]) {
    const { stream } = await answerTo(a, x, { from: a.key, to: b.key, hops: 1 });
    await stream.write(first);
    expect(await stream.read(Buffer.alloc(1))).toBe(0);
    stream.abort();
  }
  await until(() => x.relaying.carried() === 0, 'still carried');
  expect(b.events.filter((event) => event.startsWith('up'))).toEqual([`up ${x.key}`]);
});

test('relay - a flood is dropped, and others are carried all the same', async () => {
  const x = await createRelayPeer('Xenia', { ...WIDE, bytesPerSecond: 4 * 1024 * 1024 });
  const [a, b, honest] = [
    await createRelayPeer('Mallory'),
    await createRelayPeer('Bob'),
    await createRelayPeer('Ada'),
  ];
  for (const one of [a, b, honest]) await befriend(one, x);
  await until(() => a.relaying.waysOf(b.key).length > 0, 'no way');
  acquaint(honest, b);
  await linked(honest, b);
  const { stream } = await answerTo(a, x, { from: a.key, to: b.key, hops: 1 });
  const frame = Buffer.concat([Buffer.of(5, 0), randomBytes(1_280)]);
  const flood = Buffer.concat(Array.from({ length: 50 }, () => frame));
  let isOver = false;
  const flooding = (async () => {
    while (!isOver) await stream.write(flood);
  })().catch(() => undefined);
  const blob = randomBytes(2 * 1024 * 1024);
  serveBlob(b, blob);
  expect(await fetchHash(honest, b)).toBe(sha256(blob));
  isOver = true;
  stream.abort();
  await flooding;
});

test('relay - vectors of lies harm nobody', async () => {
  const [a, x, b] = await create();
  const raw = randomBytes(32);
  const tell = (body: unknown): void => a.links.announce(x.key, 'relay.routes', body);
  const row = (...rest: unknown[]): unknown => ({ sequence: 1, rows: [[raw, ...rest]], asks: [] });
  for (const body of [
    null,
    'nonsense',
    { off: false },
    row(1, -5, 0),
    row(1, 1e9, 0),
    row(-1, 5, 0),
    row(1, 5, 3),
    row(1, 5, -1),
    row(1, 5),
    { sequence: 1, rows: [], asks: [[raw, 1, 99]] },
    {
      sequence: 1,
      rows: Array.from({ length: 300 }, (_, index) => [randomBytes(32), index, 1, 0]),
      asks: [],
    },
    { sequence: Number.MAX_SAFE_INTEGER, rows: [], asks: [] },
  ]) {
    tell(body);
  }
  await new Promise((resolve) => setTimeout(resolve, 600));
  acquaint(a, b);
  await linked(a, b);
  expect(x.links.get(a.key)).toBeDefined();
});
