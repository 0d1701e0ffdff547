import { expect, test } from 'vitest';
import type { ClosedConnection } from '../../../main/router/monitor/closed-connections.ts';
import { isSortOrder, type Listed, sorted } from '../../../main/router/monitor/sort-order.ts';

interface Numbers {
  readonly subs?: number;
  readonly lastActivity?: number;
  readonly stoppedAt?: number;
  readonly reason?: string;
}

/** Closed connections have all there is to sort by. */
function closed(cid: number, more: Numbers = {}): Listed {
  const { subs = 0, lastActivity = 0, stoppedAt = 0, reason = 'Client Closed' } = more;
  return {
    facts: { cid, subscriptions: subs, reason } as ClosedConnection['facts'],
    startedAt: cid,
    lastActivity,
    stoppedAt,
    rtt: 0,
    identity: {} as ClosedConnection['identity'],
    user: '',
    account: '',
    subscriptions: [],
  };
}

async function ids(items: readonly Listed[], order: string, now = 100): Promise<number[]> {
  const result = await sorted(items, order, now);
  return result.map((each) => ('facts' in each ? (each as ClosedConnection).facts.cid : 0));
}

test('connections are sorted by id, the smallest first', async () => {
  expect(await ids([closed(3), closed(1), closed(2)], 'cid')).toEqual([1, 2, 3]);
  expect(await ids([closed(3), closed(1), closed(2)], 'start')).toEqual([1, 2, 3]);
});

test('a part of them is given out in order, sorted or not before', async () => {
  for (const items of [
    [closed(1), closed(2), closed(3), closed(4)],
    [closed(4), closed(2), closed(1), closed(3)],
  ]) {
    const part = await sorted(items, 'cid', 100, [1, 3]);
    expect(part.map((each) => (each as ClosedConnection).facts.cid)).toEqual([2, 3]);
    expect(await sorted(items, 'cid', 100, [9, 12])).toEqual([]);
  }
});

test('connections are sorted by counts, the largest first, equal ones as they come', async () => {
  const items = [closed(1, { subs: 5 }), closed(2, { subs: 7 }), closed(3, { subs: 5 }), closed(4)];
  expect(await ids(items, 'subs')).toEqual([2, 1, 3, 4]);
});

test('idle ones come first by idle, busy ones by last', async () => {
  const items = [10, 30, 20].map((lastActivity, at) => closed(at + 1, { lastActivity }));
  expect(await ids(items, 'idle')).toEqual([1, 3, 2]);
  expect(await ids(items, 'last')).toEqual([2, 3, 1]);
});

test('closed ones are sorted by reason and by when they stopped', async () => {
  const items = [
    closed(1, { reason: 'Stale Connection', stoppedAt: 5 }),
    closed(3, { reason: 'Kicked', stoppedAt: 7 }),
    closed(2, { reason: 'Client Closed', stoppedAt: 7 }),
  ];
  expect(await ids(items, 'reason')).toEqual([2, 3, 1]);
  // They come in the order of their ends, and many may end within a millisecond.
  expect(await ids(items, 'stop')).toEqual([2, 3, 1]);
});

test('many are sorted as few are', async () => {
  const items = Array.from({ length: 20_000 }, (_, at) =>
    closed(at + 1, { subs: (at * 7_919) % 1_000 }),
  );
  const subsOf = new Map(items.map((each) => [(each as ClosedConnection).facts.cid, each]));
  const expected = [...subsOf.keys()].sort((a, b) => {
    const subs = (cid: number): number => (subsOf.get(cid) as ClosedConnection).facts.subscriptions;
    return subs(b) - subs(a) || a - b;
  });
  expect(await ids(items, 'subs')).toEqual(expected);
});

test('only names of orders are orders', () => {
  expect(isSortOrder('rtt')).toBe(true);
  expect(isSortOrder('reason')).toBe(true);
  expect(isSortOrder('toString')).toBe(false);
});
