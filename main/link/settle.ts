import type { PeerKey } from '../identity/types.ts';

/** Links that come up within this time of each other count as opened at once, ms. */
export const SIMULTANEOUS_MS = 5_000;

export interface LinkFacts {
  /** Who dialled it. */
  readonly dialler: PeerKey;
  /** Milliseconds, on one clock. */
  readonly upAt: number;
}

/**
 * Which of two live links between the same two peers stays (docs/link.md "One link per contact").
 *
 * Both sides decide alone and alike: of two that were opened at once by both, the one that the smaller key
 * dialled; otherwise the newer one, because whoever dials has proven that it lost the older.
 */
export function settle(older: LinkFacts, newer: LinkFacts): 'older' | 'newer' {
  if (older.dialler === newer.dialler) return 'newer';
  if (newer.upAt - older.upAt > SIMULTANEOUS_MS) return 'newer';
  return older.dialler < newer.dialler ? 'older' : 'newer';
}
