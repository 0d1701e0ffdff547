import { expect, test } from 'vitest';
import { encodeCbor } from '../../../main/base/cbor.ts';
import {
  decodeBeacon,
  encodeOpen,
  encodeVeiled,
  MARK_BYTES,
  MAX_BEACON_BYTES,
  MAX_MARKS,
  type BeaconFacts,
} from '../../../main/link/discovery/beacon.ts';
import { Inspector } from '../../../main/link/discovery/inspector.ts';
import type { Pair } from '../../../main/link/discovery/pair-keys.ts';
import { testIdentity, type TestIdentity } from './support.ts';

const NOW = 1_800_000_000_000;
const HOST = '192.0.2.7';
const me = testIdentity(1);
const ada = testIdentity(2);

function facts(change: Partial<BeaconFacts> = {}): BeaconFacts {
  return { port: 4711, back: 5000, at: ['192.0.2.7', '2001:db8::7'], ts: NOW, ...change };
}

function inspector(contacts: readonly TestIdentity[] = [], clock = { now: NOW }): Inspector {
  const pairs = new Map<string, Pair>();
  for (const { key } of contacts) {
    pairs.set(key, { key, pairKey: me.agree(key, 'beacon') ?? new Uint8Array() });
  }
  return new Inspector({ self: me.key, pairs: () => pairs, now: () => clock.now });
}

const open = (change: Partial<BeaconFacts> & { name?: string } = {}): Uint8Array =>
  encodeOpen({ ...facts(), ...change }, ada);
const veiledFor = (...keys: string[]): Uint8Array =>
  encodeVeiled(
    facts(),
    ada.key,
    keys.map((key) => ({ pairKey: ada.agree(key, 'beacon') ?? new Uint8Array() })),
  );
/** The beacon with some of its fields replaced, and the signature left as it was. */
const forged = (bytes: Uint8Array, change: object): Uint8Array =>
  encodeCbor({ ...decodeBeacon(bytes), ...change });
function without(fields: object, left: string): object {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== left));
}

test('beacon - an open one proves its key and says where to dial', () => {
  expect(inspector().inspect(open({ name: 'Ada', ask: true }), HOST)).toEqual({
    key: ada.key,
    addresses: [
      { host: HOST, port: 4711 },
      { host: '2001:db8::7', port: 4711 },
    ],
    back: { host: HOST, port: 5000 },
    name: 'Ada',
    ask: true,
    bye: false,
  });
});

test('beacon - a forged one counts for nothing', () => {
  const bytes = open({ name: 'Ada' });
  const eve = testIdentity(3);
  for (const change of [
    { key: eve.key },
    { name: 'Bob' },
    { port: 1 },
    { ts: NOW + 1 },
    { at: [] },
  ]) {
    expect(inspector().inspect(forged(bytes, change), HOST)).toBeUndefined();
  }
  expect(inspector().inspect(bytes, HOST)?.key).toBe(ada.key);
});

test('beacon - the same one counts once, whoever sends it again', () => {
  const judge = inspector();
  const bytes = open();
  expect(judge.inspect(bytes, HOST)?.key).toBe(ada.key);
  expect(judge.inspect(bytes, HOST)).toBeUndefined();
  expect(judge.inspect(bytes, '192.0.2.66')).toBeUndefined();
  expect(judge.spent.signatures).toBe(1);
});

test('beacon - a clock more than 90 s off does not count, and costs no signature', () => {
  const judge = inspector();
  for (const ts of [NOW - 90_001, NOW + 90_001, 0]) {
    expect(judge.inspect(open({ ts }), HOST)).toBeUndefined();
  }
  expect(judge.spent.signatures).toBe(0);
  expect(judge.inspect(open({ ts: NOW - 90_000 }), HOST)?.key).toBe(ada.key);
});

test('beacon - one kept for later does not count again when its nonce is forgotten', () => {
  const clock = { now: NOW };
  const judge = inspector([], clock);
  const bytes = open({ ts: NOW + 80_000 });
  expect(judge.inspect(bytes, HOST)?.key).toBe(ada.key);
  for (clock.now = NOW; clock.now < NOW + 400_000; clock.now += 1000) {
    expect(judge.inspect(bytes, HOST)).toBeUndefined();
  }
});

test('beacon - what is too long, not deterministic, or of another form is dropped unseen', () => {
  const judge = inspector();
  for (const bytes of [
    new Uint8Array(MAX_BEACON_BYTES + 1),
    Buffer.concat([open(), Buffer.of(0)]),
    new Uint8Array(0),
    encodeCbor(without(decodeBeacon(open()) ?? {}, 'sig')),
    forged(open(), { extra: 1 }),
    forged(open(), { v: 2 }),
    forged(open(), { at: Array(7).fill('192.0.2.7') }),
    forged(open(), { at: ['evil.example'] }),
    forged(open(), { at: ['fe80::1%eth0'] }),
    forged(open(), { port: 0 }),
    forged(open(), { name: 'x'.repeat(65) }),
    forged(veiledFor(me.key), { marks: new Uint8Array(MARK_BYTES) }),
    forged(veiledFor(me.key), { marks: new Uint8Array((MAX_MARKS + 8) * MARK_BYTES) }),
  ]) {
    expect(judge.inspect(bytes, HOST)).toBeUndefined();
  }
  expect(judge.spent.signatures).toBe(0);
});

