/** Peers behind NATs that learn from a router or a server how they are seen from outside. */
import { fileURLToPath } from 'node:url';
import type { Lab } from '../lab.ts';
import type { LinkCase, Scene, Seat } from '../link-case.ts';
import { knowMappingRouters, startMappingRouter } from '../mapping-router.ts';
import { changePort } from '../nat.ts';
import { homes, withNats } from '../scenes.ts';
import { NAT_SECONDS } from './common.ts';

const STUN_SERVER = fileURLToPath(new URL('../probe/stun.ts', import.meta.url));
const ALICE_PORT = 41_001;
const BOB_PORT = 41_002;

export const outsideCases: readonly LinkCase[] = [
  {
    name: 'port-mapping',
    what: 'symmetric NAT on both sides, a router that maps ports, NATS as the rendezvous',
    best: 'udp',
    linkSeconds: NAT_SECONDS,
    async build(lab) {
      const world = await homes(lab, 'symmetric', 'symmetric');
      const { internet, alice, bob, server, natOfAlice, natOfBob } = world;
      if (natOfAlice === undefined || natOfBob === undefined) throw new Error('no NATs');
      await startMappingRouter(lab, natOfAlice, internet);
      await knowMappingRouters(internet, natOfBob.node);
      const { first, second, knownWays } = await withNats(server, alice, bob);
      return { first, second, meet: 'contacts', knownWays };
    },
  },
  {
    name: 'stun',
    what: 'port-restricted NATs on both sides that change ports, a STUN server, NATS as the rendezvous',
    best: 'udp',
    linkSeconds: NAT_SECONDS,
    build: behindChangedPorts,
  },
];

/** What NATS sees of a peer is its address alone: where the port is another one, no guess is right. */
async function behindChangedPorts(lab: Lab): Promise<Scene> {
  const world = await homes(lab, 'port-restricted', 'port-restricted');
  const { internet, alice, bob, server, natOfAlice, natOfBob } = world;
  await natOfAlice?.node.nft(changePort(internet.name, ALICE_PORT, 52_001));
  await natOfBob?.node.nft(changePort(internet.name, BOB_PORT, 52_002));
  const stun = server.node.start(process.execPath, [STUN_SERVER, server.v4 ?? '', '3478']);
  await stun.seen('stdout', /ready/);
  const { first, second, knownWays } = await withNats(server, alice, bob);
  const seat = ({ node, args }: Seat, port: number): Seat => {
    return { node, args, config: { udp: { port, stun: [`${server.v4}:3478`] } } };
  };
  return {
    first: seat(first, ALICE_PORT),
    second: seat(second, BOB_PORT),
    meet: 'contacts',
    knownWays,
  };
}
