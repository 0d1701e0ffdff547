import { describe, expect, test } from 'vitest';
import { TurnWork } from '../../../main/router/connection/turn.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('turn', () => {
  test('connections that were written to are flushed when it ends, in their order', async () => {
    const turn = new TurnWork();
    const flushed: number[] = [];
    for (const n of [1, 2, 3]) turn.touched({ flush: () => flushed.push(n) });
    expect(flushed).toEqual([]);
    await nextTurn();
    expect(flushed).toEqual([1, 2, 3]);
  });

  test('ten thousand flushes are spread over turns, and none is left out', async () => {
    const turn = new TurnWork();
    let flushed = 0;
    for (let n = 0; n < 10_000; n++) turn.touched({ flush: () => flushed++ });
    await nextTurn();
    expect(flushed).toBeGreaterThan(0);
    expect(flushed).toBeLessThan(10_000);
    for (let turns = 0; turns < 100 && flushed < 10_000; turns++) await nextTurn();
    expect(flushed).toBe(10_000);
  });

  test('who did much waits, and goes on in the order of waiting', async () => {
    const turn = new TurnWork();
    const resumed: string[] = [];
    const greedy = (name: string) => ({
      resumeReading: () => {
        resumed.push(name);
        turn.units += 1_000_000;
      },
    });
    turn.units += 1_000_000;
    expect(turn.spent).toBe(true);
    for (const name of ['a', 'b', 'c']) turn.resumeLater(greedy(name));
    await nextTurn();
    expect(resumed).toEqual(['a']);
    await nextTurn();
    await nextTurn();
    expect(resumed).toEqual(['a', 'b', 'c']);
  });

  test('a long list is worked off over turns, each item once and in order', async () => {
    const turn = new TurnWork();
    const done: number[] = [];
    turn.forEach(new Map(Array.from({ length: 20_000 }, (_, n) => [n, n])).keys(), 10, (n) =>
      done.push(n),
    );
    expect(done.length).toBeGreaterThan(0);
    expect(done.length).toBeLessThan(20_000);
    for (let turns = 0; turns < 100 && done.length < 20_000; turns++) await nextTurn();
    expect(done).toEqual(Array.from({ length: 20_000 }, (_, n) => n));
  });
});
