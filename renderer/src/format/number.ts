/** Counts, shares of a whole, and round trips for people. */
const grouped = new Intl.NumberFormat('en');

/** `12,345`. */
export function formatNumber(count: number): string {
  return grouped.format(count);
}

/** `1 file`, `12,345 files`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${grouped.format(count)} ${count === 1 ? one : many}`;
}

/** Between 0 and 1; an empty whole is done. */
export function fraction(done: number, total: number): number {
  if (total <= 0) return 1;
  return Math.min(1, Math.max(0, done / total));
}

/** `42%`; `100%` only when nothing is missing. */
export function formatPercent(done: number, total: number): string {
  return `${Math.floor(fraction(done, total) * 100)}%`;
}

/** `0.4 ms`, `12 ms`. */
export function formatRtt(ms: number): string {
  return ms < 9.95 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}
