import type { Conditions } from './conditions.ts';
import { seededRandom } from './random.ts';

export interface ShaperCounts {
  /** Packets that were put in. */
  offered: number;
  /** Lost on the way. */
  lost: number;
  /** Dropped because the queue was full. */
  overflowed: number;
  duplicated: number;
  /** Held back for others to overtake. */
  heldBack: number;
  /** Given out, duplicates included. */
  delivered: number;
}

interface Waiting<Packet> {
  readonly packet: Packet;
  /** Milliseconds of the caller's clock. */
  readonly due: number;
}

/** Packets given out are cut off the front of the line so many at a time. */
const TRIM = 1024;

/**
 * One direction of a network, without clock and without I/O: packets go in with the time of now, and come out
 * once their time has come. A packet first waits for the line (bounded queue, then `bytesPerSecond`), then is lost
 * or not, then travels.
 *
 * The n-th packet's fate (lost, doubled, held back) depends on the seed and on n alone. Whether the queue
 * overflows depends on when packets come.
 */
export class Shaper<Packet> {
  readonly counts: ShaperCounts = {
    offered: 0,
    lost: 0,
    overflowed: 0,
    duplicated: 0,
    heldBack: 0,
    delivered: 0,
  };
  readonly #conditions: Conditions;
  readonly #random: () => number;
  /** By `due`; mostly appended to. */
  #line: Waiting<Packet>[] = [];
  #first = 0;
  /** When the line has sent all that waits for it, ms. */
  #lineFreeAt = -Infinity;

  constructor(conditions: Conditions, seed: number) {
    this.#conditions = conditions;
    this.#random = seededRandom(seed);
  }

  /** @param now milliseconds, never less than before */
  push(packet: Packet, bytes: number, now: number): void {
    const { counts } = this;
    const { loss, duplicate, reorder, reorderMs, delayMs } = this.#conditions;
    // Drawn for every packet, whatever becomes of it.
    const isLost = this.#random() < loss;
    const isDoubled = this.#random() < duplicate;
    const isHeldBack = this.#random() < reorder;
    counts.offered += 1;
    const sentAt = this.#queue(bytes, now);
    if (sentAt === undefined) {
      counts.overflowed += 1;
      return;
    }
    if (isLost) {
      counts.lost += 1;
      return;
    }
    if (isHeldBack) counts.heldBack += 1;
    const due = sentAt + delayMs + (isHeldBack ? reorderMs : 0);
    this.#insert({ packet, due });
    if (isDoubled) {
      counts.duplicated += 1;
      this.#insert({ packet, due });
    }
  }

  /** When the next packet comes out; undefined: none is on its way. */
  get nextDue(): number | undefined {
    return this.#line[this.#first]?.due;
  }

  /** Gives out what is due, in order. */
  release(now: number, deliver: (packet: Packet) => void): void {
    for (;;) {
      const next = this.#line[this.#first];
      if (next === undefined || next.due > now) break;
      this.#first += 1;
      this.counts.delivered += 1;
      deliver(next.packet);
    }
    if (this.#first >= TRIM || this.#first === this.#line.length) {
      this.#line = this.#line.slice(this.#first);
      this.#first = 0;
    }
  }

  /** When the packet's last byte is on the line; undefined: the queue is full. */
  #queue(bytes: number, now: number): number | undefined {
    const { bytesPerSecond, queueBytes } = this.#conditions;
    if (bytesPerSecond === Infinity) return now;
    const bytesPerMs = bytesPerSecond / 1000;
    const startsAt = Math.max(now, this.#lineFreeAt);
    if ((startsAt - now) * bytesPerMs + bytes > queueBytes) return undefined;
    this.#lineFreeAt = startsAt + bytes / bytesPerMs;
    return this.#lineFreeAt;
  }

  #insert(waiting: Waiting<Packet>): void {
    let at = this.#line.length;
    while (at > this.#first && (this.#line[at - 1]?.due ?? 0) > waiting.due) at -= 1;
    if (at === this.#line.length) this.#line.push(waiting);
    else this.#line.splice(at, 0, waiting);
  }
}
