/** Milliseconds by unit. */
const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

const WHOLE = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;
/** About 292 years, as far as nats-server counts. */
const MAX_MS = 9_223_372_036_854;

/** Milliseconds of a Go duration (`1h30m`, `2s`, `-1.5ms`, `0`), or undefined. */
export function parseDuration(text: string): number | undefined {
  if (/^[+-]?0$/.test(text)) return 0;
  if (!WHOLE.test(text)) return undefined;
  let duration = 0;
  for (const [, count, unit] of text.matchAll(PART)) {
    duration += Number(count) * (UNITS[unit ?? ''] ?? 0);
  }
  if (duration > MAX_MS) return undefined;
  return text.startsWith('-') ? -duration : duration;
}

/** The same as text, for messages: `2m0s` is `2m`. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const seconds = (ms % 60_000) / 1_000;
  const parts = [hours > 0 ? `${hours}h` : '', minutes > 0 ? `${minutes}m` : ''];
  return `${parts.join('')}${seconds > 0 ? `${seconds}s` : ''}`;
}
