import { expect, test } from 'vitest';
import { gather } from '../../../main/router/monitor/breath.ts';

test('a long list is looked through in turns, and keeps its order', async () => {
  const numbers = Array.from({ length: 3_000 }, (_, i) => i);
  let turns = 0;
  let over = false;
  const count = (): void => {
    turns++;
    if (!over) setImmediate(count);
  };
  setImmediate(count);
  const even = await gather(numbers, (one) => {
    // As long as a turn may be.
    const end = performance.now() + (one % 500 === 0 ? 4 : 0);
    while (performance.now() < end);
    return one % 2 === 0;
  });
  over = true;
  expect(even).toEqual(numbers.filter((one) => one % 2 === 0));
  expect(turns).toBeGreaterThan(3);
});
