/** Peer keys for people: groups of four, read aloud or compared by eye like a fingerprint. */

/** All 56 characters in 14 groups. */
export function keyGroups(key: string): string[] {
  return key.match(/.{1,4}/gu) ?? [];
}

/** `ACR4 K6WQ … 7TMA 2LXY`: the first two and the last two groups. */
export function shortKey(key: string): string {
  const groups = keyGroups(key);
  if (groups.length <= 4) return groups.join(' ');
  return `${groups.slice(0, 2).join(' ')} … ${groups.slice(-2).join(' ')}`;
}
