/** What happens to a link while a file is on its way. */
import type { Lab } from '../lab.ts';
import type { LinkCase, Scene } from '../link-case.ts';
import { homes, relayOn, slowDown, subnets, withNats } from '../scenes.ts';
import { setNumber } from '../segment.ts';
import { pause, until } from '../waiting.ts';
import { BLOCK_LARGE_UDP, BLOCK_UDP, LAN, OTHER_LAN, plain, UNBLOCK_UDP } from './common.ts';

/** Longer than a link is kept that answers on no path. */
const OUTAGE_MS = 40_000;

export const disturbedCases: readonly LinkCase[] = [
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
    name: 'smaller-packets',
    what: 'large packets disappear from mid-transfer on, no other path',
    best: 'udp',
    async build(lab) {
      const world = await subnets(lab, [LAN, OTHER_LAN]);
      await slowDown(world);
      const { alice, bob, gateways } = world;
      const disturb = (): Promise<void> => gateways[0].node.nft(BLOCK_LARGE_UDP);
      return { first: plain(alice), second: plain(bob), meet: 'invite', disturb };
    },
  },
  {
    name: 'outage',
    what: 'nothing gets through for 40 s in mid-transfer, no other path',
    best: 'udp',
    isForRunner: true,
    async build(lab) {
      const world = await subnets(lab, [LAN, OTHER_LAN]);
      await slowDown(world);
      const router = world.gateways[0].node;
      const disturb = async (): Promise<void> => {
        await router.nft(BLOCK_UDP);
        await pause(OUTAGE_MS);
        await router.nft(UNBLOCK_UDP);
      };
      return { first: plain(world.alice), second: plain(world.bob), meet: 'invite', disturb };
    },
  },
  {
    name: 'wifi-off',
    what: 'the receiver has no network for 40 s in mid-transfer, no other path',
    best: 'udp',
    isForRunner: true,
    async build(lab) {
      const world = await subnets(lab, [LAN, OTHER_LAN]);
      await slowDown(world);
      const { alice, bob, gateways } = world;
      const disturb = async (): Promise<void> => {
        await bob.node.ip('link', 'set', bob.device, 'down');
        await pause(OUTAGE_MS);
        await bob.node.ip('link', 'set', bob.device, 'up');
        await setNumber(bob.node, bob.segment, bob.number, gateways[1]);
      };
      return { first: plain(alice), second: plain(bob), meet: 'invite', disturb };
    },
  },
  {
    name: 'udp-cut-ten-times',
    what: 'UDP cut and restored ten times while 1 GiB is on its way, NATS there',
    best: 'udp',
    isForRunner: true,
    build: whileUdpIsCutAgainAndAgain,
  },
  {
    name: 'relay-killed',
    what: 'the relay in use is killed in mid-transfer, another one is there',
    best: 'relay',
    build: whileRelayIsKilled,
  },
];

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
      await router.nft(UNBLOCK_UDP);
    },
  };
}

async function whileUdpIsCutAgainAndAgain(lab: Lab): Promise<Scene> {
  const world = await subnets(lab, [LAN, OTHER_LAN]);
  await slowDown(world, 250);
  const { first, second } = await withNats(world.center, world.alice, world.bob);
  const router = world.gateways[0].node;
  return {
    first,
    second,
    meet: 'invite',
    bytes: 1024 ** 3,
    async disturb({ first: alice, second: bob, transfer }) {
      const isOn = (path: string) => async () => {
        await transfer.reached(0);
        return alice.history(bob.home.key).at(-1)?.link?.path === path ? true : undefined;
      };
      for (let cut = 1; cut <= 10; cut += 1) {
        // The sender is the one that has to notice.
        await router.nft(BLOCK_UDP);
        await until(isOn('nats'), `cut ${cut}: the transfer goes on over NATS`, 10);
        await router.nft(UNBLOCK_UDP);
        await until(isOn('udp'), `cut ${cut}: the transfer goes on over UDP again`, 10);
      }
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
