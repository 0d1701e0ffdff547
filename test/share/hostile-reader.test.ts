import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Stream } from '../../main/link/types.ts';
import { decodeCbor, encodeCbor } from '../../main/base/cbor.ts';
import { FrameReader } from '../../main/share/frame-reader.ts';
import { FrameKind, MAX_STREAMS_PER_READER, SHARE_PROTOCOL } from '../../main/share/wire.ts';
import { makePair, readyShare, until, type TestPair } from './support/peers.ts';
import { frame } from './support/scripted-source.ts';
import { put } from './support/trees.ts';

let pair: TestPair;
let share: string;
beforeEach(async () => {
  pair = await makePair();
  await put(join(pair.dir, 'tree', 'big'), randomBytes(5_000_000));
  await put(join(pair.dir, 'tree', 'small'), 'small');
  share = (await pair.a.sharing.share({ path: join(pair.dir, 'tree'), audience: [pair.b.key] })).id;
  await readyShare(pair.a, share);
});
afterEach(() => pair.dispose());

function open(): Promise<Stream> {
  return pair.b.links.openStream(pair.a.key, SHARE_PROTOCOL);
}

/** Sends requests on a stream of their own and reads one frame for each. */
async function ask(...requests: unknown[]): Promise<{ kind: number; said: unknown }[]> {
  const stream = await open();
  for (const request of requests) await stream.write(frame(FrameKind.message, encodeCbor(request)));
  await stream.end();
  const reader = new FrameReader(stream);
  const answers: { kind: number; said: unknown }[] = [];
  for (let head = await reader.next(); head !== undefined; head = await reader.next()) {
    const payload = await reader.payload(head, 1_000_000);
    const said = head.kind === FrameKind.bytes ? payload.length : decodeCbor(payload, 1_000_000);
    answers.push({ kind: head.kind, said });
  }
  return answers;
}

const error = (said: string): unknown => ({ kind: FrameKind.error, said });

function read(change: Record<string, unknown> = {}): Record<string, unknown> {
  const id = pair.a.store.db
    .prepare<[], { file_id: Buffer }>(`SELECT file_id FROM share_entries WHERE path = 'big'`)
    .get()?.file_id;
  return {
    do: 'read',
    share,
    path: 'big',
    id: new Uint8Array(id ?? []),
    group: 0,
    first: 0,
    count: 1,
    proof: false,
    check: false,
    ...change,
  };
}

test('hostile reader - requests that are malformed are refused, and the stream goes on', async () => {
  const bad = [
    'text',
    { do: 'delete', share },
    { do: 'list', share, path: '', limit: 100_000 },
    { do: 'list', share, path: 5, limit: 10 },
    { do: 'page', share, revision: -1, index: 0 },
    read({ id: new Uint8Array(5) }),
    read({ count: 65 }),
    read({ first: 64 }),
    read({ extra: 1 }),
  ];
  const answers = await ask(...bad, { do: 'offers' });
  expect(answers.slice(0, -1)).toEqual(bad.map(() => error('bad-request')));
  expect(answers.at(-1)?.said).toHaveLength(1);
});

test('hostile reader - nothing outside the share can be read', async () => {
  const paths = ['../../etc/passwd', '/etc/passwd', '..', '', 'tree', 'big/../small', 'big\0'];
  const answers = await ask(...paths.map((path) => read({ path })));
  expect(answers).toEqual(paths.map(() => error('path-unknown')));
  expect(await ask({ do: 'list', share, path: '..', limit: 10 })).toEqual([error('path-unknown')]);
});

test('hostile reader - ranges beyond the file, and other ids, are refused', async () => {
  expect(
    await ask(
      read({ group: 1 }),
      read({ group: 2 ** 40 }),
      read({ first: 19, count: 2 }),
      read({ id: new Uint8Array(32) }),
    ),
  ).toEqual([
    error('bad-request'),
    error('bad-request'),
    error('bad-request'),
    error('file-changed'),
  ]);
});

test('hostile reader - who is not in the audience cannot tell a share from none', async () => {
  pair.a.contacts.set(pair.b.key, false);
  const about = (id: string): unknown[] => [
    { do: 'manifest', share: id },
    { do: 'page', share: id, revision: 1, index: 0 },
    { do: 'list', share: id, path: '', limit: 10 },
    read({ share: id }),
  ];
  const answers = await ask(...about(share), ...about('no such share'));
  expect(answers).toEqual(Array.from({ length: 8 }, () => error('share-unknown')));
  expect(await ask({ do: 'offers' })).toEqual([{ kind: FrameKind.message, said: [] }]);
});

test('hostile reader - a contact that is blocked loses its streams at once', async () => {
  const stream = await open();
  await stream.write(frame(FrameKind.message, encodeCbor(read({ count: 20 }))));
  const reader = new FrameReader(stream);
  await reader.next();
  pair.a.contacts.set(pair.b.key, false);
  const drain = async (): Promise<void> => {
    const target = new Uint8Array(100_000);
    while ((await stream.read(target)) > 0);
  };
  await expect(drain()).rejects.toMatchObject({ code: 'stream-reset' });
});

test('hostile reader - what is no frame ends the stream', async () => {
  for (const bytes of [
    Buffer.from([0xff, 0xff, 0xff, 0xff, 0]),
    frame(FrameKind.bytes, Buffer.alloc(10)),
    frame(FrameKind.message, Buffer.alloc(20_000)),
  ]) {
    const stream = await open();
    await stream.write(bytes);
    await expect(stream.read(new Uint8Array(10))).rejects.toMatchObject({ code: 'stream-reset' });
  }
});

test('hostile reader - more streams than allowed are told so, and the others work', async () => {
  const streams: Stream[] = [];
  for (let i = 0; i < MAX_STREAMS_PER_READER; i += 1) streams.push(await open());
  expect(await ask({ do: 'offers' })).toEqual([error('busy')]);
  for (const stream of streams) stream.abort();
  await until(() => pair.link.streams === 0, 'the streams to end');
  expect((await ask({ do: 'offers' }))[0]?.kind).toBe(FrameKind.message);
});

test('hostile reader - one that asks for all and takes nothing costs little memory', async () => {
  const request = frame(FrameKind.message, encodeCbor(read({ count: 20 })));
  const before = process.memoryUsage().arrayBuffers;
  const streams = await Promise.all(Array.from({ length: 20 }, open));
  // Far more than the source takes in: the writes wait.
  const writes = streams.map((stream) =>
    stream
      .write(Buffer.concat(Array.from({ length: 5_000 }, () => request)))
      .catch(() => undefined),
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  // 32 chunks for all streams of one reader, and what the test's own link holds.
  const held = process.memoryUsage().arrayBuffers - before;
  expect(held).toBeLessThan((32 + 10) * 262_144 + 20 * (5_000 * request.length + 1_200_000));
  for (const stream of streams) stream.abort();
  await Promise.all(writes);
  await until(() => pair.link.streams === 0, 'the streams to end');
  expect((await ask({ do: 'offers' }))[0]?.kind).toBe(FrameKind.message);
});
