/**
 * One turn of the event loop. What was written during it is flushed at its end, so that lines to the same
 * connection leave together; and what is done in it is bounded, so that others (a desktop app's window) get
 * their turn too: work is counted in units of about 100 ns, and whoever reads on after the bound waits.
 */

/** About 1 ms: from here on a connection reads once in a turn, so that all have their share of it. */
const UNITS_BEFORE_SHARING = 6_000;
/** About 14 ms: from here on even the rest of what has just been read waits, in a copy. */
const UNITS_AT_MOST = 80_000;
/** What a flush costs, in units: a system call. */
const UNITS_PER_FLUSH = 60;

export interface Flushable {
  flush(): void;
}

export interface Resumable {
  resumeReading(): void;
}

export class TurnWork {
  #touched: Flushable[] = [];
  #waiting: Resumable[] = [];
  #scheduled = false;
  /** When the last turn ended, epoch ms. */
  endedAt = Date.now();
  /** Units done in this turn; added to where the work is done. */
  units = 0;
  /** Somebody who was written to has much more pending than goes out: who publishes has to slow down. */
  congested = false;

  /** Whether who has read, and may have more to read, leaves it for the next turn. */
  get shared(): boolean {
    return this.units > UNITS_BEFORE_SHARING;
  }

  /** Whether nothing more may be done in this turn. */
  get spent(): boolean {
    return this.units > UNITS_AT_MOST;
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

  /** Ends the turn now. */
  flush(): void {
    this.#scheduled = false;
    this.endedAt = Date.now();
    const touched = this.#touched;
    this.#touched = [];
    this.units = 0;
    for (let i = 0; i < touched.length; i++) {
      (touched[i] as Flushable).flush();
      this.units += UNITS_PER_FLUSH;
      if (this.spent && i + 1 < touched.length) {
        this.#touched = touched.slice(i + 1).concat(this.#touched);
        this.#schedule();
        break;
      }
    }
    this.units = 0;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let i = 0; i < waiting.length; i++) {
      (waiting[i] as Resumable).resumeReading();
      if (this.spent && i + 1 < waiting.length) {
        this.#waiting = waiting.slice(i + 1).concat(this.#waiting);
        this.#schedule();
        break;
      }
    }
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.flush());
  }
}
