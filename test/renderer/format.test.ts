import { describe, expect, test } from 'vitest';
import { formatBytes, formatRate } from '../../renderer/src/format/bytes.ts';
import { presence } from '../../renderer/src/format/contact.ts';
import { islandContours } from '../../renderer/src/format/island.ts';
import { keyGroups, shortKey } from '../../renderer/src/format/key.ts';
import {
  formatCount,
  formatPercent,
  formatRtt,
  fraction,
} from '../../renderer/src/format/number.ts';
import { baseName, crumbs } from '../../renderer/src/format/path.ts';
import { isolate, listNames } from '../../renderer/src/format/text.ts';
import { formatAgo, formatDuration, formatExpiry } from '../../renderer/src/format/time.ts';
import { contact, keyOf, link } from './support/samples.ts';

const HOUR = 3_600_000;

describe('sizes and rates', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [4096, '4.1 kB'],
    [999_499, '999 kB'],
    [999_500, '1 MB'],
    [73_000_000, '73 MB'],
    [1_073_741_824, '1.07 GB'],
    [7_700_000_000, '7.70 GB'],
    [92_000_000_000, '92 GB'],
    [9_007_199_254_740_991, '9.01 PB'],
    [-5, '0 B'],
  ])('bytes - %d is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  test('rate - is a size a second', () => {
    expect(formatRate(74_600_000)).toBe('74.6 MB/s');
  });
});

describe('times', () => {
  test.each([
    [0, '0 s'],
    [0.4, '0 s'],
    [59.4, '59 s'],
    [59.6, '1 min'],
    [200, '3 min 20 s'],
    [7500, '2 h 5 min'],
    [86_400, '1 day'],
    [300_000, '3 days'],
  ])('duration - %d seconds are %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  test('ago - grows coarser, and a clock that runs ahead is now', () => {
    const now = Date.UTC(2026, 2, 3, 12);
    expect(formatAgo(now + 5000, now)).toBe('just now');
    expect(formatAgo(now - 5 * 60_000, now)).toBe('5 min ago');
    expect(formatAgo(now - 5 * HOUR, now)).toBe('5 h ago');
    expect(formatAgo(now - 30 * HOUR, now)).toBe('yesterday');
    expect(formatAgo(now - 80 * HOUR, now)).toMatch(/Feb 2026$/);
  });

  test('expiry - counts down to expired', () => {
    expect(formatExpiry(24 * HOUR - 1000, 0)).toBe('in 23 h');
    expect(formatExpiry(90_000, 0)).toBe('in 1 min');
    expect(formatExpiry(10_000, 0)).toBe('in less than a minute');
    expect(formatExpiry(0, 0)).toBe('expired');
  });
});

describe('numbers', () => {
  test('count - has the right word', () => {
    expect(formatCount(0, 'file')).toBe('0 files');
    expect(formatCount(1, 'file')).toBe('1 file');
    expect(formatCount(12_345, 'entry', 'entries')).toBe('12,345 entries');
  });

  test('percent - is 100 only when nothing is missing', () => {
    expect(formatPercent(999_999_999, 1_000_000_000)).toBe('99%');
    expect(formatPercent(10, 10)).toBe('100%');
    expect(formatPercent(0, 0)).toBe('100%');
    expect(fraction(20, 10)).toBe(1);
  });

  test('round trip - keeps a decimal only below ten milliseconds', () => {
    expect(formatRtt(0.42)).toBe('0.4 ms');
    expect(formatRtt(9.96)).toBe('10 ms');
    expect(formatRtt(48.4)).toBe('48 ms');
  });
});

describe('keys and names', () => {
  test('key - is shown in groups of four', () => {
    const key = keyOf('ANOUK');
    expect(keyGroups(key)).toHaveLength(14);
    expect(keyGroups(key).join('')).toBe(key);
    expect(shortKey(key)).toBe(
      `${key.slice(0, 4)} ${key.slice(4, 8)} … ${key.slice(48, 52)} ${key.slice(52)}`,
    );
  });

  test('island - follows from the key and stays inside its circle', () => {
    const contours = islandContours(keyOf('ANOUK'));
    expect(islandContours(keyOf('ANOUK'))).toEqual(contours);
    expect(islandContours(keyOf('BO'))).not.toEqual(contours);
    const numbers =
      contours
        .join(' ')
        .match(/-?\d+\.\d+/g)
        ?.map(Number) ?? [];
    expect(numbers.length).toBeGreaterThan(100);
    expect(Math.max(...numbers.map(Math.abs))).toBeLessThanOrEqual(1.1);
  });

  test('names in sentences - cannot turn the sentence around', () => {
    expect(isolate('\u202Eevil')).toBe('\u2068\u202Eevil\u2069');
    expect(listNames(['Ann'])).toBe(isolate('Ann'));
    expect(listNames(['Ann', 'Bo'])).toBe(`${isolate('Ann')} and ${isolate('Bo')}`);
    expect(listNames(['Ann', 'Bo', 'Cy'])).toBe(`${isolate('Ann')}, ${isolate('Bo')} and 1 more`);
  });
});

describe('paths', () => {
  test.each([
    ['/home/mara/letter.odt', 'letter.odt'],
    ['/home/mara/', 'mara'],
    ['C:\\Users\\Mara\\Music', 'Music'],
    ['/', '/'],
  ])('base name - of %s is %s', (path, name) => {
    expect(baseName(path)).toBe(name);
  });

  test('crumbs - lead from the share to the folder', () => {
    expect(crumbs('')).toEqual([]);
    expect(crumbs('a/b')).toEqual([
      { name: 'a', path: 'a' },
      { name: 'b', path: 'a/b' },
    ]);
  });
});

describe('presence', () => {
  const now = Date.now();

  test('presence - of a linked contact names path and round trip', () => {
    const linked = contact({ online: true, link: link({ path: 'nats', rttMs: 48 }) });
    expect(presence(linked, now)).toEqual(['Online', 'NATS', '48 ms']);
  });

  test('presence - of others says where they stand', () => {
    expect(presence(contact({ lastSeenAt: now - 5 * HOUR }), now)).toEqual(['Last seen 5 h ago']);
    expect(presence(contact({ lastSeenAt: null }), now)).toEqual(['Not seen yet']);
    expect(presence(contact({ state: 'invited' }), now)).toEqual(['Waiting for their answer']);
    expect(presence(contact({ state: 'blocked' }), now)).toEqual(['Blocked']);
  });
});
