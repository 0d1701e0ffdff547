import { expect, test } from 'vitest';
import {
  durationText,
  nanoseconds,
  timeText,
  uptimeText,
} from '../../../main/router/monitor/go-format.ts';

test('times have no zeros at the end of the fraction, and none at all when it is zero', () => {
  expect(timeText(Date.UTC(2026, 0, 2, 3, 4, 5, 120))).toBe('2026-01-02T03:04:05.12Z');
  expect(timeText(Date.UTC(2026, 0, 2, 3, 4, 5, 7))).toBe('2026-01-02T03:04:05.007Z');
  expect(timeText(Date.UTC(2026, 0, 2, 3, 4, 5))).toBe('2026-01-02T03:04:05Z');
});

test('an uptime begins with the largest unit that is not zero', () => {
  const second = 1_000;
  const hour = 3_600 * second;
  const day = 24 * hour;
  expect(uptimeText(0)).toBe('0s');
  expect(uptimeText(59_999)).toBe('59s');
  expect(uptimeText(60 * second)).toBe('1m0s');
  expect(uptimeText(hour)).toBe('1h0m0s');
  expect(uptimeText(day + 2 * hour + 3 * 60 * second + 4 * second)).toBe('1d2h3m4s');
  expect(uptimeText(366 * day)).toBe('1y1d0h0m0s');
  expect(uptimeText(-5)).toBe('0s');
});

test('durations are written as Go writes them', () => {
  expect(durationText(0)).toBe('0s');
  expect(durationText(0.0005)).toBe('500ns');
  expect(durationText(0.2507)).toBe('250µs');
  expect(durationText(1.25)).toBe('1.25ms');
  expect(durationText(10)).toBe('10ms');
  expect(durationText(1_500)).toBe('1.5s');
  expect(durationText(62_500)).toBe('1m2.5s');
  expect(durationText(3_600_000)).toBe('1h0m0s');
  expect(nanoseconds(120_000)).toBe(120_000_000_000);
});
