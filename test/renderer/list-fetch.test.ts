import { expect, test } from 'vitest';
import { ListFetch } from '../../renderer/src/state/list-fetch.ts';

const subjectOf = (item: { id: string }) => item.id;
const item = (id: string, version: number) => ({ id, version });

test('list fetch - the answer replaces what was known', () => {
  const map = new Map([
    ['a', item('a', 1)],
    ['b', item('b', 1)],
  ]);
  new ListFetch<{ id: string; version: number }>().merge(
    map,
    [item('b', 2), item('c', 2)],
    subjectOf,
  );
  expect([...map.values()]).toEqual([item('b', 2), item('c', 2)]);
});

test('list fetch - what events told meanwhile stays, also that something is gone', () => {
  const map = new Map([
    ['new', item('new', 9)],
    ['changed', item('changed', 9)],
  ]);
  const fetch = new ListFetch<{ id: string; version: number }>();
  for (const subject of ['new', 'changed', 'gone']) fetch.overtake(subject);
  fetch.merge(map, [item('changed', 1), item('gone', 1), item('other', 1)], subjectOf);
  expect([...map.values()]).toEqual([item('new', 9), item('changed', 9), item('other', 1)]);
});
