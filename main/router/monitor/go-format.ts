/** Times and durations as Go's encoding writes them, which is what readers of nats-server's pages parse. */

/** RFC 3339 in UTC, without zeros at the end of the fraction. @param at Unix ms */
export function timeText(at: number): string {
  const text = new Date(at).toISOString();
  const fraction = text.slice(19, 23).replace(/\.?0+$/, '');
  return `${text.slice(0, 19)}${fraction}Z`;
}

/** `1y2d3h4m5s`, from the largest unit that is not zero. @param ms how long */
export function uptimeText(ms: number): string {
  const seconds = Math.max(Math.floor(ms / 1_000), 0);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  const years = Math.floor(days / 365);
  let text = `${seconds % 60}s`;
  if (minutes > 0) text = `${minutes % 60}m${text}`;
  if (hours > 0) text = `${hours % 24}h${text}`;
  if (days > 0) text = `${days % 365}d${text}`;
  return years > 0 ? `${years}y${text}` : text;
}

/** `0s`, `250µs`, `1.2ms`, `1m2.5s`. Less than a millisecond is given in whole microseconds. */
export function durationText(ms: number): string {
  const nanos = Math.max(Math.trunc(ms * 1e6), 0);
  if (nanos === 0) return '0s';
  if (nanos < 1_000) return `${nanos}ns`;
  if (nanos < 1e6) return `${Math.trunc(nanos / 1e3)}µs`;
  if (nanos < 1e9) return `${decimal(nanos, 6)}ms`;
  const minutes = Math.floor(nanos / 60e9);
  const seconds = `${decimal(nanos - minutes * 60e9, 9)}s`;
  if (minutes === 0) return seconds;
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes}m${seconds}` : `${hours}h${minutes % 60}m${seconds}`;
}

/** Durations in JSON are whole nanoseconds. */
export function nanoseconds(ms: number): number {
  return Math.trunc(ms * 1e6);
}

/** An integer with its point moved left, and no zeros at the end. */
function decimal(value: number, digits: number): string {
  const whole = Math.floor(value / 10 ** digits);
  const fraction = String(value - whole * 10 ** digits)
    .padStart(digits, '0')
    .replace(/0+$/, '');
  return fraction === '' ? String(whole) : `${whole}.${fraction}`;
}
