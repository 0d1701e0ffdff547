import { expect, test } from 'vitest';
import { encodeReport } from '../../../main/link/rate/delivery-wire.ts';
import { RateControl } from '../../../main/link/rate/rate-control.ts';
import { ModelledLine } from './modelled-line.ts';

/** 10 MB/s, with a queue of 50 ms. */
const LINE = { bytesPerSecond: 10e6, queueBytes: 500_000 };
const PER_MS = 10_000;

test.each([1, 10, 50, 100])(
  'rate - a line of 10 MB/s with %d ms each way is full soon',
  (delayMs) => {
    const line = new ModelledLine({ ...LINE, delayMs });
    line.run(12 * delayMs + 400);
    const { deliveredPerMs, overflowed, offered } = line.run(5_000);
    expect(deliveredPerMs).toBeGreaterThan(PER_MS * 0.95);
    expect(overflowed / offered).toBeLessThan(0.04);
  },
);

test.each([0.001, 0.01, 0.05])(
  'rate - a line that loses a share of %d is full all the same',
  (loss) => {
    const line = new ModelledLine({ ...LINE, delayMs: 50, loss });
    line.run(1_000);
    const { deliveredPerMs } = line.run(5_000);
    expect(deliveredPerMs).toBeGreaterThan(PER_MS * (1 - loss) * 0.93);
  },
);

test('rate - a line that loses one in twenty is found to be faster than it seemed', () => {
  const line = new ModelledLine({ ...LINE, delayMs: 50, loss: 0.05 });
  line.supplyPerMs = 2_000;
  line.run(1_000);
  // It has little to go by, and then there is more to send.
  line.supplyPerMs = Infinity;
  line.run(2_000);
  expect(line.run(1_000).deliveredPerMs).toBeGreaterThan(PER_MS * 0.95 * 0.9);
});

test('rate - a slow line with a short queue is not flooded', () => {
  // 1 Mbit/s and 50 ms of it: four packets.
  const line = new ModelledLine({ bytesPerSecond: 125e3, queueBytes: 6_250, delayMs: 20 });
  line.run(5_000);
  const { deliveredPerMs, overflowed, offered } = line.run(10_000);
  expect(deliveredPerMs).toBeGreaterThan(125 * 0.9);
  expect(overflowed / offered).toBeLessThan(0.35);
});

test.each([
  { mbit: 1000, queueMs: 5 },
  { mbit: 200, queueMs: 10 },
  { mbit: 50, queueMs: 15 },
])('rate - $mbit Mbit/s with a queue of $queueMs ms are full, and little overflows', (net) => {
  const bytesPerSecond = net.mbit * 125_000;
  const queueBytes = (bytesPerSecond * net.queueMs) / 1000;
  const line = new ModelledLine({ bytesPerSecond, queueBytes, delayMs: 10 });
  line.run(3_000);
  const { deliveredPerMs, overflowed, offered } = line.run(10_000);
  expect(deliveredPerMs).toBeGreaterThan((bytesPerSecond / 1000) * 0.97);
  expect(overflowed / offered).toBeLessThan(0.05);
});

test('rate - alone on a line it leaves next to nothing waiting', () => {
  const line = new ModelledLine({ ...LINE, delayMs: 10 });
  line.run(5_000);
  line.run(20_000);
  expect(line.control.rttMs).toBeLessThan(35);
});

test('rate - a deep queue is not filled', () => {
  const line = new ModelledLine({ bytesPerSecond: 10e6, queueBytes: 20e6, delayMs: 10 });
  line.run(2_000);
  line.run(10_000);
  // Twenty ms of the line, and what is under way may double.
  expect(line.control.rttMs).toBeLessThan(60);
});

