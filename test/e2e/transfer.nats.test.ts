import { expect, test } from 'vitest';
import { startNatsServer } from '../support/nats-server.ts';
import { shareAndGet } from './support/share-and-get.ts';

test('over a real nats-server, with UDP off - a tree and a file of 1 GiB arrive as they were', async () => {
  await using server = await startNatsServer();
  const { bob } = await shareAndGet('nats', ['--no-udp', '--nats', server.url]);
  expect(bob.receivedBytes).toBeGreaterThan(1024 ** 3);
}, 180_000);
