import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { MAX_STREAMS } from '../../main/link/quic/config.ts';
import { codeOfRejection, readAll } from './links-support.ts';
import {
  closeQuicPairs,
  createLoad,
  createProvenPair,
  echo,
  hashOf,
  WrappedConn,
} from './quic-support.ts';

afterEach(closeQuicPairs);

const MIB = 1024 * 1024;

test('quic - a load goes there and back whole, and each direction ends by itself', async () => {
  const { dialler } = await createProvenPair({ serve: (stream) => void echo(stream) });
  const load = createLoad(5 * MIB);
  const stream = dialler.quic.open();
  const back = hashOf(stream);
  await stream.write(load.bytes);
  await stream.end();
  expect(await back).toBe(load.hash);
  await expect.poll(() => dialler.quic.stats().streams).toBe(0);
});

test('quic - an empty stream ends on the other side', async () => {
  const { dialler, acceptor } = await createProvenPair();
  await dialler.quic.open().end();
  await expect.poll(() => acceptor.streams.length).toBe(1);
  expect(await acceptor.streams[0]?.read(Buffer.alloc(10))).toBe(0);
});

test('quic - 64 streams at once carry their own bytes', async () => {
  const { dialler } = await createProvenPair({ serve: (stream) => void echo(stream) });
  const hashes = await Promise.all(
    Array.from({ length: 64 }, async () => {
      const load = createLoad(100_000);
      const stream = dialler.quic.open();
      const back = hashOf(stream);
      await stream.write(load.bytes);
      await stream.end();
      return [await back, load.hash];
    }),
  );
  expect(hashes.map(([back]) => back)).toEqual(hashes.map(([, sent]) => sent));
});

test('quic - a writer waits for a slow reader, and goes on when it reads', async () => {
  const { dialler, acceptor } = await createProvenPair();
  const stream = dialler.quic.open();
  const load = createLoad(16 * MIB);
  let written = false;
  const writing = stream.write(load.bytes).then(() => (written = true));
  await expect.poll(() => acceptor.streams.length).toBe(1);
  await sleep(300);
  expect(written).toBe(false);
  expect(dialler.quic.stats().sentBytes).toBeLessThan(8 * MIB);
  const reader = acceptor.streams[0];
  if (reader === undefined) throw new Error('no stream came');
  const hash = hashOf(reader);
  await writing;
  await stream.end();
  expect(await hash).toBe(load.hash);
});

test('quic - what the opener gives up fails on the other side, and never looks like an end', async () => {
  const { dialler, acceptor } = await createProvenPair();
  const stream = dialler.quic.open();
  await stream.write(Buffer.from('half a mess'));
  await expect.poll(() => acceptor.streams.length).toBe(1);
  const reader = acceptor.streams[0];
  if (reader === undefined) throw new Error('no stream came');
  const buffer = Buffer.alloc(100);
  expect(await reader.read(buffer)).toBe(11);
  const pending = codeOfRejection(reader.read(buffer));
  stream.abort();
  expect(await pending).toBe('stream-reset');
  expect(await codeOfRejection(stream.write(Buffer.from('x')))).toBe('stream-reset');
  await expect
    .poll(() => [dialler.quic.stats().streams, acceptor.quic.stats().streams])
    .toEqual([0, 0]);
});

test('quic - a reader that gives up stops the writer', async () => {
  const { dialler, acceptor } = await createProvenPair();
  const stream = dialler.quic.open();
  const writing = codeOfRejection(stream.write(createLoad(16 * MIB).bytes));
  await expect.poll(() => acceptor.streams.length).toBe(1);
  acceptor.streams[0]?.abort();
  expect(await writing).toBe('stream-reset');
  await expect
    .poll(() => [dialler.quic.stats().streams, acceptor.quic.stats().streams])
    .toEqual([0, 0]);
});

test('quic - a link outlives far more given-up streams than it may have open', async () => {
  const { dialler, acceptor } = await createProvenPair();
  const bytes = Buffer.alloc(100_000);
  const atOnce = 50;
  let count = 0;
  for (; count < 2 * MAX_STREAMS + 100; count += atOnce) {
    const streams = Array.from({ length: atOnce }, () => dialler.quic.open());
    const writing = streams.map((stream) => stream.write(bytes).catch(() => undefined));
    await expect.poll(() => acceptor.streams.length, { timeout: 5_000 }).toBe(count + atOnce);
    for (const [index, stream] of streams.entries()) {
      // In turns: given up by the one that writes, by the one that does not read, by both.
      if (index % 3 !== 1) stream.abort();
      if (index % 3 !== 0) acceptor.streams[count + index]?.abort();
    }
    await Promise.all(writing);
    await expect.poll(() => dialler.quic.stats().streams, { timeout: 5_000 }).toBe(0);
  }
  const load = createLoad(2 * MIB);
  const stream = dialler.quic.open();
  void stream.write(load.bytes).then(() => stream.end());
  await expect.poll(() => acceptor.streams.length).toBe(count + 1);
  const last = acceptor.streams.at(-1);
  if (last === undefined) throw new Error('no stream came');
  expect(await hashOf(last)).toBe(load.hash);
});

test('quic - streams that nobody reads do not hold up the others', async () => {
  const { dialler, acceptor } = await createProvenPair();
  const unread = Array.from({ length: 40 }, () => dialler.quic.open());
  for (const stream of unread) void stream.write(Buffer.alloc(MIB)).catch(() => undefined);
  await expect.poll(() => acceptor.streams.length).toBe(unread.length);
  const stream = dialler.quic.open();
  await stream.write(Buffer.from('still here'));
  await stream.end();
  await expect.poll(() => acceptor.streams.length, { timeout: 5_000 }).toBe(unread.length + 1);
  const last = acceptor.streams.at(-1);
  expect((last && (await readAll(last)))?.toString()).toBe('still here');
});

