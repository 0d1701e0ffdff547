/** Each peer behind a NAT of its own, or on the internet. */
import type { Lab } from '../lab.ts';
import type { LinkCase, Scene } from '../link-case.ts';
import { natKinds, type NatKind } from '../nat.ts';
import { homes, relayOn, withNats } from '../scenes.ts';
import { NAT_SECONDS, plain } from './common.ts';

const cones = natKinds.filter((kind) => kind !== 'symmetric');

/** A test for each kind on both sides; one side alone is the same hole with less before it. */
const inTests = new Set([
  ...cones.map((kind) => `${kind} NAT on both sides`),
  'port-restricted NAT on the side that waits',
  'symmetric NAT on the side that comes',
]);

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

export const natCases: readonly LinkCase[] = [
  ...punched.map(([ofAlice, ofBob, what]): LinkCase => ({
    name: `nat-${ofAlice ?? 'none'}-${ofBob ?? 'none'}`,
    what: `${what}, NATS as the rendezvous`,
    best: 'udp',
    linkSeconds: NAT_SECONDS,
    ...(!inTests.has(what) && { isForRunner: true }),
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
    async build(lab) {
      const { internet, alice, bob } = await homes(lab, 'symmetric', 'symmetric');
      const relays = [await relayOn(lab, internet, 'carol')];
      return { first: plain(alice), second: plain(bob), meet: 'contacts', relays };
    },
  },
];

async function behindNats(
  lab: Lab,
  ofAlice: NatKind | undefined,
  ofBob: NatKind | undefined,
): Promise<Scene> {
  const { alice, bob, server } = await homes(lab, ofAlice, ofBob);
  const { first, second, knownWays } = await withNats(server, alice, bob);
  return { first, second, meet: 'contacts', knownWays };
}
