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
  until,
  WIDE,
} from './support.ts';

afterEach(stopRelayPeers);

let passed = 0;

/** Every so many of all datagrams that pass. */
const isEvery = (count: number): boolean => (passed += 1) % count === 0;

const corrupt = (frame: Buffer): Buffer => {
  if (!isEvery(30)) return frame;
  const at = 2 + ((passed * 37) % (frame.length - 2));
  frame[at] = (frame[at] ?? 0) ^ 0x55;
  return frame;
};

test.each([
  ['changes some', (frames: Buffer[]) => frames.map(corrupt)],
  ['reorders them', (frames: Buffer[]) => frames.toReversed()],
  [
    'repeats some',
    (frames: Buffer[]) => frames.flatMap((one) => (isEvery(10) ? [one, one] : [one])),
  ],
  ['drops some', (frames: Buffer[]) => frames.filter(() => !isEvery(50))],
  ['adds its own', (frames: Buffer[]) => frames.flatMap((one) => [one, frameOf(randomBytes(60))])],
])('relay - of a contact that %s not one wrong byte arrives', async (_what, spoil) => {
  let isSpoilt = false;
  let spoilt = 0;
  const x = await createRelayPeer('Mallory', WIDE, (frames) => {
    if (!isSpoilt) return frames;
    const before = Buffer.concat(frames);
    const after = spoil(frames);
    if (!Buffer.concat(after).equals(before)) spoilt += 1;
    return after;
  });
  const [a, b] = [await createRelayPeer('Ada'), await createRelayPeer('Bob')];
  await befriend(a, x);
  await befriend(x, b);
  acquaint(a, b);
  await linked(a, b);
  const blob = randomBytes(1024 * 1024);
  serveBlob(b, blob);
  isSpoilt = true;
  expect(await fetchHash(a, b)).toBe(sha256(blob));
  expect(spoilt).toBeGreaterThan(5);
});

test('relay - of a contact that breaks the order of lengths nothing is read, and another one takes over', async () => {
  let isSpoilt = false;
  const spoil = (frames: Buffer[]): Buffer[] =>
    isSpoilt ? [Buffer.of(0xff, 0xff, 1, 2, 3), ...frames] : frames;
  const [x, y] = [await createRelayPeer('Mallory', WIDE, spoil), await createRelayPeer('Yuri')];
  const [a, b] = [await createRelayPeer('Ada'), await createRelayPeer('Bob')];
  for (const relay of [x, y]) {
    await befriend(a, relay);
    await befriend(relay, b);
  }
  acquaint(a, b);
  await linked(a, b);
  const live = (paths: readonly { state: string }[] = []): number =>
    paths.filter(({ state }) => state !== 'silent').length;
  await until(() => live(a.links.get(b.key)?.paths) === 2, 'no second path');
  const blob = randomBytes(4 * 1024 * 1024);
  serveBlob(b, blob);
  const before = [...a.events];
  isSpoilt = true;
  expect(await fetchHash(a, b)).toBe(sha256(blob));
  expect(a.links.get(b.key)).toMatchObject({ path: 'relay', remote: y.key });
  expect(a.events.slice(before.length)).not.toContain(`down ${b.key}`);
});

function frameOf(bytes: Buffer): Buffer {
  const frame = Buffer.alloc(2 + bytes.length);
  frame.writeUInt16BE(bytes.length);
  bytes.copy(frame, 2);
  return frame;
}