test('quic - streams past the limit are refused, and free again when others end', async () => {
  const { dialler, acceptor } = await createProvenPair();
  const streams = Array.from({ length: MAX_STREAMS }, () => dialler.quic.open());
  expect(() => dialler.quic.open()).toThrow(expect.objectContaining({ code: 'link-limit' }));
  for (const stream of streams) await stream.end();
  await expect.poll(() => acceptor.streams.length).toBe(MAX_STREAMS);
  for (const stream of acceptor.streams) {
    await readAll(stream);
    await stream.end();
  }
  await Promise.all(streams.map(readAll));
  await expect.poll(() => tryOpen(() => dialler.quic.open())).toBe(true);
});

test('quic - a signal ends a waiting read and leaves the stream as it was', async () => {
  const { dialler, acceptor } = await createProvenPair();
  const stream = dialler.quic.open();
  await stream.write(Buffer.from('1'));
  const controller = new AbortController();
  const buffer = Buffer.alloc(10);
  const waiting = stream.read(buffer, controller.signal);
  controller.abort(new Error('changed my mind'));
  await expect(waiting).rejects.toThrow('changed my mind');
  await expect.poll(() => acceptor.streams.length).toBe(1);
  await acceptor.streams[0]?.write(Buffer.from('later'));
  expect(await stream.read(buffer)).toBe(5);
});

test('quic - a path that loses every tenth datagram still carries everything', async () => {
  let count = 0;
  const { dialler } = await createProvenPair({
    serve: (stream) => void echo(stream),
    wrap: (conn) =>
      new (class extends WrappedConn {
        override send(datagram: Uint8Array): boolean {
          count += 1;
          return count % 10 === 0 ? true : super.send(datagram);
        }
      })(conn),
  });
  const load = createLoad(2 * MIB);
  const stream = dialler.quic.open();
  const back = hashOf(stream);
  await stream.write(load.bytes);
  await stream.end();
  expect(await back).toBe(load.hash);
  expect(dialler.quic.stats().lostPackets).toBeGreaterThan(0);
});

test('quic - a path that is cut off for a while goes on where it was', async () => {
  let blocked = false;
  let conn: WrappedConn | undefined;
  const { dialler } = await createProvenPair({
    serve: (stream) => void echo(stream),
    wrap: (inner, role) => {
      if (role === 'acceptor') return inner;
      conn = new (class extends WrappedConn {
        override send(datagram: Uint8Array): boolean {
          return blocked ? false : super.send(datagram);
        }
      })(inner);
      return conn;
    },
  });
  const load = createLoad(4 * MIB);
  const stream = dialler.quic.open();
  const back = hashOf(stream);
  const writing = stream.write(load.bytes);
  blocked = true;
  await sleep(1_000);
  blocked = false;
  const resumedAt = performance.now();
  conn?.onDrain?.();
  await writing;
  await stream.end();
  expect(await back).toBe(load.hash);
  // Timers stood still meanwhile: no back-off as long as the pause keeps the bytes waiting.
  expect(performance.now() - resumedAt).toBeLessThan(5_000);
});

test('quic - when the path dies, everything that waits fails with it', async () => {
  const { dialler } = await createProvenPair();
  const stream = dialler.quic.open();
  const reading = codeOfRejection(stream.read(Buffer.alloc(1)));
  await dialler.endpoint.close();
  expect(await reading).toBe('link-down');
  expect((await dialler.closed).code).toBe('link-down');
  expect(() => dialler.quic.open()).toThrow(expect.objectContaining({ code: 'link-down' }));
});

test('quic - a close reaches the other side with its reason', async () => {
  const { dialler, acceptor } = await createProvenPair();
  dialler.quic.close('paused');
  const reason = await acceptor.closed;
  expect(reason.message).toBe('The other peer closed the link: paused.');
});

function tryOpen(open: () => unknown): boolean {
  try {
    open();
    return true;
  } catch {
    return false; // the limit
  }
}

test('quic - a window opens wide as soon as the first has been read', async () => {
  const { dialler, acceptor } = await createProvenPair();
  const stream = dialler.quic.open();
  const written = stream.write(Buffer.alloc(24 * 1024 * 1024)).catch(() => undefined);
  await expect.poll(() => acceptor.streams.length).toBe(1);
  const target = Buffer.alloc(64 * 1024);
  for (let left = 700 * 1024; left > 0;) left -= (await acceptor.streams[0]?.read(target)) ?? left;
  // quiche alone would have come to 256 KiB by now.
  await expect
    .poll(() => dialler.quic.stats().sentBytes, { timeout: 5_000 })
    .toBeGreaterThan(12 * 1024 * 1024);
  stream.abort();
  await written;
});

test('quic - a download goes on after all that gave credit for it was lost', async () => {
  let [read, lost] = [0, 0];
  const { dialler } = await createProvenPair({
    control: 'own',
    serve: (stream) => void stream.write(Buffer.alloc(4 * MIB)).catch(() => undefined),
    wrap: (conn, role) => {
      const wrapped = new WrappedConn(conn);
      wrapped.send = (datagram) => {
        // About when the first window is used up, and credit for more goes out.
        const isLost = role === 'dialler' && read > 1.9 * MIB && lost < 8;
        const copy = Buffer.from(datagram);
        if (isLost) lost += 1;
        else setTimeout(() => conn.send(copy), 25);
        return true;
      };
      return wrapped;
    },
  });
  const stream = dialler.quic.open();
  await stream.write(Buffer.from('go'));
  const target = Buffer.alloc(64 * 1024);
  while (read < 4 * MIB) read += await stream.read(target);
  expect(lost).toBe(8);
});
