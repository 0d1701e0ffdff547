import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { StallProbe, type StreamProgress } from '../../main/link/quic/stall-probe.ts';
import { RateControl } from '../../main/link/rate/rate-control.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A link whose packets are only counted: [ms, packets] of each probe. */
function createProbe(rate?: RateControl): {
  probe: StallProbe;
  streams: { -readonly [Name in keyof StreamProgress]: StreamProgress[Name] };
  sent: [number, number][];
} {
  const sent: [number, number][] = [];
  const began = performance.now();
  const streams = { readBytes: 0, unsent: 0, hasWaitingWriters: () => false };
  const probe = new StallProbe({
    rate: () => rate,
    streams,
    send: (packets) => sent.push([Math.round(performance.now() - began), packets]),
  });
  return { probe, streams, sent };
}

test('stall probe - asks nothing while bytes go and come, nor when nothing can be lost', () => {
  const { probe, streams, sent } = createProbe();
  for (let ms = 0; ms < 5_000; ms += 100) {
    streams.readBytes += 100_000;
    probe.served(1_000);
    vi.advanceTimersByTime(100);
  }
  expect(sent).toEqual([]);
  probe.stop();
  const idle = createProbe();
  idle.probe.served(1_000);
  vi.advanceTimersByTime(60_000);
  expect(idle.sent).toEqual([]);
});

test('stall probe - asks once when a download pauses, and not after small talk', () => {
  const { probe, streams, sent } = createProbe();
  streams.readBytes = 1_000;
  probe.served(0);
  vi.advanceTimersByTime(10_000);
  expect(sent).toEqual([]);
  streams.readBytes = 100_000;
  probe.served(0);
  vi.advanceTimersByTime(60_000);
  expect(sent).toEqual([[10_500, 3]]);
});

test('stall probe - asks more and more packets when a mark is not reported on, then one each second', () => {
  const rate = new RateControl(0, 100);
  const { probe, sent } = createProbe(rate);
  rate.mark(0, true);
  probe.served(1_000);
  vi.advanceTimersByTime(6_000);
  // A round trip of 300 ms is taken for granted before one was measured.
  expect(sent).toEqual([
    [480, 3],
    [1_440, 6],
    [2_440, 12],
    [3_440, 1],
    [4_440, 1],
    [5_440, 1],
  ]);
  probe.stop();
  vi.advanceTimersByTime(6_000);
  expect(sent).toHaveLength(6);
});

test('stall probe - goes on asking while writers have no credit', () => {
  const { probe, streams, sent } = createProbe();
  streams.hasWaitingWriters = () => true;
  probe.served(1_000);
  vi.advanceTimersByTime(5_000);
  expect(sent.map(([, packets]) => packets)).toEqual([3, 6, 12, 1, 1]);
  streams.hasWaitingWriters = () => false;
  vi.advanceTimersByTime(60_000);
  expect(sent).toHaveLength(5);
});

test('stall probe - asks anew when packets go another way: what it asked may be lost with the rest', () => {
  const { probe, streams, sent } = createProbe();
  streams.readBytes = 100_000;
  probe.served(0);
  vi.advanceTimersByTime(20_000);
  expect(sent).toEqual([[500, 3]]);
  probe.moved();
  vi.advanceTimersByTime(60_000);
  expect(sent.slice(1)).toEqual([
    [20_000, 3],
    [21_000, 6],
    [22_000, 12],
  ]);
  probe.moved();
  probe.stop();
  vi.advanceTimersByTime(60_000);
  expect(sent.length).toBe(4);
});
