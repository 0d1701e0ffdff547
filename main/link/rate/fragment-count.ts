/**
 * Of how many datagrams a packet is best made: the headers are paid once for all of them, but the loss of one loses all. No
 * clock, no I/O.
 */
import type { SinceLast } from './delivery-log.ts';

/** What is lost is averaged over about so many bytes, beginning with a share that makes packets short. */
const MEMORY_BYTES = 4_000_000;
const FIRST_LOSS = 0.01;
const LEAST_LOSS = 1e-6;
/** Headers and TLS of a packet, to a datagram's bytes, and a little for the processor: 0.01 % lost make it 17, 0.1 % 5, 1 % 1. */
const OVERHEAD = 0.03;
/** A packet is to be on the line for no longer, ms: others wait behind it. */
const MOST_MS = 1;
const DATAGRAM_BYTES = 1_350;

export class FragmentCount {
  readonly #most: number;
  /** The share of datagrams that are lost. */
  #loss = FIRST_LOSS;
  #count = 1;

  /** @param most no packet has more */
  constructor(most: number) {
    this.#most = most;
  }

  /** Since the last call. What comes late counts as lost first, and then not. */
  add({ sentBytes, missing }: Pick<SinceLast, 'sentBytes' | 'missing'>): void {
    if (sentBytes <= 0) return;
    const loss = Math.min(missing / sentBytes, 1) / this.#count;
    const weight = Math.min(sentBytes / MEMORY_BYTES, 1);
    this.#loss = Math.max(this.#loss + (loss - this.#loss) * weight, LEAST_LOSS);
  }

  /** 1, 2, 4, … @param bytesPerMs how fast is sent */
  at(bytesPerMs: number): number {
    // Lost with n: n times the loss; headers: 1/n of the overhead. The least of both together is at the root.
    const best = Math.sqrt(OVERHEAD / this.#loss);
    const inTime = (bytesPerMs * MOST_MS) / DATAGRAM_BYTES;
    const most = Math.max(1, Math.min(best, inTime, this.#most));
    this.#count = 2 ** Math.floor(Math.log2(most));
    return this.#count;
  }
}
