import { expect, test } from 'vitest';
import { CLEAR, decodeConditions } from '../support/shaper/conditions.ts';
import { Shaper } from '../support/shaper/shaper.ts';

const MANY = 100_000;

/** Pushes `count` numbers, one each millisecond, and lets all out at the end; what came, in order. */
function pass(shaper: Shaper<number>, count: number): number[] {
  const out: number[] = [];
  for (let at = 0; at < count; at += 1) shaper.push(at, 1000, at);
  shaper.release(Infinity, (packet) => out.push(packet));
  return out;
}

test('shaper - without conditions everything comes out at once and in order', () => {
  const shaper = new Shaper<number>(CLEAR, 1);
  const out: number[] = [];
  for (let at = 0; at < 10; at += 1) {
    shaper.push(at, 1000, 5);
    shaper.release(5, (packet) => out.push(packet));
  }
  expect(out).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(shaper.nextDue).toBeUndefined();
});

test.each([0.001, 0.01, 0.05])('shaper - loses a share of %d within four deviations', (loss) => {
  const shaper = new Shaper<number>({ ...CLEAR, loss }, 7);
  const out = pass(shaper, MANY);
  const { lost, delivered, offered } = shaper.counts;
  expect(offered).toBe(MANY);
  expect(lost + delivered).toBe(MANY);
  expect(out).toHaveLength(delivered);
  expect(Math.abs(lost - MANY * loss)).toBeLessThan(4 * Math.sqrt(MANY * loss * (1 - loss)));
});

test('shaper - doubles a share of the packets, each next to its original', () => {
  const shaper = new Shaper<number>({ ...CLEAR, duplicate: 0.01 }, 7);
  const out = pass(shaper, MANY);
  const { duplicated } = shaper.counts;
  expect(Math.abs(duplicated - MANY * 0.01)).toBeLessThan(4 * Math.sqrt(MANY * 0.01));
  expect(out).toHaveLength(MANY + duplicated);
  expect(out.filter((packet, at) => packet === out[at - 1])).toHaveLength(duplicated);
});

test('shaper - packets that are held back are overtaken by those of that time, and by no others', () => {
  const shaper = new Shaper<number>({ ...CLEAR, delayMs: 10, reorder: 0.01, reorderMs: 5.5 }, 7);
  const out = pass(shaper, MANY);
  const late = out.filter((packet, at) => (out[at - 1] ?? -1) > packet);
  const { heldBack } = shaper.counts;
  expect(Math.abs(heldBack - MANY * 0.01)).toBeLessThan(4 * Math.sqrt(MANY * 0.01));
  expect(out.toSorted((a, b) => a - b)).toEqual(Array.from({ length: MANY }, (_, at) => at));
  // One packet a millisecond: five go past, unless the next one is held back as well.
  const places = late.map((packet) => out.indexOf(packet) - packet);
  expect(late.length).toBeGreaterThan(heldBack * 0.9);
  expect(Math.max(...places)).toBe(5);
});

test('shaper - the same seed makes the same fate, whenever the packets come; another seed another', () => {
  const conditions = { ...CLEAR, loss: 0.1, duplicate: 0.1 };
  const slow = pass(new Shaper<number>(conditions, 3), 1000);
  const quick = new Shaper<number>(conditions, 3);
  const out: number[] = [];
  for (let at = 0; at < 1000; at += 1) quick.push(at, 1, 0);
  quick.release(0, (packet) => out.push(packet));
  expect(out).toEqual(slow);
  expect(pass(new Shaper<number>(conditions, 4), 1000)).not.toEqual(slow);
});

test('shaper - nothing comes out before its delay is over', () => {
  const shaper = new Shaper<string>({ ...CLEAR, delayMs: 50 }, 1);
  const out: string[] = [];
  shaper.push('packet', 100, 1000);
  shaper.release(1049.9, (packet) => out.push(packet));
  expect(out).toEqual([]);
  expect(shaper.nextDue).toBe(1050);
  shaper.release(1050, (packet) => out.push(packet));
  expect(out).toEqual(['packet']);
});

test('shaper - the line carries so many bytes a second, and what finds no room in the queue is dropped', () => {
  // 1 MB/s: a packet of 1,000 bytes takes a millisecond; ten may wait.
  const conditions = { ...CLEAR, bytesPerSecond: 1e6, queueBytes: 10_000, delayMs: 20 };
  const shaper = new Shaper<number>(conditions, 1);
  for (let at = 0; at < 15; at += 1) shaper.push(at, 1000, 0);
  expect(shaper.counts.overflowed).toBe(5);
  const times: number[] = [];
  for (let now = 0; now < 100; now += 1) shaper.release(now, () => times.push(now));
  expect(times).toEqual([21, 22, 23, 24, 25, 26, 27, 28, 29, 30]);
  // The queue has emptied meanwhile.
  shaper.push(15, 1000, 100);
  expect(shaper.counts.overflowed).toBe(5);
  expect(shaper.nextDue).toBe(121);
});

test('shaper - a lost packet has taken its time on the line', () => {
  const conditions = { ...CLEAR, bytesPerSecond: 1e6, queueBytes: 1e6, loss: 1 };
  const shaper = new Shaper<number>(conditions, 1);
  for (let at = 0; at < 1500; at += 1) shaper.push(at, 1000, 0);
  expect(shaper.counts).toMatchObject({ lost: 1000, overflowed: 500, delivered: 0 });
});

test('shaper - conditions survive the way to another process', () => {
  expect(decodeConditions(JSON.stringify(CLEAR))).toEqual(CLEAR);
});
