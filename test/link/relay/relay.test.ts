import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import {
  acquaint,
  befriend,
  createRelayPeer,
  fetchHash,
  linked,
  serveBlob,
  sha256,
  stopRelayPeers,
} from './support.ts';

afterEach(stopRelayPeers);

test('relay - two peers without a way to each other are linked through a contact', async () => {
  const [a, x, b] = [
    await createRelayPeer('Ada'),
    await createRelayPeer('Xenia'),
    await createRelayPeer('Bob'),
  ];
  await befriend(a, x);
  await befriend(x, b);
  acquaint(a, b);
  await linked(a, b);
  expect(a.links.get(b.key)).toMatchObject({ path: 'relay', remote: x.key });
  const blob = randomBytes(20 * 1024 * 1024);
  serveBlob(b, blob);
  const began = performance.now();
  expect(await fetchHash(a, b)).toBe(sha256(blob));
  console.log('20 MiB', Math.round(performance.now() - began), 'ms', a.links.get(b.key));
  expect(x.relaying.carried()).toBe(1);
});
