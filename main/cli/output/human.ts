/** Numbers, sizes and times as people read them. The exact values are in the JSON answers. */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
const integer = new Intl.NumberFormat('en');

/** The power of 1024 in which `bytes` has at most four digits before the point. */
function unitOf(bytes: number): number {
  let unit = 0;
  for (let rest = bytes; rest >= 1000 && unit < UNITS.length - 1; rest /= 1024) unit += 1;
  return unit;
}

function inUnit(bytes: number, unit: number): string {
  if (unit === 0) return String(Math.round(bytes));
  const value = bytes / 1024 ** unit;
  return value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}

/** `0 B`, `1.50 KiB`, `431 MiB`: three digits, powers of 1024. */
export function bytesText(bytes: number): string {
  const unit = unitOf(bytes);
  return `${inUnit(bytes, unit)} ${UNITS[unit] ?? ''}`;
}

/** `0.42/1.00 GiB`: both in the unit of the total. */
export function bytesOfText(done: number, total: number): string {
  const unit = unitOf(total);
  return `${inUnit(done, unit)}/${inUnit(total, unit)} ${UNITS[unit] ?? ''}`;
}

/** `12.3 MiB/s`. */
export function rateText(bytesPerSecond: number): string {
  return `${bytesText(bytesPerSecond)}/s`;
}

/** `5,012`. */
export function countText(count: number): string {
  return integer.format(count);
}

/** `5,012 files`, `1 file`. */
export function filesText(count: number): string {
  return `${countText(count)} ${count === 1 ? 'file' : 'files'}`;
}

/** Seconds as a clock: `0:03`, `12:34`, `1:02:03`; days past 100 hours. */
export function clockText(seconds: number): string {
  const whole = Math.round(seconds);
  const hours = Math.floor(whole / 3600);
  if (hours >= 100) return `${Math.floor(hours / 24)} d`;
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}

/** How long a time lasts or lasted, coarsely: `40 s`, `5 min`, `3 h`, `2 d`. */
export function spanText(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** Local time, `2026-11-21 02:44`; a dash for a time nobody knows. */
export function timeText(milliseconds: number): string {
  const date = new Date(milliseconds);
  if (milliseconds === 0 || Number.isNaN(date.getTime())) return '-';
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The part of a key or id that people see; it works as a prefix where a contact, share or transfer is asked for. */
export function shortKey(key: string): string {
  return key.slice(0, 12);
}
