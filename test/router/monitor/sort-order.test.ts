import { expect, test } from 'vitest';
import { isSortOrder, type Sortable, sorted } from '../../../main/router/monitor/sort-order.ts';

function item(cid: number, more: Partial<Sortable> = {}): Sortable {
  return {
    cid,
    subs: 0,
    pending: 0,
    outMessages: 0,
    inMessages: 0,
    outBytes: 0,
    inBytes: 0,
    lastActivity: 0,
    startedAt: cid,
    stoppedAt: 0,
    reason: '',
    rtt: 0,
    ...more,
  };
}

const ids = (items: readonly Sortable[]): number[] => items.map(({ cid }) => cid);

test('connections are sorted by id, the smallest first', () => {
  expect(ids(sorted([item(3), item(1), item(2)], 'cid', 0))).toEqual([1, 2, 3]);
  expect(ids(sorted([item(3), item(1), item(2)], 'start', 0))).toEqual([1, 2, 3]);
});

test('connections are sorted by counts, the largest first, equal ones as they come', () => {
  const items = [item(1, { subs: 5 }), item(2, { subs: 7 }), item(3, { subs: 5 }), item(4)];
  expect(ids(sorted(items, 'subs', 0))).toEqual([2, 1, 3, 4]);
});

test('idle ones come first by idle, busy ones by last', () => {
  const items = [
    item(1, { lastActivity: 10 }),
    item(2, { lastActivity: 30 }),
    item(3, { lastActivity: 20 }),
  ];
  expect(ids(sorted(items, 'idle', 100))).toEqual([1, 3, 2]);
  expect(ids(sorted(items, 'last', 100))).toEqual([2, 3, 1]);
});

test('closed ones are sorted by reason and by when they stopped', () => {
  const items = [
    item(1, { reason: 'Stale Connection', stoppedAt: 5 }),
    item(2, { reason: 'Client Closed', stoppedAt: 9 }),
    item(3, { reason: 'Kicked', stoppedAt: 7 }),
  ];
  expect(ids(sorted(items, 'reason', 0))).toEqual([2, 3, 1]);
  expect(ids(sorted(items, 'stop', 0))).toEqual([2, 3, 1]);
});

test('only names of orders are orders', () => {
  expect(isSortOrder('rtt')).toBe(true);
  expect(isSortOrder('reason')).toBe(true);
  expect(isSortOrder('toString')).toBe(false);
});
