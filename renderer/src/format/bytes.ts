/** Sizes and rates for people, in decimal units as file managers on Linux and macOS show them. */
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** `0 B`, `812 B`, `4.1 kB`, `73 MB`, `1.07 GB`: three digits at most from kB on. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  // 999.5 would be shown as 1000.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${digits(value, unit)} ${UNITS[unit]}`;
}

/** `73 MB/s`. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

function digits(value: number, unit: number): string {
  if (unit === 0 || value >= 99.5) return String(Math.round(value));
  // Small units need no second decimal; for GB and more it is 10 MB a step.
  return trimZeros(value.toFixed(unit >= 3 && value < 9.995 ? 2 : 1));
}

function trimZeros(text: string): string {
  return text.replace(/\.0+$/, '');
}
