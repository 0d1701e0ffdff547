import { expect, test } from 'vitest';
import { PathSize } from '../../../main/link/paths/path-size.ts';

const [BASE, MOST] = [1_200, 1_350];
const MINUTE = 60_000;

test('what QUIC needs is sent until something longer has arrived', () => {
  const size = new PathSize(BASE, MOST);
  expect([size.bytes, size.probe(0), size.bytes]).toEqual([BASE, MOST, BASE]);
  size.carried(BASE);
  expect(size.bytes).toBe(BASE);
  size.carried(MOST);
  expect([size.bytes, size.probe(0), size.isNarrow]).toEqual([MOST, undefined, false]);
});

test('three probes are sent at first, then one a minute', () => {
  const size = new PathSize(BASE, MOST);
  expect([size.probe(0), size.probe(1), size.isNarrow]).toEqual([MOST, MOST, false]);
  expect([size.probe(2), size.isNarrow]).toEqual([MOST, true]);
  expect([size.probe(3), size.probe(MINUTE)]).toEqual([undefined, undefined]);
  expect([size.probe(MINUTE + 2), size.probe(MINUTE + 3)]).toEqual([MOST, undefined]);
  size.carried(MOST);
  expect([size.bytes, size.isNarrow]).toEqual([MOST, false]);
});

test('a long one that is missed makes all short again, and is tried again', () => {
  const size = new PathSize(BASE, MOST);
  size.carried(MOST);
  size.missed(BASE);
  expect(size.bytes).toBe(MOST);
  size.missed(BASE + 1);
  expect([size.bytes, size.probe(0)]).toEqual([BASE, MOST]);
});

test('another way may carry more', () => {
  const size = new PathSize(BASE, MOST);
  for (let count = 0; count < 3; count += 1) size.probe(0);
  expect(size.probe(1)).toBeUndefined();
  size.restart();
  expect([size.isNarrow, size.probe(1)]).toEqual([false, MOST]);
});

test('where all lengths are alike nothing is tried', () => {
  const size = new PathSize(MOST, MOST);
  expect([size.bytes, size.probe(0)]).toEqual([MOST, undefined]);
  size.missed(MOST);
  expect([size.bytes, size.isNarrow]).toEqual([MOST, false]);
});
