import type { PeerKey } from '../identity/types.ts';

export interface HeldLink {
  /** Names its session, to both sides alike. */
  readonly id: string;
  readonly dialler: PeerKey;
}

export interface FreshLink {
  readonly dialler: PeerKey;
  /** The session that the other side gave up for this one, as its hello says. */
  readonly replaces: string | undefined;
}

/**
 * Which link to a peer stays when a fresh one has come up beside the one that is held (docs/link.md "One
 * link per contact"). No clock is asked, and both sides come to the same answer:
 *
 * - Who was dialled takes the fresh link: whoever dials has no link, perhaps because it lost the one that is
 *   held here. Its hello names the session that it gives up.
 * - Who dialled, and accepted the other side's dial meanwhile, follows that hello. When it names nothing,
 *   the two dials have crossed: the one of the smaller key stays.
 */
export function settle(held: HeldLink, fresh: FreshLink, self: PeerKey): 'held' | 'fresh' {
  const wasDialled = fresh.dialler !== self;
  if (wasDialled || fresh.replaces === held.id || held.dialler === self) return 'fresh';
  return fresh.dialler < held.dialler ? 'fresh' : 'held';
}
