/** The networks that a link and TCP are measured on. */
import { CLEAR, type Conditions } from '../../support/shaper/conditions.ts';

export interface Cell {
  readonly name: string;
  /** Share of 1. */
  readonly loss: number;
  readonly conditions: Conditions;
}

const LOSSES = [0, 0.001, 0.01, 0.05];
const ROUND_TRIPS_MS = [1, 20, 100, 200];
/**
 * 200 Mbit/s: a good line at home, and a fifth of what either contestant can do here, so that the network is what
 * limits them and not the two cores that they share with the shaper.
 */
const BYTES_PER_SECOND = 25_000_000;
/** 50 ms of the line, as routers at home have it: more than it takes at 20 ms, less than at 100. */
const QUEUE_BYTES = BYTES_PER_SECOND * 0.05;
/** What Wi-Fi does now and then. */
const DISORDER = { reorder: 0.005, reorderMs: 3, duplicate: 0.005 };

const cell = (loss: number, rttMs: number, more: Partial<Conditions> = {}, note = ''): Cell => ({
  name: `loss ${String(loss * 100)} %, RTT ${String(rttMs)} ms${note}`,
  loss,
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
