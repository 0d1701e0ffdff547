import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { quiche, type Connection } from '@matrixai/quic/native/index.js';
import { afterEach, expect, test, vi } from 'vitest';
import type { LinkError } from '../../main/link/errors.ts';
import { provenKey } from '../../main/link/quic/proven-key.ts';
import type { QuicStream } from '../../main/link/quic/quic-stream.ts';
import { encodeSignal, SignalParser } from '../../main/link/quic/signals.ts';
import { encodeMark } from '../../main/link/rate/delivery-wire.ts';
import { codeOfRejection, createTestIdentity } from './links-support.ts';
import {
  closeQuicPairs,
  createLoad,
  createProvenPair,
  createQuicPair,
  echo,
  hashOf,
} from './quic-support.ts';

afterEach(closeQuicPairs);

const MIB = 1024 * 1024;

test('quic - a dialled peer that proves another key is refused', async () => {
  const mallory = await createTestIdentity();
  const { dialler, acceptor } = await createQuicPair({ acceptorTls: mallory });
  expect(await codeOfRejection(dialler.quic.established)).toBe('wrong-peer');
  expect((await acceptor.closed).code).toBe('wrong-peer');
  expect(() => dialler.quic.open()).toThrow(expect.objectContaining({ code: 'link-down' }));
});

test('quic - a dialler that proves another key opens no stream', async () => {
  const mallory = await createTestIdentity();
  const { dialler, acceptor } = await createQuicPair({ diallerTls: mallory });
  // The dialler is done with TLS first and may send at once.
  await dialler.quic.established;
  const stream = dialler.quic.open();
  await stream.write(Buffer.from('let me in')).catch(() => undefined);
  expect(await codeOfRejection(acceptor.quic.established)).toBe('wrong-peer');
  expect((await dialler.closed).code).toBe('wrong-peer');
  expect(acceptor.streams).toEqual([]);
});

test('quic - garbage before the first packet does not keep the dialler out', async () => {
  const { dialler, acceptor } = await createQuicPair();
  for (let count = 0; count < 50; count += 1) acceptor.conn.onDatagram?.(randomBytes(1200));
  await Promise.all([dialler.quic.established, acceptor.quic.established]);
  expect(acceptor.quic.isClosed).toBe(false);
});

test('quic - garbage among the packets does no harm', async () => {
  const { dialler, acceptor } = await createProvenPair({ serve: (stream) => void echo(stream) });
  const load = createLoad(1024 * 1024);
  const stream = dialler.quic.open();
  const back = hashOf(stream);
  const writing = stream.write(load.bytes);
  for (let count = 0; count < 2_000; count += 1) {
    for (const { conn } of [dialler, acceptor]) {
      const garbage = randomBytes(1 + (count % 1400));
      garbage[0] = count % 256;
      conn.onDatagram?.(garbage);
    }
    if (count % 100 === 0) await sleep(1);
  }
  await writing;
  await stream.end();
  expect(await back).toBe(load.hash);
});

test('quic - a repeated datagram changes nothing', async () => {
  const { dialler, acceptor } = await createProvenPair({ serve: (stream) => void echo(stream) });
  const listener = acceptor.conn.onDatagram;
  acceptor.conn.onDatagram = (datagram) => {
    const copy = Buffer.from(datagram);
    listener?.(datagram);
    listener?.(copy);
  };
  const load = createLoad(500_000);
  const stream = dialler.quic.open();
  const back = hashOf(stream);
  await stream.write(load.bytes);
  await stream.end();
  expect(await back).toBe(load.hash);
});

test('proven key - of what is no Ed25519 certificate there is none', () => {
  expect(provenKey(undefined)).toBeUndefined();
  expect(provenKey(new Uint8Array(0))).toBeUndefined();
  expect(provenKey(randomBytes(500))).toBeUndefined();
});

test('signals - are read whatever their pieces', () => {
  const heard: number[] = [];
  const parser = new SignalParser();
  const bytes = Buffer.concat([encodeSignal(4), encodeSignal(0xffffffff), encodeSignal(9)]);
  for (const byte of bytes) parser.push(Buffer.of(byte), (id) => heard.push(id));
  parser.push(bytes, (id) => heard.push(id));
  expect(heard).toEqual([4, 0xffffffff, 9, 4, 0xffffffff, 9]);
});

test('quic - readers that were fast and stopped make no link hold more than its limit', async () => {
  const { dialler, acceptor } = await createProvenPair({ maxHeld: 40 * MIB });
  const load = Buffer.alloc(8 * MIB, 7);
  const streams = [];
  for (let at = 0; at < 4; at++) {
    const stream = dialler.quic.open();
    const written = stream.write(load);
    await expect.poll(() => acceptor.streams.length).toBe(at + 1);
    await readBytes(acceptor.streams[at] as QuicStream, load.length);
    await written;
    streams.push(stream);
  }
  const endings = streams.map((stream) =>
    stream.write(Buffer.alloc(32 * MIB)).then(
      () => 'written',
      (error: unknown) => (error as LinkError).code,
    ),
  );
  // Each may hold 15.5 MiB more than a new one: those that were read last stay.
  expect(await Promise.all(endings.slice(0, 2))).toEqual(['stream-reset', 'stream-reset']);
  await Promise.all(acceptor.streams.slice(2).map((stream) => readBytes(stream, 32 * MIB)));
  expect(await Promise.all(endings.slice(2))).toEqual(['written', 'written']);
  expect(acceptor.quic.isClosed).toBe(false);
});

test('quic - DATAGRAM frames of any length and number do no harm, and are answered once a turn at the most', async () => {
  const seen = vi.spyOn(
    (quiche.Connection as unknown as { prototype: Connection }).prototype,
    'isEstablished',
  );
  const { dialler, acceptor } = await createProvenPair({ serve: (stream) => void echo(stream) });
  const both = [...new Set(seen.mock.contexts)] as Connection[];
  seen.mockRestore();
  const native = both.find((one) => one.stats().sentBytes === dialler.quic.stats().sentBytes);
  if (native === undefined) throw new Error('the connection of quiche was not found');
  const stream = dialler.quic.open();
  const target = Buffer.alloc(100);
  const before = acceptor.quic.stats().sentBytes;
  let sent = 0;
  for (let at = 0; at < 400; at += 1) {
    for (let count = 0; count < 30; count += 1) {
      native.dgramSend(encodeMark(at * 30 + count));
      native.dgramSend(randomBytes(1 + ((at * 30 + count) % 1_200)));
      sent += 2;
    }
    await stream.write(Buffer.from('on'));
    await stream.read(target);
  }
  await stream.end();
  expect(await stream.read(target)).toBe(0);
  expect(sent).toBe(24_000);
  expect(acceptor.quic.isClosed).toBe(false);
  // An acknowledgement and a report of about 60 bytes for each of 12,000 marks would be 700 kB.
  expect(acceptor.quic.stats().sentBytes - before).toBeLessThan(300_000);
});

async function readBytes(stream: QuicStream, bytes: number): Promise<void> {
  const target = Buffer.alloc(64 * 1024);
  for (let left = bytes; left > 0;) {
    const count = await stream.read(target.subarray(0, Math.min(left, target.length)));
    if (count === 0) throw new Error('the stream has ended');
    left -= count;
  }
}
