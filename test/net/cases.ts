/**
 * The cases of docs/link-cases.md, one for each line of its table. One that waits for a feature says so in its
 * `awaits`: delete that, and the case has to end as it says.
 */
import type { Lab } from './lab.ts';
import type { LinkCase, Scene } from './link-case.ts';
import { natKinds, type NatKind } from './nat.ts';
import { homes, relayOn, sameLan, slowDown, subnets, withNats } from './scenes.ts';
import { setNumber, type SegmentAddresses } from './segment.ts';
import { pause, until } from './waiting.ts';

/** Link up on a LAN, and through a NAT with NATS as the rendezvous. */
const LAN_SECONDS = 1.5;
const NAT_SECONDS = 3;

const LAN = { v4: '10.1.0', v6: 'fd00:1' };
const OTHER_LAN = { v4: '10.2.0', v6: 'fd00:2' };
/** The port of mDNS, and that of the beacon (docs/discovery.md). */
const MDNS_PORT = 5353;
const BEACON_PORT = 7537;
const blockPort = (port: number): string => `table inet firewall {
  chain output { type filter hook output priority filter; udp dport ${port} drop; }
}`;
const BLOCK_UDP = `table inet firewall {
  chain forward { type filter hook forward priority filter; meta l4proto udp drop; }
}`;

const lanCases: LinkCase[] = [
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
];

const natsCases: LinkCase[] = [
  {
    name: 'nats-key',
    what: 'UDP blocked, known by key alone, both use one NATS server',
    best: 'nats',
    linkSeconds: NAT_SECONDS,
    awaits: { feature: 'own deployments', today: null },
    async build(lab) {
      const { alice, bob, center, gateways } = await subnets(lab, [LAN, OTHER_LAN]);
      await gateways[0].node.nft(BLOCK_UDP);
      const { first, second } = await withNats(center, alice, bob);
      return { first, second, meet: 'contacts' };
    },
  },
];

const cones = natKinds.filter((kind) => kind !== 'symmetric');

/** What stands before alice and before bob. */
const punched: (readonly [NatKind | undefined, NatKind | undefined, string])[] = [
  ...cones.flatMap((kind) => [
    [kind, undefined, `${kind} NAT on the side that waits`] as const,
    [undefined, kind, `${kind} NAT on the side that comes`] as const,
    [kind, kind, `${kind} NAT on both sides`] as const,
  ]),
  ['symmetric', undefined, 'symmetric NAT on the side that waits'],
  [undefined, 'symmetric', 'symmetric NAT on the side that comes'],
  ['symmetric', 'full-cone', 'symmetric NAT and full-cone NAT'],
  ['restricted', 'symmetric', 'restricted NAT and symmetric NAT'],
];

const natCases: LinkCase[] = [
  ...punched.map(([ofAlice, ofBob, what]): LinkCase => ({
    name: `nat-${ofAlice ?? 'none'}-${ofBob ?? 'none'}`,
    what: `${what}, NATS as the rendezvous`,
    best: 'udp',
    linkSeconds: NAT_SECONDS,
    build: (lab) => behindNats(lab, ofAlice, ofBob),
  })),
  {
    name: 'nat-symmetric-symmetric',
    what: 'symmetric NAT on both sides, NATS there',
    best: 'nats',
    linkSeconds: NAT_SECONDS,
    build: (lab) => behindNats(lab, 'symmetric', 'symmetric'),
  },
  {
    name: 'relay',
    what: 'symmetric NAT on both sides, no NATS, a mutual contact',
    best: 'relay',
    awaits: { feature: 'relay', today: null },
    async build(lab) {
      const { internet, alice, bob } = await homes(lab, 'symmetric', 'symmetric');
      const relays = [await relayOn(lab, internet, 'carol')];
      return { first: plain(alice), second: plain(bob), meet: 'contacts', relays };
    },
  },
];

