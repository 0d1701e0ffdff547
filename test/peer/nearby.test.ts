import { expect, test } from 'vitest';
import { codeOf } from '../../main/base/errors.ts';
import { introduce, TestPeers } from './peers-support.ts';

test('nearby - no peer of a test says anything to the network, whatever its configuration says', async () => {
  await using peers = new TestPeers();
  const ada = await peers.start('ada', { discovery: { lan: 'everyone', name: true } });
  expect(process.env.SKERRY_DISCOVERY).toBe('off');
  expect(ada.nearby.settings()).toEqual({ lan: 'off', name: true });
  await ada.nearby.set({ lan: 'contacts' });
  expect(ada.nearby.settings().lan).toBe('off');
  expect(ada.config.discovery.lan).toBe('contacts');
});

test('nearby - who is not on the network cannot be asked, contact or not', async () => {
  await using peers = new TestPeers();
  const [ada, bob] = [await peers.start('ada'), await peers.start('bob')];
  await introduce(ada, bob);
  expect(ada.nearby.list()).toEqual([]);
  const asked = ada.nearby.ask(bob.key, AbortSignal.timeout(5000));
  expect(codeOf(await asked.catch((error: unknown) => error))).toBe('not-nearby');
});
