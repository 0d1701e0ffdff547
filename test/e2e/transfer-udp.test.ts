import { expect, test } from 'vitest';
import { shareAndGet } from './support/share-and-get.ts';

test('over udp, with no NATS anywhere - a tree and a file of 1 GiB arrive as they were', async () => {
  const { bob } = await shareAndGet('udp', []);
  expect(bob.receivedBytes).toBeGreaterThan(1024 ** 3);
}, 180_000);
