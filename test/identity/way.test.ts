import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Way } from '../../main/identity/types.ts';
import { packWay, unpackWay } from '../../main/identity/compact-way.ts';
import { formatWay, parseWay, validWays, withoutCredentials } from '../../main/identity/way.ts';
import { anyWay } from './support/arbitraries.ts';

const udp = (host: string, port = 4711): Way => ({ kind: 'udp', host, port });
const nats = (server: string, prefix = 'skerry'): Way => ({ kind: 'nats', server, prefix });

test('way - is written for people and read again', () => {
  for (const [way, text] of [
    [udp('192.0.2.1'), 'udp 192.0.2.1:4711'],
    [udp('2001:db8::1'), 'udp [2001:db8::1]:4711'],
    [udp('ada.example'), 'udp ada.example:4711'],
    [nats('nats://host:4222'), 'nats nats://host:4222 skerry'],
    [nats('wss://host/nats', 'a.b'), 'nats wss://host/nats a.b'],
  ] as const) {
    expect(formatWay(way)).toBe(text);
    expect(parseWay(text)).toEqual(way);
  }
});

test('way - the kind, and the prefix when it is the usual one, may be left out', () => {
  expect(parseWay(' 192.0.2.1:4711\n')).toEqual(udp('192.0.2.1'));
  expect(parseWay('[::1]:1')).toEqual(udp('::1', 1));
  expect(parseWay('localhost:65535')).toEqual(udp('localhost', 65_535));
  expect(parseWay('tls://host')).toEqual(nats('tls://host'));
  expect(parseWay('nats://host:4222 ours')).toEqual(nats('nats://host:4222', 'ours'));
});

test('way - any valid one survives text and compact form', () => {
  fc.assert(
    fc.property(anyWay, (way) => {
      expect(parseWay(formatWay(way))).toEqual(way);
      expect(unpackWay(packWay(way))).toEqual(way);
    }),
    { numRuns: 500 },
  );
});

test('way - what names none is refused with a sentence', () => {
  for (const text of [
    '',
    'host',
    'host:',
    ':4711',
    'host:0',
    'host:65536',
    'host:4711x',
    '1.2.3:4711',
    '256.1.1.1:4711',
    '2001:db8::1:4711',
    '[2001:db8::1]',
    '[host]:4711',
    '[fe80::1%eth0]:4711',
    'ho st:4711',
    'udp nats://host:4222',
    'nats host:4222',
    'udp host:4711 extra',
    'http://host:80',
    'file:///etc/passwd',
    'nats://',
    'nats://user:pass@host:4222',
    'nats://token@host:4222',
    'nats://host?x=1',
    'nats://host:4222 a..b',
    'nats://host:4222 a.>',
    'nats://host:4222 a b',
    `${'a'.repeat(300)}:4711`,
    `nats://${'a'.repeat(600)}`,
  ]) {
    expect(() => parseWay(text), text).toThrow(expect.objectContaining({ code: 'way-malformed' }));
  }
});

test('way - any text is a way or a clear error', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.nat(0x24f).map((code) => String.fromCharCode(code)) }),
      (text) => {
        try {
          expect(validWays([parseWay(text)])).toHaveLength(1);
        } catch (error) {
          expect(error).toMatchObject({ code: 'way-malformed' });
        }
      },
    ),
  );
});

test('ways - of a list the valid ones stay, once each, at most sixteen, in their order', () => {
  const first = udp('192.0.2.1');
  expect(
    validWays([
      first,
      nats('nats://u:p@host'),
      'x',
      null,
      udp('192.0.2.1'),
      udp('Host'),
      udp('host'),
    ]),
  ).toEqual([first, udp('Host')]);
  expect(validWays([{ ...first, extra: 1 }])).toEqual([]);
  const many = Array.from({ length: 40 }, (_, n) => udp('192.0.2.1', n + 1));
  expect(validWays(many)).toEqual(many.slice(0, 16));
});

test('way - credentials come off a server url', () => {
  expect(withoutCredentials('nats://user:secret@host:4222')).toBe('nats://host:4222');
  expect(withoutCredentials('nats://token@host:4222')).toBe('nats://host:4222');
  expect(withoutCredentials('nats://host:4222')).toBe('nats://host:4222');
});

test('compact way - bytes of no known length are no way', () => {
  for (const length of [0, 1, 2, 5, 7, 17, 19, 300]) {
    expect(unpackWay(new Uint8Array(length).fill(1)), `${length}`).toBeUndefined();
  }
  expect(unpackWay(new Uint8Array(6))).toBeUndefined();
  expect(unpackWay(['host', 0])).toBeUndefined();
  expect(unpackWay('')).toBeUndefined();
});
