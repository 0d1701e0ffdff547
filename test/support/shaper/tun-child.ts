/**
 * The process of shaped-network.ts: IP packets of one TUN device go to the other, both ways under the conditions that
 * come as messages. `<first device> <second device>`. Packets go by tun-pump.py and back.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { CLEAR, decodeConditions } from './conditions.ts';
import { IpPacketParser } from './ip-packets.ts';
import { TwoWay } from './two-way.ts';

const pump = fileURLToPath(new URL('tun-pump.py', import.meta.url));
const child = spawn('python3', [pump, ...process.argv.slice(2, 4)], {
  stdio: ['ignore', 'pipe', 'inherit', 'pipe', 'pipe'],
});
child.once('exit', () => process.exit(1));
child.once('error', () => process.exit(1));
process.on('disconnect', () => {
  child.removeAllListeners('exit');
  child.once('exit', () => process.exit(0));
  child.kill();
});
if (child.stdout === null) throw new Error('no standard output');
await once(child.stdout, 'data');

const ends = [child.stdio[3] as unknown as Socket, child.stdio[4] as unknown as Socket] as const;
const batches: [Buffer[], Buffer[]] = [[], []];
const network = new TwoWay<Buffer>(
  CLEAR,
  1,
  (way, packet) => batches[way].push(packet),
  () => {
    for (const way of [0, 1] as const) {
      if (batches[way].length === 0) continue;
      ends[way === 0 ? 1 : 0].write(Buffer.concat(batches[way]));
      batches[way] = [];
    }
  },
);
for (const way of [0, 1] as const) {
  const parser = new IpPacketParser();
  // The pump's end says why; there is nothing left to carry.
  ends[way].on('error', () => child.kill());
  ends[way].on('data', (chunk: Buffer) => {
    parser.push(chunk, (packet) => network.push(way, packet, packet.length));
    network.look();
  });
}
process.on('message', (message: { conditions: string; seed: number } | 'counts') => {
  if (message === 'counts') process.send?.({ counts: network.counts });
  else {
    network.set(decodeConditions(message.conditions), message.seed);
    process.send?.('set');
  }
});
process.send?.('ready');
