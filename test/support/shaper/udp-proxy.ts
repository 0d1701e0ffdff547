/** A bad network for UDP on loopback, anywhere and for anyone: a proxy in a process of its own. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { CLEAR, type Conditions } from './conditions.ts';
import type { ShaperCounts } from './shaper.ts';

const child = fileURLToPath(new URL('udp-proxy-child.ts', import.meta.url));

export interface UdpProxy extends AsyncDisposable {
  /** Of 127.0.0.1: what is sent here goes to the far port. */
  readonly port: number;
  /** [to the far port, back]. */
  counts(): Promise<readonly [ShaperCounts, ShaperCounts]>;
}

/**
 * Starts it; not in the process of whom it serves, so that nobody's event loop delays anybody's packets.
 *
 * @param farPort of 127.0.0.1
 * @param conditions of both directions; what is left out is as it should be
 */
export async function startUdpProxy(
  farPort: number,
  conditions: Partial<Conditions>,
  seed = 1,
): Promise<UdpProxy> {
  const both = JSON.stringify({ ...CLEAR, ...conditions });
  const proxy = fork(child, [both, String(seed), String(farPort)]);
  const [{ port }] = (await once(proxy, 'message')) as [{ port: number }];
  return {
    port,
    async counts() {
      const answer = once(proxy, 'message');
      proxy.send('counts');
      const [{ counts }] = (await answer) as [{ counts: [ShaperCounts, ShaperCounts] }];
      return counts;
    },
    async [Symbol.asyncDispose]() {
      if (proxy.exitCode !== null) return;
      const exited = once(proxy, 'exit');
      proxy.disconnect();
      await exited;
    },
  };
}
