import { writeFileSync } from 'node:fs';
import type { Lab } from './lab.ts';
import type { NodeProcess } from './node.ts';
import type { Attachment, Segment } from './segment.ts';

/** miniupnpd maps nothing at addresses that are reserved for examples, which the internet of a laboratory has. */
const OUTSIDE = (number: number): string => `44.1.0.${number}`;

export interface MappingRouter {
  /** The router's address outside, as it tells it. */
  readonly outside: string;
  readonly daemon: NodeProcess;
  /** The rules that pass datagrams on, as nft lists them. */
  mappings(): Promise<string[]>;
}

export interface MappingRouterOptions {
  readonly protocols: readonly ('NAT-PMP' | 'UPnP')[];
  /** It has no public address, and refuses for that; default: it maps. */
  readonly refuses?: boolean;
}

/**
 * Lets a router map ports, by a real miniupnpd.
 *
 * @param nat the router's place inside
 */
export async function startMappingRouter(
  lab: Lab,
  nat: Attachment,
  internet: Segment,
  { protocols, refuses = false }: MappingRouterOptions = { protocols: ['NAT-PMP', 'UPnP'] },
): Promise<MappingRouter> {
  const { node } = nat;
  const outside = OUTSIDE(nat.segment.name.charCodeAt(nat.segment.name.length - 1));
  await node.ip('addr', 'add', `${outside}/32`, 'dev', internet.name);
  await node.nft(RULES);
  const file = lab.path(`miniupnpd-${nat.segment.name}.conf`);
  const lines = [
    `ext_ifname=${internet.name}`,
    ...(refuses ? [] : [`ext_ip=${outside}`]),
    `enable_natpmp=${protocols.includes('NAT-PMP') ? 'yes' : 'no'}`,
    `enable_upnp=${protocols.includes('UPnP') ? 'yes' : 'no'}`,
    `listening_ip=${nat.device}`,
    'secure_mode=yes',
    'system_uptime=yes',
    'upnp_forward_chain=forwarded',
    'upnp_nat_chain=mapped',
    'upnp_nat_postrouting_chain=mapped_out',
    'uuid=2377306a-99d8-425c-bdfa-38488fc36bef',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const daemon = node.start('miniupnpd', ['-d', '-f', file, '-P', `${file}.pid`]);
  await daemon.seen('stderr', /HTTP listening|Listening for NAT-PMP/);
  return {
    outside,
    daemon,
    async mappings() {
      const rules = await node.exec('nft', ['list', 'chain', 'inet', 'filter', 'mapped']);
      return rules.split('\n').filter((line) => line.includes('dnat'));
    },
  };
}

/** Others on the internet find the addresses of such routers there. */
export async function knowMappingRouters(
  internet: Segment,
  ...nodes: Attachment['node'][]
): Promise<void> {
  for (const node of nodes) {
    await node.ip('route', 'replace', '44.1.0.0/16', 'dev', internet.name);
  }
}

/** What miniupnpd wants to find; before the router's own NAT. */
const RULES = `table inet filter {
  chain forwarded { }
  chain mapped { }
  chain mapped_out { }
  chain forward { type filter hook forward priority filter - 10; jump forwarded; }
  chain arriving { type nat hook prerouting priority dstnat - 10; jump mapped; }
  chain leaving { type nat hook postrouting priority srcnat - 10; jump mapped_out; }
}`;
