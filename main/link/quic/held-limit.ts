/**
 * What the streams of a link may hold that nobody reads. Each is limited by its window, which quiche lets grow as long
 * as the reader is fast; a contact could have many readers be fast and stop then. So the sum is limited as well: beyond
 * it the streams that have not been read for the longest time are given up.
 */
import { FIRST_STREAM_WINDOW, MAX_STREAM_WINDOW } from './config.ts';

/** Beside what every stream may hold anyway, bytes: 32 streams whose readers were fast. */
const MAX_HELD = 32 * (MAX_STREAM_WINDOW - FIRST_STREAM_WINDOW);
/** How often it is looked at, in parts of the limit that have come. */
const LOOKS = 32;

export interface Holder {
  /** Bytes that were read of it so far. */
  readonly readBytes: number;
  /** Ms of `performance.now` at which something was read last. */
  readonly readAt: number;
  /** Somebody waits for bytes, or nobody will: it holds none. */
  readonly holdsNothing: boolean;
  abort(): void;
}

export class HeldLimit {
  readonly #limit: number;
  readonly #holders: () => Iterable<Holder>;
  #came = 0;

  constructor(holders: () => Iterable<Holder>, limit = MAX_HELD) {
    this.#holders = holders;
    this.#limit = limit;
  }

  /** Bytes came in: without that nothing grows. */
  received(bytes: number): void {
    this.#came += bytes;
    if (this.#came * LOOKS < this.#limit) return;
    this.#came = 0;
    this.#enforce();
  }

  #enforce(): void {
    const holders = [...this.#holders()].filter((each) => beyondFirst(each) > 0);
    let sum = holders.reduce((all, each) => all + beyondFirst(each), 0);
    if (sum <= this.#limit) return;
    for (const holder of holders.sort((a, b) => a.readAt - b.readAt)) {
      sum -= beyondFirst(holder);
      holder.abort();
      if (sum <= this.#limit) return;
    }
  }
}

/** Once the first window has been read, or nearly, it may be as wide as any. */
function beyondFirst({ holdsNothing, readBytes }: Holder): number {
  return holdsNothing || readBytes < FIRST_STREAM_WINDOW / 2
    ? 0
    : MAX_STREAM_WINDOW - FIRST_STREAM_WINDOW;
}
