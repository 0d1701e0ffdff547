import { isIP } from 'node:net';
import type { PeerKey, Way } from '../identity/types.ts';
import { type Leg, type RaceCalls, raceLegs } from './dial-race.ts';
import { LinkError } from './errors.ts';
import type { Link } from './link.ts';
import type { EstablishedConn, PathSource } from './path-source.ts';

/** Between the ways of one kind: longer than most round trips, so that mostly one way is ever used. */
const NEXT_WAY_MS = 250;
/** NATS waits for UDP so long: a direct path is worth that. */
const NATS_AFTER_MS = 300;
/** Relays wait for UDP so long: they are other people's machines. */
const RELAY_AFTER_MS = 600;
const MAX_WAYS = 16;
const MAX_RELAYS = 2;

/**
 * Dials a peer by all its ways, staggered, UDP first; the link that comes up first stays, alone.
 *
 * @param createLink makes the dialler's link on an established session
 * @param onGreeting the other side will count on the link from now on, if it comes up at all
 * @throws the most telling LinkError, or the signal's reason
 */
export function dialWays(options: {
  peer: PeerKey;
  ways: readonly Way[];
  sources: readonly PathSource[];
  createLink: (established: EstablishedConn) => Link;
  onGreeting: () => void;
  /** How one way went; undefined: a link came up. Not called for ways that were not needed in the end. */
  onOutcome: (way: Way, ms: number, error: unknown) => void;
  signal: AbortSignal;
}): Promise<{ link: Link; way: Way }> {
  const { sources, signal } = options;
  const usable = options.ways.filter((way) => sources.some((source) => source.kind === way.kind));
  const isRelay = ({ kind }: Way): boolean => kind === 'relay';
  const ways = [
    ...usable.filter((way) => !isRelay(way)).slice(0, MAX_WAYS),
    ...usable.filter(isRelay).slice(0, MAX_RELAYS),
  ];
  return raceLegs(
    planLegs(ways, (way) => legOf(way, options)),
    signal,
  );
}

/** The order and the moments of the attempts; loopback, which is rarely meant, after the other UDP ways. */
export function planLegs<Result>(
  ways: readonly Way[],
  run: (way: Way) => Leg<Result>['run'],
): Leg<Result>[] {
  const isLoopback = (way: Way): boolean =>
    way.kind === 'udp' && isIP(way.host) !== 0 && /^(127\.|::1$)/.test(way.host);
  const udp = ways.filter((way) => way.kind === 'udp');
  const ordered = [
    ...udp.filter((way) => !isLoopback(way)),
    ...udp.filter((way) => isLoopback(way)),
  ];
  const nats = ways.filter((way) => way.kind === 'nats');
  const natsAfterMs = udp.length > 0 ? NATS_AFTER_MS : 0;
  const relays = ways.filter((way) => way.kind === 'relay');
  const relayAfterMs = udp.length + nats.length > 0 ? RELAY_AFTER_MS : 0;
  return [
    ...ordered.map((way, index) => ({ startMs: index * NEXT_WAY_MS, run: run(way) })),
    ...nats.map((way, index) => ({ startMs: natsAfterMs + index * NEXT_WAY_MS, run: run(way) })),
    ...relays.map((way, index) => ({ startMs: relayAfterMs + index * NEXT_WAY_MS, run: run(way) })),
  ].toSorted((a, b) => a.startMs - b.startMs);
}

function legOf(
  way: Way,
  options: Parameters<typeof dialWays>[0],
): Leg<{ link: Link; way: Way }>['run'] {
  return async (signal, race) => {
    const begunAt = performance.now();
    const tell = (error?: unknown): void => {
      options.onOutcome(way, performance.now() - begunAt, error);
    };
    try {
      const link = await linkBy(way, options, signal, race);
      tell();
      return { link, way };
    } catch (error) {
      if (!signal.aborted) tell(error);
      throw error;
    }
  };
}

async function linkBy(
  way: Way,
  { peer, sources, createLink, onGreeting }: Parameters<typeof dialWays>[0],
  signal: AbortSignal,
  race: RaceCalls,
): Promise<Link> {
  const established = await dialBy(sources, peer, way, signal);
  race.answered();
  const link = createLink(established);
  const onAbort = (): void => link.close('not-needed');
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    await link.proven;
    await race.claim();
    onGreeting();
    await link.greet();
    signal.throwIfAborted();
    return link;
  } catch (error) {
    link.close('not-needed');
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Several sources may be of one kind (NATS deployments): the first that can use the way dials. */
async function dialBy(
  sources: readonly PathSource[],
  peer: PeerKey,
  way: Way,
  signal: AbortSignal,
): Promise<EstablishedConn> {
  let failure: unknown = new LinkError('way-unusable', 'This peer has no such path.');
  for (const source of sources) {
    if (source.kind !== way.kind) continue;
    try {
      return await source.dial(peer, way, signal);
    } catch (error) {
      if (!(error instanceof LinkError) || error.code !== 'way-unusable') throw error;
      failure = error;
    }
  }
  throw failure;
}
