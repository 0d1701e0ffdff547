/**
 * Two hosts (network namespaces) with a bad network between them: each has a TUN device, and a process of its own
 * carries the IP packets from one to the other. Real TCP and real UDP of the kernel suffer the very same.
 */
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Namespace, whyNoNamespaces } from '../namespaces.ts';
import type { Conditions } from './conditions.ts';
import type { ShaperCounts } from './shaper.ts';

const child = fileURLToPath(new URL('tun-child.ts', import.meta.url));
const ADDRESSES = ['10.78.0.1', '10.78.0.2'] as const;
const MTU = 1500;
/** Packets on their way from the kernel to the shaper: so many that only the shaper ever drops one. */
const DEVICE_QUEUE = 10_000;

export interface ShapedHost {
  readonly namespace: Namespace;
  /** IPv4. */
  readonly address: string;
}

export interface ShapedNetwork extends AsyncDisposable {
  readonly hosts: readonly [ShapedHost, ShapedHost];
  /** From now on, in both directions; what is on its way is lost, and counting begins anew. */
  set(conditions: Conditions, seed: number): Promise<void>;
  /**
   * What TCP connections made from now on use, by the route: a namespace may not choose freely by sysctl.
   *
   * @param algorithm one of `congestionControls`
   */
  useCongestionControl(algorithm: string): void;
  /** [from the first host, from the second]. */
  counts(): Promise<readonly [ShaperCounts, ShaperCounts]>;
}

/** Why this machine cannot have one, for people; undefined: it can. */
export function whyNoShapedNetwork(): string | undefined {
  const why = whyNoNamespaces();
  if (why !== undefined) return why;
  if (!existsSync('/dev/net/tun')) return 'there is no /dev/net/tun';
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
  } catch {
    return 'there is no python3 (Debian: python3), which opens the TUN devices';
  }
  return undefined;
}

/** Congestion control of TCP that this kernel has; the first is what it takes by itself. */
export function congestionControls(): string[] {
  const read = (name: string): string =>
    readFileSync(`/proc/sys/net/ipv4/tcp_${name}`, 'utf8').trim();
  const all = read('available_congestion_control').split(' ');
  return [...new Set([read('congestion_control'), ...all])];
}

/** Makes it, without any conditions. */
export async function startShapedNetwork(): Promise<ShapedNetwork> {
  using undo = new DisposableStack();
  const namespaces = [undo.use(new Namespace('a')), undo.use(new Namespace('b'))] as const;
  const devices = [0, 1].map((end) => `sk${String(process.pid)}t${String(end)}`);
  const shaper = fork(child, devices);
  undo.defer(() => shaper.connected && shaper.disconnect());
  const exited = once(shaper, 'exit');
  const ask = async (message: object | string): Promise<unknown> => {
    const answer = once(shaper, 'message');
    shaper.send(message);
    return ((await answer) as [unknown])[0];
  };
  await Promise.race([
    once(shaper, 'message'),
    exited.then(() => Promise.reject(new Error('the TUN devices could not be opened'))),
  ]);
  for (const end of [0, 1] as const) {
    const [device = '', namespace] = [devices[end], namespaces[end]];
    execFileSync('ip', ['link', 'set', device, 'netns', namespace.name]);
    namespace.ip(
      'addr',
      'add',
      ADDRESSES[end],
      'peer',
      ADDRESSES[end === 0 ? 1 : 0],
      'dev',
      device,
    );
    const queue = String(DEVICE_QUEUE);
    namespace.ip('link', 'set', device, 'mtu', String(MTU), 'txqueuelen', queue, 'up');
    // What a route learned of one run must not help the next.
    namespace.sysctl('net.ipv4.tcp_no_metrics_save', '1');
  }
  const owned = undo.move();
  return {
    hosts: [
      { namespace: namespaces[0], address: ADDRESSES[0] },
      { namespace: namespaces[1], address: ADDRESSES[1] },
    ],
    async set(conditions, seed) {
      await ask({ conditions: JSON.stringify(conditions), seed });
    },
    useCongestionControl(algorithm) {
      for (const end of [0, 1] as const) {
        const [device = '', far] = [devices[end], ADDRESSES[end === 0 ? 1 : 0]];
        namespaces[end].ip('route', 'replace', far, 'dev', device, 'congctl', algorithm);
      }
    },
    async counts() {
      const { counts } = (await ask('counts')) as { counts: [ShaperCounts, ShaperCounts] };
      return counts;
    },
    async [Symbol.asyncDispose]() {
      if (shaper.connected) shaper.disconnect();
      await exited;
      owned.dispose();
    },
  };
}
