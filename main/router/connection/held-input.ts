/** Feeds a parser, and keeps what comes while it is held: nothing is read from the transport meanwhile. */
import type { Transport } from '../listen/transport.ts';
import type { Parser } from '../protocol/parser.ts';
import type { Slab, SlabPool } from './slab.ts';

interface Kept {
  readonly slab: Slab;
  length: number;
}

export class HeldInput {
  readonly #parser: Parser;
  readonly #pool: SlabPool;
  readonly #transport: Transport;
  #kept: Kept[] = [];

  constructor(parser: Parser, pool: SlabPool, transport: Transport) {
    this.#parser = parser;
    this.#pool = pool;
    this.#transport = transport;
  }

  /** Bytes `at` to `end` of a slab that is valid during the call only. */
  read(slab: Slab, at: number, end: number): void {
    const taken = this.#kept.length > 0 ? at : this.#parser.feed(slab, at, end);
    if (taken < end) this.#keep(slab, taken, end);
  }

  /** Goes on with what was kept, as far as the parser goes, and then with the transport. */
  release(): void {
    this.#parser.release();
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
    this.#transport.resume();
  }

  #keep(slab: Slab, at: number, end: number): void {
    const copy = this.#pool.take(end - at);
    copy.bytes.set(slab.bytes.subarray(at, end), 0);
    this.#kept.push({ slab: copy, length: end - at });
    this.#transport.pause();
  }
}
