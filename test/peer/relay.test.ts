import { expect, test } from 'vitest';
import { introduce, TestPeers, until } from './peers-support.ts';

test('peer - two contacts without addresses are linked through one that both allow, and then directly', async () => {
  await using peers = new TestPeers();
  const [ada, xenia, bob] = [
    await peers.start('ada'),
    await peers.start('xenia'),
    await peers.start('bob'),
  ];
  await introduce(ada, xenia);
  await introduce(xenia, bob);
  const soon = AbortSignal.timeout(10_000);
  await Promise.all([
    ada.contacts.add(bob.key, undefined, soon),
    bob.contacts.add(ada.key, undefined, soon),
  ]);
  expect(ada.links.get(bob.key)).toBeUndefined();
  for (const [one, other] of [
    [ada, xenia],
    [xenia, bob],
  ] as const) {
    expect(one.contacts.get(other.key)?.relay).toBe(false);
    expect(one.contacts.setRelay(other.key, true).relay).toBe(true);
    other.contacts.setRelay(one.key, true);
  }
  const paths: string[] = [];
  ada.links.on('up', (key) => {
    if (key === bob.key) paths.push(ada.links.get(key)?.path ?? '');
  });
  await until(() => ada.links.get(bob.key) !== undefined, 'the link');
  expect(paths).toEqual(['relay']);
  // They have told each other where they are.
  await until(() => ada.links.get(bob.key)?.path === 'udp', 'the direct path');
  expect(paths).toEqual(['relay']);
  for (const { contacts } of [ada, bob]) {
    const kinds: string[] = contacts.list().flatMap(({ ways }) => ways.map(({ kind }) => kind));
    expect(new Set(kinds)).toEqual(new Set(['udp']));
  }
  expect(ada.contacts.get(bob.key)?.state).toBe('accepted');
  expect(ada.contacts.createInvite().link).not.toContain(xenia.key);
});

test('peer - what was switched on for a contact is so after a restart', async () => {
  await using peers = new TestPeers();
  const [ada, xenia] = [await peers.start('ada'), await peers.start('xenia')];
  await introduce(ada, xenia);
  ada.contacts.setRelay(xenia.key, true);
  await ada.stop();
  const again = await peers.start('ada');
  expect(again.contacts.get(xenia.key)?.relay).toBe(true);
  again.contacts.remove(xenia.key);
  expect(again.contacts.get(xenia.key)).toBeUndefined();
});
