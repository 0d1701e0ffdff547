import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CLEAR } from '../support/shaper/conditions.ts';
import { startShapedNetwork, whyNoShapedNetwork } from '../support/shaper/shaped-network.ts';

const child = fileURLToPath(new URL('echo-child.ts', import.meta.url));
const why = whyNoShapedNetwork();
if (why !== undefined) console.warn(`LEFT OUT: the shaped network between namespaces: ${why}`);

test.skipIf(why !== undefined)(
  'shaped network - TCP and UDP of the kernel suffer the loss and the delay, and TCP heals it',
  async () => {
    await using network = await startShapedNetwork();
    const [from, to] = network.hosts;
    await network.set({ ...CLEAR, loss: 0.05, delayMs: 10 }, 9);
    const server = to.namespace.fork([child, 'serve', to.address]);
    const [{ port }] = (await once(server, 'message')) as [{ port: number }];
    const client = from.namespace.fork([child, 'ask', to.address, String(port)]);
    const [result] = (await once(client, 'message')) as [
      { tcpBytes: number; fastestMs: number; datagrams: number },
    ];
    const exited = [once(server, 'exit'), once(client, 'exit')];
    server.disconnect();
    client.disconnect();
    await Promise.all(exited);
    expect(result.tcpBytes).toBe(1_000_000);
    // There and back.
    expect(result.fastestMs).toBeGreaterThanOrEqual(20);
    expect(result.datagrams).toBeGreaterThan(0);
    const counts = await network.counts();
    for (const { offered, lost, overflowed } of counts) {
      expect(overflowed).toBe(0);
      expect(Math.abs(lost - offered * 0.05)).toBeLessThan(4 * Math.sqrt(offered * 0.05));
    }
  },
);
