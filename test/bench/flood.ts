/** A million random datagrams on the UDP port: no memory grows, nothing becomes a session, links go on. */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import type { LinkInfo } from '../../main/api/contract.ts';
import { introduce, scratchFolder, startPeer } from '../support/peer-process.ts';
import { usageOf } from './process-usage.ts';
import { printFloors } from './report.ts';

const DATAGRAMS = 1_000_000;
const BURST = 64;

async function sendRandom(port: number, count: number): Promise<void> {
  const socket = createSocket('udp4');
  const noise = randomBytes(1 << 20);
  for (let sent = 0; sent < count; sent += BURST) {
    await Promise.all(
      Array.from({ length: Math.min(BURST, count - sent) }, (_, index) => {
        const length = 1 + ((sent * 31 + index * 97) % 1400);
        const start = ((sent + index) * 4099) % (noise.length - length);
        return new Promise((resolve) => {
          socket.send(noise.subarray(start, start + length), port, '127.0.0.1', resolve);
        });
      }),
    );
  }
  await new Promise<void>((resolve) => socket.close(() => resolve()));
}

export async function flood(): Promise<boolean> {
  using scratch = scratchFolder();
  const target = await startPeer(scratch.path('target'), ['--name', 'Target']);
  const friend = await startPeer(scratch.path('friend'), ['--name', 'Friend']);
  try {
    await introduce(target, friend);
    const port = Number(target.status.udp[0]?.split(':').at(-1));
    await sendRandom(port, DATAGRAMS / 10);
    const before = usageOf(target.pid).rssBytes;
    await sendRandom(port, DATAGRAMS);
    const after = usageOf(target.pid).rssBytes;
    const links = await target.json<LinkInfo[]>('links');
    console.log(`${DATAGRAMS} random datagrams of 1 to 1400 bytes`);
    return printFloors([
      {
        what: 'memory growth',
        measured: (after - before) / 1e6,
        floor: 15,
        kind: 'at most',
        unit: 'MB',
      },
      {
        what: 'links afterwards',
        measured: links.length,
        floor: 1,
        kind: 'at least',
        unit: 'link',
      },
      { what: 'links afterwards', measured: links.length, floor: 1, kind: 'at most', unit: 'link' },
    ]);
  } finally {
    await Promise.all([target.stop(), friend.stop()]);
  }
}
