/** Times and durations for people. */
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `8 s`, `3 min 20 s`, `2 h 5 min`, `3 days`: two units at most; `seconds` is not negative. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return two(whole, MINUTE, 'min', 1, 's');
  if (whole < DAY) return two(whole, HOUR, 'h', MINUTE, 'min');
  const days = Math.floor(whole / DAY);
  return days === 1 ? '1 day' : `${days} days`;
}

function two(
  seconds: number,
  unit: number,
  name: string,
  small: number,
  smallName: string,
): string {
  const rest = Math.floor((seconds % unit) / small);
  const first = `${Math.floor(seconds / unit)} ${name}`;
  return rest === 0 ? first : `${first} ${rest} ${smallName}`;
}

/** `just now`, `5 min ago`, `3 h ago`, `yesterday`, else the date; both times in milliseconds since 1970. */
export function formatAgo(time: number, now: number): string {
  const seconds = (now - time) / 1000;
  if (seconds < MINUTE) return 'just now';
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min ago`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h ago`;
  if (seconds < 2 * DAY) return 'yesterday';
  return formatDate(time);
}

/** `in 23 h`, `in 12 min`, `expired`. */
export function formatExpiry(time: number, now: number): string {
  const seconds = (time - now) / 1000;
  if (seconds <= 0) return 'expired';
  if (seconds < MINUTE) return 'in less than a minute';
  if (seconds < HOUR) return `in ${Math.floor(seconds / MINUTE)} min`;
  if (seconds < 2 * DAY) return `in ${Math.floor(seconds / HOUR)} h`;
  return `in ${Math.floor(seconds / DAY)} days`;
}

/** `3 Mar 2026` in the reader's time zone. */
export function formatDate(time: number): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' }).format(time);
}

/** `3 Mar 2026, 14:05` in the reader's time zone. */
export function formatDateTime(time: number): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' }).format(time);
}
