/** A line without clock and without I/O that a rate control sends over: it has a rate, a queue, a delay and losses. */
import { decodeDelivery, encodeReport } from '../../../main/link/rate/delivery-wire.ts';
import { RateControl } from '../../../main/link/rate/rate-control.ts';
import { CLEAR, type Conditions } from '../../support/shaper/conditions.ts';
import { Shaper } from '../../support/shaper/shaper.ts';

const PACKET_BYTES = 1350;
/** What a mark adds to its packet's place on the line. */
const MARK_BYTES = 60;
const STEP_MS = 0.25;

interface Packet {
  readonly bytes: number;
  readonly mark: Buffer | undefined;
}

export interface LineState {
  /** Of the line since the last look, bytes a millisecond. */
  readonly deliveredPerMs: number;
  readonly overflowed: number;
  readonly offered: number;
}

export class ModelledLine {
  readonly control: RateControl;
  now = 0;
  /** ms; nothing passes before. */
  cutUntil = 0;
  /** Bytes a millisecond that the application has; Infinity: always more. */
  supplyPerMs = Infinity;
  #supply = 0;
  #there: Shaper<Packet>;
  #back: Shaper<Buffer>;
  #delivered = 0;
  #received = 0;
  #lookedAt = 0;
  #lookedCounts = { overflowed: 0, offered: 0 };

  constructor(conditions: Partial<Conditions>, rttGuessMs = 100) {
    this.control = new RateControl(0, rttGuessMs);
    [this.#there, this.#back] = shapers(conditions);
  }

  /** Another line from now on; what is under way is gone. */
  change(conditions: Partial<Conditions>): void {
    [this.#there, this.#back] = shapers(conditions);
    this.#lookedCounts = { overflowed: 0, offered: 0 };
  }

  run(ms: number): LineState {
    const end = this.now + ms;
    while (this.now < end) this.#step();
    const { overflowed, offered } = this.#there.counts;
    const state = {
      deliveredPerMs: this.#delivered / (this.now - this.#lookedAt),
      overflowed: overflowed - this.#lookedCounts.overflowed,
      offered: offered - this.#lookedCounts.offered,
    };
    this.#delivered = 0;
    this.#lookedAt = this.now;
    this.#lookedCounts = { overflowed, offered };
    return state;
  }

  /** The application has so many bytes more. */
  give(bytes: number): void {
    this.#supply += bytes;
  }

  /** As if nothing had come for so long: a mark is sent, as the stall probe does. */
  probe(): void {
    this.#push({ bytes: MARK_BYTES, mark: this.control.forceMark(this.now) });
  }

  #step(): void {
    this.now += STEP_MS;
    this.#there.release(this.now, (packet) => this.#arrived(packet));
    this.#back.release(this.now, (report) => {
      const message = decodeDelivery(report);
      if (message !== undefined) this.control.onMessage(message, this.now);
    });
    this.#supply = Math.min(this.#supply + this.supplyPerMs * STEP_MS, 1e9);
    let sent = 0;
    for (let left = this.control.budget(this.now); left >= 1 && this.#supply >= PACKET_BYTES;) {
      this.#push({ bytes: PACKET_BYTES, mark: undefined });
      this.#supply -= PACKET_BYTES;
      left -= PACKET_BYTES;
      sent += 1;
    }
    if (sent === 0) return;
    const mark = this.control.mark(this.now, true);
    if (this.#supply < PACKET_BYTES) this.control.idle();
    if (mark !== undefined) this.#push({ bytes: MARK_BYTES, mark });
  }

  #push(packet: Packet): void {
    this.control.sent(packet.bytes);
    if (this.now >= this.cutUntil) this.#there.push(packet, packet.bytes, this.now);
  }

  #arrived({ bytes, mark }: Packet): void {
    this.#received += bytes;
    this.#delivered += bytes;
    const message = mark && decodeDelivery(mark);
    if (message?.type !== 'mark') return;
    const atUs = Math.floor(this.now * 1000);
    const report = encodeReport({ mark: message.mark, receivedBytes: this.#received, atUs });
    this.#back.push(report, report.length, this.now);
  }
}

function shapers(conditions: Partial<Conditions>): [Shaper<Packet>, Shaper<Buffer>] {
  const all = { ...CLEAR, ...conditions };
  return [
    new Shaper<Packet>(all, 1),
    new Shaper<Buffer>({ ...all, bytesPerSecond: Infinity, queueBytes: Infinity }, 2),
  ];
}
