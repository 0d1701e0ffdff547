import { describe, expect, test } from 'vitest';
import { TurnWork } from '../../../main/router/connection/turn.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A turn whose units take so long each. */
function turnWith(msPerUnit: number): { turn: TurnWork; work: (units: number) => void } {
  let now = 1_000;
  const turn = new TurnWork(() => now);
  return {
    turn,
    work: (units) => {
      now += units * msPerUnit;
      turn.spend(units);
    },
  };
}

describe('turn', () => {
  test('connections that were written to are flushed when it ends, in their order', async () => {
    const turn = new TurnWork();
    const flushed: number[] = [];
    for (const n of [1, 2, 3]) turn.touched({ flush: () => flushed.push(n) });
    expect(flushed).toEqual([]);
    await nextTurn();
    expect(flushed).toEqual([1, 2, 3]);
  });

  test('it is spent after 5 ms of work, however much that is, and the next one is not', async () => {
    for (const msPerUnit of [0.00002, 0.0001, 0.0008]) {
      const { turn, work } = turnWith(msPerUnit);
      let units = 0;
      for (; !turn.spent; units += 100) work(100);
      expect(units * msPerUnit).toBeGreaterThan(5);
      // The clock is looked at every 4,000 units, the first time before it runs.
      expect(units * msPerUnit).toBeLessThan(5.2 + 2 * 4_100 * msPerUnit);
      await nextTurn();
      expect(turn.spent).toBe(false);
    }
  });

  test('many slow flushes are spread over turns, and none is left out', async () => {
    const { turn, work } = turnWith(0.0001);
    let flushed = 0;
    const flush = (): void => {
      flushed++;
      work(200);
    };
    for (let n = 0; n < 10_000; n++) turn.touched({ flush });
    await nextTurn();
    expect(flushed).toBeGreaterThan(100);
    expect(flushed).toBeLessThan(1_000);
    for (let turns = 0; turns < 100 && flushed < 10_000; turns++) await nextTurn();
    expect(flushed).toBe(10_000);
  });

  test('who did much waits, and goes on in the order of waiting', async () => {
    const { turn, work } = turnWith(0.0001);
    const resumed: string[] = [];
    const greedy = (name: string) => ({
      resumeReading: () => {
        resumed.push(name);
        for (let n = 0; n < 100; n++) work(1_000);
      },
    });
    for (const name of ['a', 'b', 'c']) turn.resumeLater(greedy(name));
    await nextTurn();
    expect(resumed).toEqual(['a']);
    await nextTurn();
    await nextTurn();
    expect(resumed).toEqual(['a', 'b', 'c']);
  });

  test('as many read on as are expected to fit into a turn, each with its share', async () => {
    const { turn, work } = turnWith(0.0001);
    expect(turn.share).toBeGreaterThan(40_000);
    let reading = 0;
    const reader = {
      resumeReading: () => {
        reading++;
        turn.expect(10_000);
      },
    };
    for (let n = 0; n < 20; n++) turn.resumeLater(reader);
    await nextTurn();
    expect(reading).toBe(6);
    expect(turn.share).toBe(3_000);
    work(5_000);
    for (let turns = 0; turns < 10 && reading < 20; turns++) await nextTurn();
    expect(reading).toBe(20);
  });

  test('a long list is worked off over turns, each item once and in order', async () => {
    const { turn, work } = turnWith(0.0001);
    const done: number[] = [];
    turn.forEach(new Map(Array.from({ length: 20_000 }, (_, n) => [n, n])).keys(), 0, (n) => {
      done.push(n);
      work(10);
    });
    expect(done.length).toBeGreaterThan(0);
    expect(done.length).toBeLessThan(20_000);
    for (let turns = 0; turns < 100 && done.length < 20_000; turns++) await nextTurn();
    expect(done).toEqual(Array.from({ length: 20_000 }, (_, n) => n));
  });
});
