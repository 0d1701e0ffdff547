import { afterEach, beforeEach, expect, test } from 'vitest';
import { createContacts, MAX_REQUESTED } from '../../main/identity/contacts.ts';
import type { Contact, Contacts, Way } from '../../main/identity/types.ts';
import { randomPeerKey } from './support/arbitraries.ts';
import { openStore, type Store } from '../../main/store/open.ts';

let store: Store;
let contacts: Contacts;
let clock: number;
let told: [string, Contact | undefined][];
beforeEach(() => {
  store = openStore(':memory:');
  clock = 1_000;
  contacts = createContacts(store, () => clock);
  told = [];
  contacts.onChange((key, contact) => told.push([key, contact]));
});
afterEach(() => store.close());

const udp = (port: number): Way => ({ kind: 'udp', host: '192.0.2.1', port });

test('contacts - one is put, changed field by field, and told to listeners', () => {
  const key = randomPeerKey();
  const first = contacts.put(key, { state: 'invited', name: 'Ada' });
  expect(first).toEqual({
    ...{ key, name: 'Ada', state: 'invited', ways: [], addedAt: 1_000, lastSeenAt: null },
    relay: false,
  });
  clock = 2_000;
  contacts.put(key, { state: 'accepted' });
  const last = contacts.put(key, { lastSeenAt: 1_900, ways: [udp(1)] });
  expect(last).toEqual({ ...first, state: 'accepted', lastSeenAt: 1_900, ways: [udp(1)] });
  expect(contacts.get(key)).toEqual(last);
  expect(contacts.list()).toEqual([last]);
  expect(told.map(([, contact]) => contact?.state)).toEqual(['invited', 'accepted', 'accepted']);
});

test('contacts - a change that changes nothing is not told', () => {
  const key = randomPeerKey();
  contacts.put(key, { state: 'accepted', name: 'Ada', ways: [udp(1)] });
  contacts.put(key, { state: 'accepted', name: ' Ada ' });
  contacts.learnWays(key, [udp(1)]);
  expect(told).toHaveLength(1);
});

test('contacts - names are cleaned and never empty', () => {
  const key = randomPeerKey();
  expect(contacts.put(key, { state: 'requested', name: '\u202E\n' }).name).toBe(key.slice(0, 8));
  expect(contacts.put(key, { name: 'A\u0000d\u202Ea' }).name).toBe('A da');
  expect(contacts.put(key, { name: '\u200B' }).name).toBe('A da');
  expect(contacts.put(key, { name: '👩'.repeat(99) }).name).toHaveLength(64);
});

test('contacts - learned ways come first, once each, at most sixteen', () => {
  const key = randomPeerKey();
  contacts.put(key, { state: 'accepted', ways: [udp(1), udp(2)] });
  contacts.learnWays(key, [udp(3), udp(2)]);
  expect(contacts.get(key)?.ways).toEqual([udp(3), udp(2), udp(1)]);
  contacts.learnWays(
    key,
    Array.from({ length: 40 }, (_, n) => udp(100 + n)),
  );
  expect(contacts.get(key)?.ways).toEqual(Array.from({ length: 16 }, (_, n) => udp(100 + n)));
  const bad = [udp(0), { kind: 'nats', server: 'nats://u:p@host', prefix: 'x' } as const];
  contacts.learnWays(key, bad);
  expect(contacts.get(key)?.ways).toHaveLength(16);
  contacts.learnWays(randomPeerKey(), [udp(1)]);
  expect(contacts.list()).toHaveLength(1);
});

test('contacts - a removed one is gone, and told once', () => {
  const key = randomPeerKey();
  contacts.put(key, { state: 'accepted' });
  contacts.remove(key);
  contacts.remove(key);
  expect(contacts.get(key)).toBeUndefined();
  expect(told.map(([, contact]) => contact?.state)).toEqual(['accepted', undefined]);
});

test('contacts - strangers cannot fill the store: the oldest request makes room', () => {
  const friend = randomPeerKey();
  contacts.put(friend, { state: 'accepted' });
  const keys = Array.from({ length: MAX_REQUESTED + 3 }, randomPeerKey);
  for (const key of keys) {
    clock += 1;
    contacts.put(key, { state: 'requested' });
  }
  const kept = contacts.list().filter(({ state }) => state === 'requested');
  expect(kept.map(({ key }) => key)).toEqual(keys.slice(3));
  expect(contacts.get(friend)?.state).toBe('accepted');
  const gone = told.filter(([, contact]) => contact === undefined).map(([key]) => key);
  expect(gone).toEqual(keys.slice(0, 3));
});

test('contacts - a request of the same moment, or with a clock set back, is not the one to go', () => {
  for (let n = 0; n < MAX_REQUESTED; n += 1) contacts.put(randomPeerKey(), { state: 'requested' });
  clock = 0;
  const late = randomPeerKey();
  contacts.put(late, { state: 'requested' });
  expect(contacts.get(late)?.state).toBe('requested');
  expect(contacts.list()).toHaveLength(MAX_REQUESTED);
});

test('contacts - what is no key, or new without a state, is a mistake of the caller', () => {
  expect(() => contacts.put(randomPeerKey(), { name: 'Ada' })).toThrow(TypeError);
  expect(() => contacts.put('ABC', { state: 'accepted' })).toThrow(TypeError);
  expect(contacts.list()).toEqual([]);
});

test('contacts - listeners hear nothing of a transaction that is undone', () => {
  const key = randomPeerKey();
  expect(() =>
    store.transaction(() => {
      contacts.put(key, { state: 'accepted' });
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(told).toEqual([]);
  expect(contacts.get(key)).toBeUndefined();
});

test('contacts - a listener that stopped listening hears nothing more', () => {
  let heard = 0;
  const stop = contacts.onChange(() => (heard += 1));
  contacts.put(randomPeerKey(), { state: 'accepted' });
  stop();
  contacts.put(randomPeerKey(), { state: 'accepted' });
  expect(heard).toBe(1);
});

test('contacts - names that mean SQL are names', () => {
  const key = randomPeerKey();
  const name = `Robert'); DROP TABLE contacts;--`;
  contacts.put(key, { state: 'accepted', name });
  expect(contacts.get(key)?.name).toBe(name);
});
