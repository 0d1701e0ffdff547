import { expect, test } from 'vitest';
import { WeightedMapper } from '../../../main/router/account/weighted-mapper.ts';
import type { MappingOptions } from '../../../main/router/options.ts';

const counted = (mapping: MappingOptions, subject: string, times: number): Map<string, number> => {
  const mapper = new WeightedMapper([mapping]);
  const counts = new Map<string, number>();
  for (let i = 0; i < times; i++) {
    const to = mapper.map(subject) ?? 'not mapped';
    counts.set(to, (counts.get(to) ?? 0) + 1);
  }
  return counts;
};

test('mappings - a message goes to destinations by their weights, the rest stays', () => {
  const destinations = [
    { subject: 'a.$1', weight: 20 },
    { subject: 'b.$1', weight: 50 },
  ];
  const counts = counted({ source: 'from.*', destinations }, 'from.x', 20_000);
  expect([...counts.keys()].sort()).toEqual(['a.x', 'b.x', 'from.x']);
  expect(Math.abs((counts.get('a.x') ?? 0) - 4_000)).toBeLessThan(500);
  expect(Math.abs((counts.get('b.x') ?? 0) - 10_000)).toBeLessThan(600);
});

test('mappings - with the source among the destinations the rest is lost', () => {
  const destinations = [{ subject: 'from', weight: 40 }];
  const counts = counted({ source: 'from', destinations }, 'from', 10_000);
  expect([...counts.keys()].sort()).toEqual(['', 'from']);
  expect(Math.abs((counts.get('from') ?? 0) - 4_000)).toBeLessThan(500);
});

test('mappings - destinations of clusters are for others', () => {
  const destinations = [{ subject: 'x', weight: 100, cluster: 'east' }];
  expect([...counted({ source: 'from', destinations }, 'from', 10).keys()]).toEqual(['from']);
});

test('mappings - the first that matches counts, and the last of one source', () => {
  const to = (subject: string) => [{ subject, weight: 100 }];
  const mapper = new WeightedMapper([
    { source: 'a.b', destinations: to('old') },
    { source: 'a.*', destinations: to('wild.$1') },
    { source: 'a.c', destinations: to('never') },
    { source: 'a.b', destinations: to('literal') },
  ]);
  expect(mapper.map('a.b')).toBe('literal');
  expect(mapper.map('a.c')).toBe('wild.c');
  expect(mapper.map('b')).toBeUndefined();
  expect(mapper.sources).toEqual(['a.b', 'a.*', 'a.c']);
});

test('mappings - any number of subjects may pass', () => {
  const mapper = new WeightedMapper([
    { source: 'a.*', destinations: [{ subject: 'b.$1', weight: 100 }] },
  ]);
  for (let i = 0; i < 10_000; i++) {
    if (mapper.map(`a.${String(i)}`) !== `b.${String(i)}`)
      throw new Error(`wrong for ${String(i)}`);
    if (mapper.map(`c.${String(i)}`) !== undefined) throw new Error(`wrong for ${String(i)}`);
  }
  expect(mapper.map('a.0')).toBe('b.0');
});
