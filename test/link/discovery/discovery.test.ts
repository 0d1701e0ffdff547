import { expect, test } from 'vitest';
import { Room, testIdentity, until } from './support.ts';

test('discovery - two peers that everyone may see know each other at once', async () => {
  await using room = await Room.open();
  const ada = await room.enter({ name: 'Ada' });
  const bob = await room.enter();
  await until(() => ada.discovery.get(bob.identity.key) !== undefined, 'Bob');
  await until(() => bob.discovery.get(ada.identity.key) !== undefined, 'Ada');
  expect(bob.discovery.get(ada.identity.key)).toMatchObject({
    name: 'Ada',
    addresses: [{ host: '127.0.0.1' }],
  });
  expect(ada.discovery.get(bob.identity.key)?.name).toBeUndefined();
});

test('discovery - by mDNS alone two peers find each other too', async () => {
  await using room = await Room.open(['mdns']);
  const ada = await room.enter({ name: 'Ada' });
  const bob = await room.enter();
  await until(() => ada.discovery.get(bob.identity.key) !== undefined, 'Bob');
  await until(() => bob.discovery.get(ada.identity.key)?.name === 'Ada', 'Ada');
});

for (const by of ['beacon', 'mdns'] as const) {
  test(`discovery - contacts find each other by ${by}, and strangers do not see them`, async () => {
    await using room = await Room.open([by]);
    const [ada, bob] = [testIdentity(), testIdentity()];
    const stranger = await room.enter();
    const one = await room.enter({ identity: ada, lan: 'contacts', contacts: [bob.key] });
    const two = await room.enter({ identity: bob, lan: 'contacts', contacts: [ada.key] });
    await until(() => one.discovery.get(bob.key) !== undefined, 'Bob');
    await until(() => two.discovery.get(ada.key) !== undefined, 'Ada');
    await until(() => one.discovery.get(stranger.identity.key) !== undefined, 'the stranger');
    expect(stranger.discovery.list()).toEqual([]);
  });
}

test('discovery - who leaves is gone at once', async () => {
  await using room = await Room.open();
  const ada = await room.enter();
  const bob = await room.enter();
  await until(() => ada.discovery.get(bob.identity.key) !== undefined, 'Bob');
  const gone: string[] = [];
  ada.discovery.on('gone', (key) => gone.push(key));
  await bob.discovery.stop();
  await until(() => gone.includes(bob.identity.key), 'the goodbye');
  expect(ada.discovery.list()).toEqual([]);
});

test('discovery - asker and asked draw the same fingerprint, and others another', async () => {
  await using room = await Room.open();
  const ada = await room.enter();
  const bob = await room.enter();
  const eve = await room.enter();
  const [a, b, e] = [ada.identity.key, bob.identity.key, eve.identity.key];
  await until(() => ada.discovery.list().length === 2, 'both');
  await ada.discovery.acquaint(b);
  await ada.discovery.acquaint(e);
  const drawn = ada.discovery.fingerprintOf(b);
  expect(drawn?.words).toHaveLength(6);
  expect(drawn?.icons).toHaveLength(4);
  expect(bob.discovery.fingerprintOf(a)).toEqual(drawn);
  expect(eve.discovery.fingerprintOf(a)).toEqual(ada.discovery.fingerprintOf(e));
  expect(ada.discovery.fingerprintOf(e)).not.toEqual(drawn);
});
