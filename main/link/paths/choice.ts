/**
 * Which path a link sends on: facts in, an answer out, no clock and no I/O (docs/link.md "Which path").
 */
import type { PathKind } from '../types.ts';

/** Where the other end of a UDP path is. */
export type PathReach = 'lan' | 'wide';

export interface PathFacts {
  readonly id: number;
  readonly kind: PathKind;
  readonly reach: PathReach;
  /** Round trip, ms: the shortest one lately. */
  readonly rttMs: number;
  /** Part of the probes that were not answered, 0 to 1, smoothed. */
  readonly loss: number;
  /** It has answered lately. */
  readonly live: boolean;
  /** What it carries is paid for. */
  readonly metered: boolean;
}

/**
 * What a kind costs besides its round trip, ms: a server or a contact in between has a load and a bill of its
 * own, so a direct path is preferred unless it is slower by more than this.
 */
const KIND_MS: Readonly<Record<PathKind, number>> = { udp: 0, nats: 40, relay: 80 };
const WIDE_MS = 10;
/** A path that loses one in a hundred more than is let pass costs as much as 20 ms. */
const LOSS_MS = 2_000;
/** One lost ping says nothing yet. */
const LOSS_LET_PASS = 0.05;
const METERED_MS = 500;
/** Another path has to be better by this part, and by so many ms, to be worth a change. */
const BETTER_PART = 0.25;
const BETTER_MS = 5;
/** And for so long, ms. */
export const BETTER_FOR_MS = 1_000;

/** Comparable over kinds; smaller is better, ms. */
export function costOf(path: PathFacts): number {
  const far = path.kind === 'udp' && path.reach === 'wide' ? WIDE_MS : 0;
  const paid = path.metered ? METERED_MS : 0;
  const lost = Math.max(0, path.loss - LOSS_LET_PASS) * LOSS_MS;
  return path.rttMs + KIND_MS[path.kind] + far + lost + paid;
}

/** Live ones first, then by cost, then the older. */
export function inOrder(paths: readonly PathFacts[]): PathFacts[] {
  return paths.toSorted(
    (a, b) => Number(b.live) - Number(a.live) || costOf(a) - costOf(b) || a.id - b.id,
  );
}

export interface Choice {
  readonly id: number;
  /** Without waiting: the current one carries nothing any more. */
  readonly atOnce: boolean;
}

/**
 * @returns a path to change to, at once or when it has stayed the better one for BETTER_FOR_MS; undefined: stay
 */
export function choosePath(
  paths: readonly PathFacts[],
  currentId: number | undefined,
): Choice | undefined {
  const [best] = inOrder(paths);
  if (best === undefined || best.id === currentId) return undefined;
  const current = paths.find((path) => path.id === currentId);
  if (current === undefined) return { id: best.id, atOnce: true };
  if (!best.live) return undefined;
  if (!current.live) return { id: best.id, atOnce: true };
  const limit = costOf(current) * (1 - BETTER_PART) - BETTER_MS;
  return costOf(best) < limit ? { id: best.id, atOnce: false } : undefined;
}
