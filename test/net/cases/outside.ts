/** Peers behind NATs that learn from a router or a server how they are seen from outside. */
import type { LinkCase } from '../link-case.ts';
import { knowMappingRouters, startMappingRouter } from '../mapping-router.ts';
import { homes, withNats } from '../scenes.ts';
import { NAT_SECONDS } from './common.ts';

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
];
