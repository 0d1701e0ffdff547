import { expect, test } from 'vitest';
import { FragmentCount } from '../../../main/link/rate/fragment-count.ts';

const FAST = 25_000;
const STEP = 100_000;

/** After so many bytes on a line that loses datagrams, each by itself. */
function after(bytes: number, loss: number, count = new FragmentCount(8)): FragmentCount {
  for (let sent = 0; sent < bytes; sent += STEP) {
    const lost = 1 - (1 - loss) ** count.at(FAST);
    count.add({ sentBytes: STEP, missing: STEP * lost });
  }
  return count;
}

test('packets are short before anything is known, and grow while nothing is lost', () => {
  expect(new FragmentCount(8).at(FAST)).toBe(1);
  const counts = [2e6, 8e6, 30e6].map((bytes) => after(bytes, 0).at(FAST));
  expect(counts).toEqual([2, 4, 8]);
});

test.each([
  { loss: 0.0001, count: 8 },
  { loss: 0.001, count: 4 },
  { loss: 0.01, count: 1 },
  { loss: 0.05, count: 1 },
  { loss: 0.5, count: 1 },
])('a line that loses $loss gets packets of $count', ({ loss, count }) => {
  expect(after(60e6, loss).at(FAST)).toBe(count);
});

test('a line that begins to lose gets short packets, and long ones when it is over', () => {
  const count = after(60e6, 0);
  expect(after(3e6, 0.05, count).at(FAST)).toBe(1);
  expect(after(60e6, 0, count).at(FAST)).toBe(8);
});

test('what comes late is no loss', () => {
  const count = new FragmentCount(8);
  for (let sent = 0; sent < 60e6; sent += STEP) {
    count.add({ sentBytes: STEP, missing: sent % (2 * STEP) === 0 ? STEP : -STEP });
  }
  expect(count.at(FAST)).toBeGreaterThanOrEqual(4);
});

test('on a slow line packets are short: others wait behind them', () => {
  const count = after(60e6, 0);
  expect([100, 3_000, 6_000, 12_000].map((bytesPerMs) => count.at(bytesPerMs))).toEqual([
    1, 2, 4, 8,
  ]);
});

test('where packets have no parts nothing is to be chosen', () => {
  expect(after(60e6, 0, new FragmentCount(1)).at(FAST)).toBe(1);
});