test('rate - a line that becomes ten times as fast is found, and one that becomes slow is not overrun for long', () => {
  const line = new ModelledLine({ ...LINE, delayMs: 20 });
  line.run(2_000);
  line.change({ bytesPerSecond: 100e6, queueBytes: 5e6, delayMs: 20 });
  line.run(2_000);
  expect(line.run(1_000).deliveredPerMs).toBeGreaterThan(100_000 * 0.9);
  line.change({ bytesPerSecond: 1e6, queueBytes: 50_000, delayMs: 20 });
  line.run(3_000);
  const { deliveredPerMs, overflowed, offered } = line.run(3_000);
  expect(deliveredPerMs).toBeGreaterThan(1_000 * 0.9);
  expect(overflowed / offered).toBeLessThan(0.15);
});

test('rate - what an application leaves unused is not taken for the line', () => {
  const line = new ModelledLine({ ...LINE, delayMs: 20 });
  line.supplyPerMs = 500;
  line.run(5_000);
  line.supplyPerMs = Infinity;
  line.run(500);
  expect(line.run(1_000).deliveredPerMs).toBeGreaterThan(PER_MS * 0.95);
});

test('rate - after a cut of ten seconds the line is full again within a second', () => {
  const line = new ModelledLine({ ...LINE, delayMs: 50 });
  line.run(3_000);
  line.cutUntil = line.now + 10_000;
  line.run(10_000);
  // All marks are lost: nothing more may go.
  expect(line.control.budget(line.now)).toBeLessThan(1);
  line.probe();
  line.run(1_000);
  expect(line.run(1_000).deliveredPerMs).toBeGreaterThan(PER_MS * 0.9);
});

test('rate - on another path it begins anew, and does not wait for what is under way on the old one', () => {
  const line = new ModelledLine({ ...LINE, delayMs: 50 });
  line.run(3_000);
  line.change({ bytesPerSecond: 1e6, queueBytes: 50_000, delayMs: 100 });
  line.control.restart(line.now, 200);
  expect(line.control.budget(line.now)).toBeGreaterThan(1);
  expect(line.control.bytesPerMs).toBeLessThan(1_000);
  line.run(3_000);
  const { deliveredPerMs, overflowed, offered } = line.run(3_000);
  expect(deliveredPerMs).toBeGreaterThan(1_000 * 0.9);
  expect(overflowed / offered).toBeLessThan(0.15);
});

test('rate - a peer that reports more than was sent makes it send no faster than doubling what it sends', () => {
  const control = new RateControl(0, 100);
  const first = control.bytesPerMs;
  let sent = 0;
  for (let now = 20; now <= 1_000; now += 20) {
    control.mark(now, true);
    control.sent(1_350);
    sent += 1_350;
    const mark = now / 20 - 1;
    control.onMessage({ type: 'report', mark, receivedBytes: now * 1e9, atUs: now }, now + 1);
  }
  expect(sent / 1_000).toBeLessThan(first);
  expect(control.bytesPerMs).toBeLessThan(first * 3);
});

test('rate - reports on marks that were never made, or again, change nothing', () => {
  const control = new RateControl(0, 100);
  const before = [control.bytesPerMs, control.budget(5), control.rttMs];
  for (const mark of [0, 1, 7, 2 ** 32 - 1]) {
    control.onMessage({ type: 'report', mark, receivedBytes: 1e9, atUs: 5 }, 10);
  }
  expect([control.bytesPerMs, control.budget(5), control.rttMs]).toEqual(before);
  expect(encodeReport({ mark: 1, receivedBytes: 2 ** 48 + 5, atUs: 2 ** 32 + 7 })).toEqual(
    encodeReport({ mark: 1, receivedBytes: 5, atUs: 7 }),
  );
});

test('rate - who sends something now and then sends it at the rate of the line', () => {
  const line = new ModelledLine({ ...LINE, delayMs: 20 });
  line.run(2_000);
  line.supplyPerMs = 0;
  for (let burst = 0; burst < 20; burst += 1) {
    line.run(400);
    line.give(100_000);
    expect(line.control.bytesPerMs).toBeGreaterThan(PER_MS * 0.7);
  }
  line.run(60_000);
  line.give(100_000);
  expect(line.control.bytesPerMs).toBeGreaterThan(PER_MS * 0.7);
});