test('beacon - names lose their controls and what turns text around', () => {
  const honest = decodeBeacon(open({ name: 'x' })) ?? {};
  const body = { ...without(honest, 'sig'), name: '\u001b[31mAda\u202E\n\u0000' };
  const sig = new Uint8Array(ada.sign('skerry beacon 1', encodeCbor(body)));
  const seen = inspector().inspect(encodeCbor({ ...body, sig }), HOST);
  expect(seen?.name).toBe('[31mAda');
});

test('beacon - addresses of nobody, and of this machine, are not dialled', () => {
  const at = ['224.0.0.1', '0.0.0.0', 'ff02::1', '127.0.0.1', '::1', '198.51.100.1'];
  expect(inspector().inspect(open({ at }), HOST)?.addresses).toEqual([
    { host: HOST, port: 4711 },
    { host: '198.51.100.1', port: 4711 },
  ]);
});

test('veiled beacon - a contact knows whose it is, a stranger and an ex-contact do not', () => {
  const bytes = veiledFor(me.key);
  expect(inspector([ada]).inspect(bytes, HOST)?.key).toBe(ada.key);
  expect(inspector([testIdentity(5)]).inspect(bytes, HOST)).toBeUndefined();
  expect(inspector().inspect(bytes, HOST)).toBeUndefined();
  expect(inspector([ada]).inspect(veiledFor(testIdentity(5).key), HOST)).toBeUndefined();
});

test('veiled beacon - names nobody, and hides how many contacts there are', () => {
  const bytes = veiledFor(me.key);
  expect(Buffer.from(bytes).includes(ada.key)).toBe(false);
  expect(bytes).toHaveLength(veiledFor(me.key, testIdentity(5).key).length);
  expect(bytes).toHaveLength(veiledFor().length);
});

test('veiled beacon - changed on the way, or sent again, it is nobody’s', () => {
  const bytes = veiledFor(me.key);
  const judge = inspector([ada]);
  for (const change of [{ port: 1 }, { back: 1 }, { ts: NOW + 1 }, { ask: true }]) {
    expect(judge.inspect(forged(bytes, change), HOST)).toBeUndefined();
  }
  expect(judge.inspect(bytes, HOST)?.key).toBe(ada.key);
  expect(judge.inspect(bytes, HOST)).toBeUndefined();
});

test('veiled beacon - thrown back at its sender it is nobody’s', () => {
  const mine = encodeVeiled(facts(), me.key, [
    { pairKey: me.agree(ada.key, 'beacon') ?? new Uint8Array() },
  ]);
  expect(inspector([ada]).inspect(mine, HOST)).toBeUndefined();
});

test('beacon - the largest of each kind fits', () => {
  const at = Array(6).fill('2001:db8:1111:2222:3333:4444:5555:6666') as string[];
  const marks = Array.from({ length: MAX_MARKS }, (_, index) => ({
    pairKey: new Uint8Array(32).fill(index),
  }));
  const most = facts({ at, ask: true, bye: true, port: 65_535, back: 65_535 });
  for (const bytes of [
    encodeOpen({ ...most, name: '\uFFFD'.repeat(64) }, ada),
    encodeVeiled(most, ada.key, marks),
  ]) {
    expect(bytes.length).toBeLessThanOrEqual(MAX_BEACON_BYTES);
    expect(decodeBeacon(bytes)).toBeDefined();
  }
});

test('flood - of forged beacons of one source costs 30 signatures at once, of many sources 100', () => {
  const clock = { now: NOW };
  const one = inspector([], clock);
  const forgeries = Array.from({ length: 400 }, () => forged(open(), { name: 'Bob' }));
  for (const bytes of forgeries) one.inspect(bytes, HOST);
  expect(one.spent.signatures).toBe(30);
  const many = inspector([], clock);
  for (const [index, bytes] of forgeries.entries()) {
    many.inspect(bytes, `198.51.${String(index >> 8)}.${String(index & 255)}`);
  }
  expect(many.spent.signatures).toBe(100);
  clock.now += 1000;
  for (const bytes of forgeries) one.inspect(bytes, HOST);
  expect(one.spent.signatures).toBe(35);
});

test('flood - of anything is parsed 1,000 times a second, and veiled beacons unveiled 50 times', () => {
  const judge = inspector([ada]);
  for (let count = 0; count < 3000; count += 1) judge.inspect(new Uint8Array(100), HOST);
  expect(judge.spent).toEqual({ parsed: 1000, signatures: 0, unveiled: 0 });
  const other = inspector([ada]);
  const strange = veiledFor(testIdentity(5).key);
  for (let count = 0; count < 500; count += 1) {
    other.inspect(strange, `198.51.100.${String(count % 250)}`);
  }
  expect(other.spent.unveiled).toBe(50);
});
