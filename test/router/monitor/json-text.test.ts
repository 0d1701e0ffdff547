import { expect, test } from 'vitest';
import { jsonParts, jsonText, LazyList } from '../../../main/router/monitor/json-text.ts';

const plain = {
  name: 'a "b" <c> & d',
  none: undefined,
  nothing: null,
  list: [1, { two: [] }],
  empty: {},
};

function withLists(): object {
  return {
    ...plain,
    entries: new LazyList(
      [
        { id: 1, subs: new LazyList(['x', 'y']) },
        { id: 2, subs: new LazyList([]) },
      ],
      true,
    ),
  };
}

const same = {
  ...plain,
  entries: [
    { id: 1, subs: ['x', 'y'] },
    { id: 2, subs: [] },
  ],
};

test('JSON is the same whether its lists are there or made on the way, indented or not', async () => {
  for (const indent of [0, 2]) {
    const lazy = await jsonText(withLists(), indent);
    expect(lazy).toBe(await jsonText(same, indent));
    expect(JSON.parse(lazy)).toEqual(JSON.parse(JSON.stringify(same)));
  }
});

test('long lists are written as short ones are', async () => {
  const list = Array.from({ length: 5_000 }, (_, id) => ({ id, more: [id, { id }] }));
  for (const indent of [0, 2])
    expect(await jsonText({ deep: { list } }, indent)).toBe(
      JSON.stringify({ deep: { list } }, undefined, indent),
    );
});

test('JSON is indented as JSON.stringify does it, with what HTML could mistake escaped', async () => {
  expect(await jsonText({ a: [1, 2], b: '<&>' }, 2)).toBe(
    JSON.stringify({ a: [1, 2], b: '_' }, undefined, 2).replace('_', '\\u003c\\u0026\\u003e'),
  );
});

test('a long list gives way to others while it is written', async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  function* entries(): Generator<object> {
    for (let id = 0; id < 60_000; id++) yield { id, name: `entry ${id}`, more: [id, id, id] };
  }
  let parts = 0;
  let length = 0;
  for await (const part of jsonParts({ entries: new LazyList(entries()) })) {
    parts++;
    length += part.length;
  }
  clearInterval(timer);
  expect(length).toBeGreaterThan(2_000_000);
  expect(parts).toBeGreaterThan(2);
  expect(turns).toBeGreaterThan(0);
});