const disturbedCases: LinkCase[] = [
  {
    name: 'address-of-receiver',
    what: 'the receiver’s address changes in mid-transfer',
    best: 'udp',
    build: (lab) => whileAddressChanges(lab, 'bob'),
  },
  {
    name: 'address-of-sender',
    what: 'the sender’s address changes in mid-transfer',
    best: 'udp',
    build: (lab) => whileAddressChanges(lab, 'alice'),
  },
  {
    name: 'nats-restart',
    what: 'NATS server killed and restarted in mid-transfer',
    best: 'nats',
    async build(lab) {
      const world = await subnets(lab, [LAN, OTHER_LAN]);
      await slowDown(world);
      await world.gateways[0].node.nft(BLOCK_UDP);
      const { nats, ...seats } = await withNats(world.center, world.alice, world.bob);
      const disturb = async (): Promise<void> => {
        await nats.kill();
        await pause(1000);
        await nats.start();
      };
      return { ...seats, meet: 'contacts', disturb };
    },
  },
  {
    name: 'udp-cut',
    what: 'UDP cut in mid-transfer, NATS there; UDP comes back',
    best: 'udp',
    build: whileUdpIsCut,
  },
  {
    name: 'relay-killed',
    what: 'the relay in use is killed in mid-transfer, another one is there',
    best: 'relay',
    awaits: { feature: 'relay', today: null },
    build: whileRelayIsKilled,
  },
];

export const cases: readonly LinkCase[] = [
  ...lanCases,
  ...natsCases,
  ...natCases,
  ...disturbedCases,
];

function plain({ node }: { node: Scene['first']['node'] }): Scene['first'] {
  return { node, args: [] };
}

/** Contacts that know no way to each other, and hear nothing on one port. */
async function onLanWithout(lab: Lab, addresses: SegmentAddresses, port: number): Promise<Scene> {
  const [alice, bob] = await sameLan(lab, addresses);
  await alice.node.nft(blockPort(port));
  await bob.node.nft(blockPort(port));
  return { first: plain(alice), second: plain(bob), meet: 'contacts' };
}

async function behindNats(
  lab: Lab,
  ofAlice: NatKind | undefined,
  ofBob: NatKind | undefined,
): Promise<Scene> {
  const { alice, bob, server } = await homes(lab, ofAlice, ofBob);
  const { first, second, knownWays } = await withNats(server, alice, bob);
  return { first, second, meet: 'contacts', knownWays };
}

/** As when a router hands out another address, or a laptop comes back from sleep. */
async function whileAddressChanges(lab: Lab, whose: 'alice' | 'bob'): Promise<Scene> {
  const world = await subnets(lab, [LAN, OTHER_LAN]);
  await slowDown(world);
  const { alice, bob, gateways } = world;
  const [moved, gateway] = whose === 'alice' ? [alice, gateways[0]] : [bob, gateways[1]];
  const disturb = (): Promise<void> =>
    setNumber(moved.node, moved.segment, moved.number + 40, gateway);
  return { first: plain(alice), second: plain(bob), meet: 'invite', disturb };
}

async function whileUdpIsCut(lab: Lab): Promise<Scene> {
  const world = await subnets(lab, [LAN, OTHER_LAN]);
  await slowDown(world);
  const { first, second } = await withNats(world.center, world.alice, world.bob);
  const router = world.gateways[0].node;
  return {
    first,
    second,
    meet: 'invite',
    async disturb({ first: alice, second: bob, transfer }) {
      await router.nft(BLOCK_UDP);
      await transfer.reached(0.6);
      const path = bob.history(alice.home.key).at(-1)?.link?.path;
      if (path !== 'nats') throw new Error(`the transfer went on over ${path ?? 'nothing'}`);
      await router.nft('delete table inet firewall');
    },
  };
}

async function whileRelayIsKilled(lab: Lab): Promise<Scene> {
  const { internet, alice, bob } = await homes(lab, 'symmetric', 'symmetric');
  const seats = [await relayOn(lab, internet, 'carol'), await relayOn(lab, internet, 'dave')];
  for (const { node, device } of [alice, bob]) await node.limit(device, 64);
  return {
    first: plain(alice),
    second: plain(bob),
    meet: 'contacts',
    relays: seats,
    async disturb({ first, second, relays }) {
      const inUse = await until(
        () => {
          const remote = second.history(first.home.key).at(-1)?.link?.remote ?? '';
          return relays.find(({ home }) => remote.includes(home.name) || remote.includes(home.key));
        },
        'the link says which relay it is on',
        5,
      );
      await inUse.kill();
    },
  };
}
