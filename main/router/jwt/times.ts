/** The times of day that a user may connect at. */
import type { TimeRange } from './user-claims.ts';

const DAY = 24 * 60 * 60 * 1000;

export function isTimeOfDay(text: string): boolean {
  return millisecondOfDay(text) !== undefined;
}

/** An IANA name that this system knows. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return offsetOf(0, name) !== undefined;
  } catch {
    // RangeError: no such zone.
    return false;
  }
}

/**
 * When the user has to go again: Unix ms, Infinity without ranges, undefined when it may not be here now. A
 * range that ends before it starts goes on into the next day; as in nats-server only until midnight for those
 * who come after it.
 *
 * @param zone IANA name, empty for this machine's
 * @param now Unix ms
 */
export function endOfStay(
  ranges: readonly TimeRange[] | undefined,
  zone: string,
  now: number,
): number | undefined {
  if (ranges === undefined || ranges.length === 0) return Infinity;
  const local = now + offsetOf(now, zone);
  const midnight = Math.floor(local / DAY) * DAY;
  for (const { start, end } of ranges) {
    const from = millisecondOfDay(start);
    const to = millisecondOfDay(end);
    if (from === undefined || to === undefined) return undefined;
    const until = midnight + to + (from > to ? DAY : 0);
    if (midnight + from >= local || until <= local) continue;
    // The offset at that time, should clocks change before.
    return until - offsetOf(until - offsetOf(now, zone), zone);
  }
  return undefined;
}

function millisecondOfDay(text: string): number | undefined {
  const [, hours, minutes, seconds] = /^(\d{1,2}):(\d{2}):(\d{2})$/.exec(text) ?? [];
  if (hours === undefined || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59)
    return undefined;
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}

/** What to add to Unix ms for the zone's clock at that moment. Throws RangeError for an unknown zone. */
function offsetOf(at: number, zone: string): number {
  const second = Math.floor(at / 1000) * 1000;
  const parts = new Intl.DateTimeFormat('en-US', {
    ...(zone !== '' && zone !== 'Local' && { timeZone: zone }),
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(second);
  const part = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((one) => one.type === type)?.value);
  return (
    Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    ) - second
  );
}
