/**
 * What a connection reads, on its way to the parser. It waits while something about the connection is being
 * decided, when it has had its share of a turn of the event loop, and when receivers cannot follow; nothing is
 * read from the transport meanwhile.
 */
import type { Transport } from '../listen/transport.ts';
import type { Parser } from '../protocol/parser.ts';
import type { Slab, SlabPool } from './slab.ts';
import type { Resumable, TurnWork } from './turn.ts';

/** As long as nats-server lets a fast producer wait at a time. */
const STALL_MS = 5;

interface Kept {
  readonly slab: Slab;
  length: number;
}

export class Input implements Resumable {
  readonly #parser: Parser;
  readonly #pool: SlabPool;
  readonly #transport: Transport;
  readonly #turn: TurnWork;
  #kept: Kept[] = [];
  /** The turn that was read in last, and the units used in it. */
  #turnNumber = -1;
  #used = 0;
  #deciding = false;
  #waiting = false;
  #stopped = false;

  constructor(parser: Parser, pool: SlabPool, transport: Transport, turn: TurnWork) {
    this.#parser = parser;
    this.#pool = pool;
    this.#transport = transport;
    this.#turn = turn;
  }

  /** Bytes `at` to `end` of a slab that is valid during the call only. */
  read(slab: Slab, at: number, end: number): void {
    this.#enterTurn();
    const taken = this.#kept.length > 0 ? at : this.#parser.feed(slab, at, end);
    if (taken < end) this.#keep(slab, taken, end);
    this.#leaveTurn();
  }

  /** Counts the work that what was read has made. */
  spend(units: number): void {
    const turn = this.#turn;
    this.#used += units;
    turn.spend(units);
    if (turn.congested || turn.spent) this.#giveWay();
  }

  /** Nothing is looked at before `goOn`. */
  hold(): void {
    this.#deciding = true;
    this.#parser.hold();
  }

  goOn(): void {
    this.#deciding = false;
    this.#release();
  }

  resumeReading(): void {
    this.#waiting = false;
    this.#release();
  }

  /** Nothing more is read, ever. */
  stop(): void {
    this.#stopped = true;
    this.#parser.stop();
  }

  #enterTurn(): void {
    const { number } = this.#turn;
    if (this.#turnNumber === number) return;
    this.#turnNumber = number;
    this.#used = 0;
  }

  #leaveTurn(): void {
    if (this.#used > this.#turn.share) this.#giveWay();
    if (this.#waiting) this.#transport.pause();
  }

  #giveWay(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    this.#parser.hold();
    const turn = this.#turn;
    if (!turn.congested) {
      turn.resumeLater(this);
      return;
    }
    // Gives a receiver who cannot follow some time: it would be cut off otherwise.
    turn.congested = false;
    setTimeout(() => this.resumeReading(), STALL_MS).unref();
  }

  /** Goes on with what was kept, as far as the parser goes, and then with the transport. */
  #release(): void {
    if (this.#deciding || this.#waiting || this.#stopped) return;
    // What it does is likely to be what it did.
    const expected = this.#used;
    this.#enterTurn();
    this.#parser.release();
    this.#feedKept();
    this.#leaveTurn();
    if (this.#waiting || this.#kept.length > 0) return;
    this.#turn.expect(expected);
    this.#transport.resume();
  }

  #feedKept(): void {
    while (this.#kept.length > 0) {
      const [first] = this.#kept as [Kept];
      const { slab, length } = first;
      const taken = this.#parser.feed(slab, 0, length);
      if (taken < length) {
        slab.bytes.copyWithin(0, taken, length);
        first.length = length - taken;
        return;
      }
      this.#kept.shift();
      this.#pool.give(slab);
    }
  }

  #keep(slab: Slab, at: number, end: number): void {
    const copy = this.#pool.take(end - at);
    copy.bytes.set(slab.bytes.subarray(at, end), 0);
    this.#kept.push({ slab: copy, length: end - at });
    this.#transport.pause();
  }
}
