/**
 * One turn of the event loop. What was written during it is flushed at its end, so that lines to the same
 * connection leave together; and what is done in it is bounded, so that others (a desktop app's window) get
 * their turn too: whoever reads on when it has had its share, or when the turn is spent, waits for the next.
 *
 * Work is counted in units, and the clock is looked at only now and then: that says when the turn is spent, and
 * what a unit costs on this machine.
 */

/** A turn's reading may take so long, and its flushing as long again. */
const TURN_MS = 5;
/** Between two looks at the clock; 0.1 to 0.4 ms. */
const UNITS_PER_LOOK = 4_000;
/** As long as nothing has been measured. */
const FIRST_MS_PER_UNIT = 0.0001;
const LEAST_MS_PER_UNIT = 1e-6;
/** How much a look moves what a unit is taken to cost. */
const WEIGHT = 1 / 8;
/** What who reads may do in a turn at least: less, and stopping and starting costs more than the work. */
const LEAST_SHARE = 3_000;
/** What a flush costs by itself: a system call. The bytes have been counted when they were written. */
const UNITS_PER_FLUSH = 100;
/** What it costs to add or remove a subscription. */
export const UNITS_PER_SUBSCRIPTION = 10;

export interface Flushable {
  flush(): void;
}

export interface Resumable {
  resumeReading(): void;
}

/**
 * What a publication costs: to find out who gets it, to write it for each, and to send that (measured: 0.6 µs
 * with 16 bytes for one, 0.5 µs for each of a hundred with 128 bytes, 80 µs with 64 KiB).
 */
export function publicationUnits(delivered: number, size: number): number {
  return 2 + delivered * (4 + (size >> 6));
}

export class TurnWork {
  #touched: Flushable[] = [];
  #waiting: Resumable[] = [];
  #scheduled = false;
  /** Counts the turns. */
  number = 0;
  /** When the last turn ended, epoch ms. */
  endedAt = Date.now();
  /** Nothing more may be done in this turn. */
  spent = false;
  /** Units that one connection may use in this turn. */
  share = TURN_MS / FIRST_MS_PER_UNIT;
  /** Somebody who was written to has much more pending than goes out: who publishes has to slow down. */
  congested = false;
  readonly #now: () => number;
  /** Units until the clock is looked at. */
  #left = UNITS_PER_LOOK;
  /** When the clock was looked at first and last in this turn, ms; 0: not yet. */
  #began = 0;
  #looked = 0;
  #msPerUnit = FIRST_MS_PER_UNIT;
  /** Units that those who may read on are expected to use. */
  #expected = 0;

  /** @param now ms, monotonic */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Counts work that was done. */
  spend(units: number): void {
    this.#left -= units;
    if (this.#left < 0) this.#look();
  }

  /** Counts work that will be done in this turn. */
  expect(units: number): void {
    this.#expected += units;
  }

  touched(connection: Flushable): void {
    this.#touched.push(connection);
    this.#schedule();
  }

  /** Calls it in the next turn. */
  resumeLater(connection: Resumable): void {
    this.#waiting.push(connection);
    this.#schedule();
  }

  /** Does something with each of them, as many in a turn as there is room for; the first ones at once. */
  forEach<T>(items: Iterable<T>, unitsEach: number, act: (item: T) => void): void {
    const iterator = items[Symbol.iterator]();
    const resumeReading = (): void => {
      while (!this.spent) {
        const next = iterator.next();
        if (next.done === true) return;
        act(next.value);
        this.spend(unitsEach);
      }
      this.resumeLater({ resumeReading });
    };
    resumeReading();
  }

  /** Ends the turn now. */
  flush(): void {
    this.#scheduled = false;
    this.endedAt = Date.now();
    this.#begin();
    this.#flushTouched();
    this.#begin();
    this.number++;
    this.#resumeWaiting();
  }

  #flushTouched(): void {
    const touched = this.#touched;
    this.#touched = [];
    for (let i = 0; i < touched.length; i++) {
      (touched[i] as Flushable).flush();
      this.spend(UNITS_PER_FLUSH);
      if (this.spent && i + 1 < touched.length) {
        this.#touched = touched.slice(i + 1).concat(this.#touched);
        this.#schedule();
        break;
      }
    }
  }

  /** As many as can read in one turn; the others would only have what they read kept for them. */
  #resumeWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    const room = TURN_MS / this.#msPerUnit;
    this.#expected = 0;
    this.share = Math.max(LEAST_SHARE, room / (waiting.length + 1));
    for (let i = 0; i < waiting.length; i++) {
      (waiting[i] as Resumable).resumeReading();
      if ((this.spent || this.#expected > room) && i + 1 < waiting.length) {
        this.#waiting = waiting.slice(i + 1).concat(this.#waiting);
        this.#schedule();
        break;
      }
    }
  }

  #begin(): void {
    this.spent = false;
    this.#left = UNITS_PER_LOOK;
    this.#began = 0;
  }

  #look(): void {
    const now = this.#now();
    const done = UNITS_PER_LOOK - this.#left;
    this.#left = UNITS_PER_LOOK;
    if (this.#began === 0) {
      this.#began = now;
      this.#schedule();
    } else {
      // Another program may have had the processor meanwhile: no look counts for more than so much.
      const measured = Math.min((now - this.#looked) / done, this.#msPerUnit * 4);
      this.#msPerUnit = Math.max(
        this.#msPerUnit + (measured - this.#msPerUnit) * WEIGHT,
        LEAST_MS_PER_UNIT,
      );
      this.spent ||= now - this.#began > TURN_MS;
    }
    this.#looked = now;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.flush());
  }
}
