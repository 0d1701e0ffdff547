import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { isPathMessage, PathMessages } from '../../../main/link/paths/path-message.ts';
import { ReplayWindow } from '../../../main/link/paths/replay-window.ts';

function createPair(): { a: PathMessages; b: PathMessages } {
  const keys = { dialler: randomBytes(32), acceptor: randomBytes(32) };
  return { a: new PathMessages(keys, 'dialler'), b: new PathMessages(keys, 'acceptor') };
}

describe('path messages', () => {
  test('a ping and its answer are read by the other side', () => {
    const { a, b } = createPair();
    const { datagram, counter } = a.ping();
    expect(isPathMessage(datagram)).toBe(true);
    expect(b.open(datagram)).toEqual({ type: 'ping', counter });
    const from = '[2001:db8:1234:5678:9abc:def0:1234:5678]:65535';
    expect(a.open(b.pong(counter, from))).toEqual({ type: 'pong', answers: counter, from });
  });

  test('a ping is as long as it has to be', () => {
    const { a, b } = createPair();
    for (const [bytes, length] of [
      [0, 24],
      [25, 25],
      [1_350, 1_350],
      [4_000, 2_048],
    ] as const) {
      const { datagram, counter } = a.ping(bytes);
      expect(datagram.length).toBe(length);
      expect(b.open(datagram)).toEqual({ type: 'ping', counter });
    }
  });

  test('the packets of QUIC are none', () => {
    for (const first of [0x40, 0x5f, 0xc0, 0xff]) {
      expect(isPathMessage(Buffer.of(first, 0, 0))).toBe(false);
    }
    expect(isPathMessage(Buffer.alloc(0))).toBe(false);
  });

  test('nothing is read twice, nor one’s own, nor what anybody changed', () => {
    const { a, b } = createPair();
    const { datagram } = a.ping();
    expect(a.open(datagram)).toBeUndefined();
    for (let at = 0; at < datagram.length; at += 1) {
      const changed = Buffer.from(datagram);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(b.open(changed)).toBeUndefined();
    }
    for (let length = 0; length < datagram.length; length += 1) {
      expect(b.open(datagram.subarray(0, length))).toBeUndefined();
    }
    expect(b.open(randomBytes(2_000))).toBeUndefined();
    expect(b.open(Buffer.concat([datagram, Buffer.alloc(2_049)]))).toBeUndefined();
    expect(b.open(datagram)).toBeDefined();
    expect(b.open(datagram)).toBeUndefined();
  });

  test('a strange first message does not shut out those that follow', () => {
    const { a, b } = createPair();
    const forged = Buffer.alloc(24, 0xff);
    forged[0] = 1;
    expect(b.open(forged)).toBeUndefined();
    expect(b.open(a.ping().datagram)).toBeDefined();
  });
});

describe('replay window', () => {
  test('each counter passes once, in any order that is near enough', () => {
    const window = new ReplayWindow();
    const counters = Array.from({ length: 3_000 }, (_, index) => index ^ 3);
    expect(counters.filter((counter) => window.take(counter))).toEqual(counters);
    expect(counters.some((counter) => window.take(counter))).toBe(false);
    expect(window.take(10_000)).toBe(true);
    expect(window.take(9_500)).toBe(true);
    expect(window.take(9_500)).toBe(false);
    expect(window.take(8_000)).toBe(false);
  });
});
