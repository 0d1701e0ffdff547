/** One LAN, several, and no UDP between them. */
import type { Lab } from '../lab.ts';
import type { LinkCase, Scene } from '../link-case.ts';
import { sameLan, subnets, withNats } from '../scenes.ts';
import type { SegmentAddresses } from '../segment.ts';
import {
  BLOCK_LARGE_UDP,
  BLOCK_UDP,
  LAN,
  LAN_SECONDS,
  NAT_SECONDS,
  OTHER_LAN,
  plain,
} from './common.ts';

/** The port of mDNS, and that of the beacon (docs/discovery.md). */
const MDNS_PORT = 5353;
const BEACON_PORT = 7537;
const blockPort = (port: number): string => `table inet firewall {
  chain output { type filter hook output priority filter; udp dport ${port} drop; }
}`;

export const lanCases: readonly LinkCase[] = [
  {
    name: 'lan-invite',
    what: 'same LAN, by the addresses of an invite',
    best: 'udp',
    linkSeconds: LAN_SECONDS,
    async build(lab) {
      const [alice, bob] = await sameLan(lab, LAN);
      return { first: plain(alice), second: plain(bob), meet: 'invite' };
    },
  },
  {
    name: 'lan-mdns',
    what: 'same LAN, found by mDNS (beacon blocked)',
    best: 'udp',
    linkSeconds: LAN_SECONDS,
    build: (lab) => onLanWithout(lab, LAN, BEACON_PORT),
  },
  {
    name: 'lan-mdns-ipv6',
    what: 'same LAN without IPv4, found by mDNS (beacon blocked)',
    best: 'udp',
    linkSeconds: LAN_SECONDS,
    build: (lab) => onLanWithout(lab, { v6: 'fd00:1' }, BEACON_PORT),
  },
  {
    name: 'lan-beacon',
    what: 'same LAN, found by the beacon (mDNS blocked)',
    best: 'udp',
    linkSeconds: LAN_SECONDS,
    build: (lab) => onLanWithout(lab, LAN, MDNS_PORT),
  },
  {
    name: 'lan-beacon-ipv6',
    what: 'same LAN without IPv4, found by the beacon (mDNS blocked)',
    best: 'udp',
    linkSeconds: LAN_SECONDS,
    build: (lab) => onLanWithout(lab, { v6: 'fd00:1' }, MDNS_PORT),
  },
  {
    name: 'subnets',
    what: 'two subnets with a router between',
    best: 'udp',
    linkSeconds: LAN_SECONDS,
    async build(lab) {
      const { alice, bob } = await subnets(lab, [LAN, OTHER_LAN]);
      return { first: plain(alice), second: plain(bob), meet: 'invite' };
    },
  },
  {
    name: 'ipv6',
    what: 'two subnets without IPv4',
    best: 'udp',
    linkSeconds: LAN_SECONDS,
    async build(lab) {
      const { alice, bob } = await subnets(lab, [{ v6: 'fd00:1' }, { v6: 'fd00:2' }]);
      return { first: plain(alice), second: plain(bob), meet: 'invite' };
    },
  },
  {
    name: 'small-packets',
    what: 'two subnets, large packets disappear between them',
    best: 'udp',
    linkSeconds: LAN_SECONDS,
    async build(lab) {
      const { alice, bob, gateways } = await subnets(lab, [LAN, OTHER_LAN]);
      await gateways[0].node.nft(BLOCK_LARGE_UDP);
      return { first: plain(alice), second: plain(bob), meet: 'invite' };
    },
  },
  {
    name: 'small-packets-nats',
    what: 'two subnets, large packets disappear between them, NATS as the rendezvous',
    best: 'udp',
    linkSeconds: NAT_SECONDS,
    async build(lab) {
      const { alice, bob, center, gateways } = await subnets(lab, [LAN, OTHER_LAN]);
      await gateways[0].node.nft(BLOCK_LARGE_UDP);
      const { first, second, knownWays } = await withNats(center, alice, bob);
      return { first, second, meet: 'contacts', knownWays };
    },
  },
  {
    name: 'udp-blocked',
    what: 'UDP blocked between two subnets, NATS there',
    best: 'nats',
    linkSeconds: NAT_SECONDS,
    async build(lab) {
      const { alice, bob, center, gateways } = await subnets(lab, [LAN, OTHER_LAN]);
      await gateways[0].node.nft(BLOCK_UDP);
      const { first, second } = await withNats(center, alice, bob);
      return { first, second, meet: 'invite' };
    },
  },
  {
    name: 'nats-key',
    what: 'UDP blocked, known by key alone, both use one NATS server',
    best: 'nats',
    linkSeconds: NAT_SECONDS,
    async build(lab) {
      const { alice, bob, center, gateways } = await subnets(lab, [LAN, OTHER_LAN]);
      await gateways[0].node.nft(BLOCK_UDP);
      const { first, second } = await withNats(center, alice, bob);
      return { first, second, meet: 'contacts' };
    },
  },
];

/** Contacts that know no way to each other, and hear nothing on one port. */
async function onLanWithout(lab: Lab, addresses: SegmentAddresses, port: number): Promise<Scene> {
  const [alice, bob] = await sameLan(lab, addresses);
  await alice.node.nft(blockPort(port));
  await bob.node.nft(blockPort(port));
  return { first: plain(alice), second: plain(bob), meet: 'contacts' };
}
