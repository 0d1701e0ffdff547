/** The topologies of the cases. */
import type { Way } from '../../main/identity/types.ts';
import type { Lab } from './lab.ts';
import type { RelaySeat, Seat } from './link-case.ts';
import type { NatKind } from './nat.ts';
import { startNats, type NetNats } from './nats.ts';
import type { Attachment, Segment, SegmentAddresses } from './segment.ts';

/** So much a second goes through a slow cable: a file then takes long enough to be disturbed. */
const SLOW_MEGABITS = 64;
const RELAY_PORT = 41_641;

/** Two machines on one switch. */
export async function sameLan(
  lab: Lab,
  addresses: SegmentAddresses,
): Promise<[Attachment, Attachment]> {
  const lan = await lab.segment('lan', addresses);
  return [await lan.attach(await lab.node('alice')), await lan.attach(await lab.node('bob'))];
}

export interface Subnets {
  readonly alice: Attachment;
  readonly bob: Attachment;
  /** The router's place on alice's and on bob's side. */
  readonly gateways: readonly [Attachment, Attachment];
  /** The third segment of the router. */
  readonly center: Attachment;
}

/** Two subnets, and a third one for servers, with one router between them. */
export async function subnets(
  lab: Lab,
  addresses: readonly [SegmentAddresses, SegmentAddresses],
): Promise<Subnets> {
  const left = await lab.segment('left', addresses[0]);
  const right = await lab.segment('right', addresses[1]);
  const middle = await lab.segment('middle', { v4: '10.9.0' });
  const [one, two, three] = await lab.router('router', [left, right, middle]);
  if (one === undefined || two === undefined || three === undefined) throw new Error('no router');
  return {
    alice: await left.attach(await lab.node('alice'), one),
    bob: await right.attach(await lab.node('bob'), two),
    gateways: [one, two],
    center: await middle.attach(await lab.node('server'), three),
  };
}

/** Both ways through the router between two subnets. */
export async function slowDown({ gateways }: Subnets, megabits = SLOW_MEGABITS): Promise<void> {
  for (const { node, device } of gateways) await node.limit(device, megabits);
}

export interface Homes {
  readonly internet: Segment;
  readonly alice: Attachment;
  readonly bob: Attachment;
  readonly server: Attachment;
  /** The NATs' places inside; undefined: there is none. */
  readonly natOfAlice: Attachment | undefined;
  readonly natOfBob: Attachment | undefined;
}

/** The internet with a server, and each peer behind a NAT of its own; undefined: on the internet itself. */
export async function homes(
  lab: Lab,
  ofAlice: NatKind | undefined,
  ofBob: NatKind | undefined,
): Promise<Homes> {
  const internet = await lab.segment('internet', { v4: '203.0.113', isInternet: true });
  const place = async (
    name: string,
    home: string,
    v4: string,
    kind: NatKind | undefined,
  ): Promise<{ seat: Attachment; nat?: Attachment }> => {
    const node = await lab.node(name);
    if (kind === undefined) return { seat: await internet.attach(node) };
    const inside = await lab.segment(home, { v4 });
    const nat = await lab.nat(kind, inside, internet);
    return { seat: await inside.attach(node, nat), nat };
  };
  const alice = await place('alice', 'homea', '10.1.0', ofAlice);
  const bob = await place('bob', 'homeb', '10.2.0', ofBob);
  return {
    internet,
    alice: alice.seat,
    bob: bob.seat,
    server: await internet.attach(await lab.node('server')),
    natOfAlice: alice.nat,
    natOfBob: bob.nat,
  };
}

/** A machine on the internet where a relay can run. */
export async function relayOn(lab: Lab, internet: Segment, name: string): Promise<RelaySeat> {
  const { node, v4: host = '' } = await internet.attach(await lab.node(name));
  return { node, host, port: RELAY_PORT, args: ['--port', `${RELAY_PORT}`] };
}

/** A nats-server on a machine, the seats of two peers that use it, and how they know each other by it. */
export async function withNats(
  server: Attachment,
  alice: Attachment,
  bob: Attachment,
): Promise<{ nats: NetNats; first: Seat; second: Seat; knownWays: Way[] }> {
  const nats = await startNats(server);
  const args = ['--nats', nats.url];
  return {
    nats,
    first: { node: alice.node, args },
    second: { node: bob.node, args },
    knownWays: [{ kind: 'nats', server: nats.url, prefix: 'skerry' }],
  };
}
