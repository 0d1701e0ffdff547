/** The networks that a link and TCP are measured on. */
import { CLEAR, type Conditions } from '../../support/shaper/conditions.ts';

export interface Cell {
  readonly name: string;
  /** Share of 1. */
  readonly loss: number;
  /** The round trip is so short that who does not take loss for congestion fills the line nearly all the time. */
  readonly isShort: boolean;
  readonly conditions: Conditions;
}

const LOSSES = [0, 0.001, 0.01, 0.05];
const ROUND_TRIPS_MS = [1, 20, 100, 200];
/**
 * 200 Mbit/s is a good line at home, and leaves room on two cores for both ends and the shaper, if nothing else runs
 * there. On a busy machine take less, or what is measured is who gets the processor.
 */
const BYTES_PER_SECOND = Number(process.env['SKERRY_BENCH_MBIT'] ?? 200) * 125_000;
/** 50 ms of the line, as routers at home have it: more than a round trip of 20 ms, less than one of 100. */
const QUEUE_BYTES = BYTES_PER_SECOND * 0.05;
const SHORT_MS = 20;
/** What Wi-Fi does now and then. */
const DISORDER = { reorder: 0.005, reorderMs: 3, duplicate: 0.005 };

const cell = (loss: number, rttMs: number, more: Partial<Conditions> = {}, note = ''): Cell => ({
  name: `loss ${String(loss * 100)} %, RTT ${String(rttMs)} ms${note}`,
  loss,
  isShort: rttMs <= SHORT_MS,
  conditions: {
    ...CLEAR,
    loss,
    delayMs: rttMs / 2,
    bytesPerSecond: BYTES_PER_SECOND,
    queueBytes: QUEUE_BYTES,
    ...more,
  },
});

export const cells: readonly Cell[] = [
  ...LOSSES.flatMap((loss) => ROUND_TRIPS_MS.map((rttMs) => cell(loss, rttMs))),
  cell(0, 20, DISORDER, ', reordered and doubled'),
  cell(0.01, 20, DISORDER, ', reordered and doubled'),
];
