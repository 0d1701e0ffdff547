import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { DeliveryLog } from '../../../main/link/rate/delivery-log.ts';
import { decodeDelivery, encodeMark, encodeReport } from '../../../main/link/rate/delivery-wire.ts';

const SPAN_MS = 50;

/** A log whose marks are answered after 20 ms, on a line that brings everything at 1,000 bytes a millisecond. */
function createFlow(clockUs = 0, received = 0) {
  const log = new DeliveryLog();
  let [now, sent] = [0, 0];
  return {
    log,
    send(ms: number, options: { lost?: number; isIdle?: boolean; bytes?: number } = {}) {
      const { lost = 0, isIdle = false, bytes = ms * 1000 } = options;
      now += ms;
      sent += bytes;
      received += bytes - lost;
      if (isIdle) log.idle();
      const mark = log.mark(now, sent, false);
      return log.onReport(
        { mark, receivedBytes: received % 2 ** 48, atUs: (clockUs + now * 1000) % 2 ** 32 },
        now + 20,
        sent + 5_000,
        SPAN_MS,
      );
    },
  };
}

test('delivery - tells the round trip, what is under way, and the rate once there is enough to compare', () => {
  const { send } = createFlow();
  expect(send(10)).toMatchObject({ rttMs: 20, underWay: 5_000, rate: undefined, missing: 0 });
  for (let at = 0; at < 4; at += 1) expect(send(10)?.rate).toBeUndefined();
  expect(send(10)).toMatchObject({ rate: 1_000, sentRate: 1_000, isIdle: false });
});

test('delivery - counts what is lost once, where it is lost', () => {
  const { send } = createFlow();
  for (let at = 0; at < 6; at += 1) send(10);
  expect(send(10, { lost: 2_000 })).toMatchObject({
    missing: 2_000,
    since: { sentBytes: 10_000, missing: 2_000 },
    rate: 960,
  });
  expect(send(10)).toMatchObject({ missing: 2_000, since: { missing: 0 } });
});

test('delivery - clocks and counters that wrap, and begin anywhere, change nothing', () => {
  for (const [clockUs, received] of [
    [2 ** 32 - 35_000, 2 ** 48 - 35_000],
    [123_456_789, 77],
  ] as const) {
    const { send } = createFlow(clockUs, received);
    for (let at = 0; at < 6; at += 1) send(10);
    expect(send(10)?.rate).toBeCloseTo(1_000, 6);
  }
});

test('delivery - a rate over a time in which nothing was there to send says so; one over a pause is none', () => {
  const { send } = createFlow();
  for (let at = 0; at < 8; at += 1) send(10);
  expect(send(10, { isIdle: true })?.isIdle).toBe(true);
  for (let at = 0; at < 4; at += 1) expect(send(10)?.isIdle).toBe(true);
  expect(send(10)?.isIdle).toBe(false);
  expect(send(60_000, { bytes: 1_000 })?.rate).toBeUndefined();
});

test('delivery - a receiver whose processor was held up looks no faster', () => {
  const log = new DeliveryLog();
  for (let at = 0; at <= 10; at += 1) {
    const mark = log.mark(at * 10, at * 10_000, false);
    // All at once, after 100 ms.
    const atUs = 100_000 + at * 10;
    const delivery = log.onReport({ mark, receivedBytes: at * 10_000, atUs }, 120, 110_000, 0);
    if (delivery?.rate !== undefined) expect(delivery.rate).toBeLessThanOrEqual(1_000);
  }
});

test('delivery - marks and reports survive the wire, and anything else is nothing', () => {
  expect(decodeDelivery(encodeMark(2 ** 32 - 1))).toEqual({ type: 'mark', mark: 2 ** 32 - 1 });
  const report = { mark: 7, receivedBytes: 2 ** 48 - 1, atUs: 2 ** 32 - 1 };
  expect(decodeDelivery(encodeReport(report))).toEqual({ type: 'report', ...report });
  for (let length = 0; length < 40; length += 1) {
    const bytes = randomBytes(length);
    bytes[0] = length === 5 || length === 15 ? 9 : (bytes[0] ?? 0);
    expect(decodeDelivery(bytes.subarray(0, length))).toBeUndefined();
  }
});
