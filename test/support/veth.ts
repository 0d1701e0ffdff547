import { execFileSync } from 'node:child_process';
import type { Namespace } from './namespaces.ts';

/** Joins two namespaces by a cable (veth pair, MTU 1,500); returns their IPv4 addresses. It goes with either of them. */
export function joinByVeth(one: Namespace, other: Namespace): readonly [string, string] {
  const addresses = ['10.79.0.1', '10.79.0.2'] as const;
  const device = 'cable';
  const peer = ['peer', 'name', device, 'netns', other.name];
  execFileSync('ip', ['-n', one.name, 'link', 'add', device, 'type', 'veth', ...peer]);
  for (const [namespace, address] of [
    [one, addresses[0]],
    [other, addresses[1]],
  ] as const) {
    namespace.ip('addr', 'add', `${address}/24`, 'dev', device);
    namespace.ip('link', 'set', device, 'up');
  }
  return addresses;
}
