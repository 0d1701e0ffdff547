import type { Conditions } from './conditions.ts';
import { ReleaseTimer } from './release-timer.ts';
import { Shaper, type ShaperCounts } from './shaper.ts';

/** There, and back. */
export type Way = 0 | 1;

/** Both directions of a network, on the clock: what goes in at one end comes out at the other in its time. */
export class TwoWay<Packet> {
  readonly #deliver: (way: Way, packet: Packet) => void;
  readonly #onBatch: () => void;
  readonly #timer: ReleaseTimer;
  #shapers: readonly [Shaper<Packet>, Shaper<Packet>];

  /**
   * @param onBatch after a number of `deliver`
   */
  constructor(
    conditions: Conditions,
    seed: number,
    deliver: (way: Way, packet: Packet) => void,
    onBatch: () => void = () => undefined,
  ) {
    this.#deliver = deliver;
    this.#onBatch = onBatch;
    this.#shapers = createShapers(conditions, seed);
    this.#timer = new ReleaseTimer(
      () => {
        const [there, back] = this.#shapers.map(({ nextDue = Infinity }) => nextDue);
        const due = Math.min(there ?? Infinity, back ?? Infinity);
        return due === Infinity ? undefined : due;
      },
      (now) => {
        this.#shapers[0].release(now, (packet) => this.#deliver(0, packet));
        this.#shapers[1].release(now, (packet) => this.#deliver(1, packet));
        this.#onBatch();
      },
    );
  }

  /** From now on; what is on its way is lost, and counting begins anew. */
  set(conditions: Conditions, seed: number): void {
    this.#timer.stop();
    this.#shapers = createShapers(conditions, seed);
  }

  push(way: Way, packet: Packet, bytes: number): void {
    this.#shapers[way].push(packet, bytes, performance.now());
  }

  /** After a number of `push`. */
  look(): void {
    this.#timer.look();
  }

  get counts(): readonly [ShaperCounts, ShaperCounts] {
    return [this.#shapers[0].counts, this.#shapers[1].counts];
  }

  stop(): void {
    this.#timer.stop();
  }
}

/** Each direction has numbers of its own. */
function createShapers<Packet>(
  conditions: Conditions,
  seed: number,
): [Shaper<Packet>, Shaper<Packet>] {
  return [new Shaper(conditions, seed * 2), new Shaper(conditions, seed * 2 + 1)];
}
