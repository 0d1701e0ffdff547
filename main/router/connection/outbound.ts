/**
 * What waits to be sent on one connection. Lines are written into a slab, which goes to the transport when
 * the turn ends or when it is full; while the transport is busy, full slabs queue up to `maxPending`.
 */
import type { Transport } from '../listen/transport.ts';
import { type Slab, type SlabPool, SLAB_SIZE, slabSizeFor, SMALL_SLAB } from './slab.ts';

/** The part of what may be pending above which publishers are slowed down. */
const CONGESTED = 0.75;

export interface OutboundOwner {
  /** Something was written for the first time since the last flush. */
  touched(): void;
  /** Much is pending. */
  congested(): void;
  /** More is pending than allowed. */
  overflowed(pending: number): void;
}

interface Full {
  readonly slab: Slab;
  readonly length: number;
}

export class Outbound {
  /** What is being filled, up to `at`; see `room`. */
  slab: Slab | undefined;
  at = 0;
  readonly #transport: Transport;
  readonly #pool: SlabPool;
  readonly #owner: OutboundOwner;
  #maxPending: number;
  /** Given to the transport and not free yet. */
  #sent: Slab[] = [];
  #sentBytes = 0;
  #full: Full[] = [];
  #fullBytes = 0;
  #touched = false;
  #appetite = SMALL_SLAB;
  #closed = false;
  /** Epoch ms (monotonic) since when the transport has not taken more; 0: it has. */
  blockedSince = 0;

  constructor(transport: Transport, pool: SlabPool, owner: OutboundOwner, maxPending: number) {
    this.#transport = transport;
    this.#pool = pool;
    this.#owner = owner;
    this.#maxPending = maxPending;
  }

  set maxPending(bytes: number) {
    this.#maxPending = bytes;
  }

  /** Bytes that were written here and not taken by the transport yet. */
  get pending(): number {
    return this.#sentBytes + this.#fullBytes + this.at;
  }

  /** Whether the transport has more than it can send at once. */
  get blocked(): boolean {
    return this.#sent.length > 0;
  }

  /**
   * A slab with `length` free bytes behind `at`. The caller writes there and moves `at`. Undefined when
   * closed, or when this was too much and closed it.
   */
  room(length: number): Slab | undefined {
    const slab = this.slab;
    if (slab !== undefined && slab.size - this.at >= length) {
      if (!this.#touched) this.#touch();
      return slab;
    }
    return this.#makeRoom(length);
  }

  writeText(line: string): void {
    const slab = this.room(line.length);
    if (slab === undefined) return;
    slab.bytes.write(line, this.at, 'latin1');
    this.at += line.length;
  }

  /** Gives what has been written to the transport, unless that is busy: then it follows by itself. */
  flush(): void {
    this.#touched = false;
    if (this.at === 0 || this.blocked) return;
    this.#send();
    // Nothing is held for a connection that has nothing to say.
    if (this.slab !== undefined && this.at === 0) this.#release();
  }

  /** The transport has taken what it was given. */
  written(): void {
    const sent = this.#sent;
    this.#sent = [];
    this.#sentBytes = 0;
    this.blockedSince = 0;
    // A closing one may have several writes under way: their slabs are left to the collector.
    if (this.#closed) return;
    for (const slab of sent) this.#pool.give(slab);
    if (this.#full.length > 0) this.#sendFull();
    if (!this.blocked && this.at > 0) this.#send();
  }

  /** Forgets everything. */
  close(): void {
    this.#closed = true;
    this.#release();
    for (const { slab } of this.#full) this.#pool.give(slab);
    this.#full = [];
    this.#fullBytes = 0;
  }

  /** What has not been given to the transport yet goes there now, and nothing after it. */
  finish(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#full.length > 0) this.#sendFull();
    if (this.at > 0) this.#send();
    this.#release();
  }

  #makeRoom(length: number): Slab | undefined {
    if (this.#closed) return undefined;
    if (this.slab !== undefined && this.at > 0) {
      if (this.slab.size < SLAB_SIZE) {
        if (this.blocked && this.#overflows(length)) return undefined;
        this.#grow(length);
      } else if (this.blocked) {
        this.#full.push({ slab: this.slab, length: this.at });
        this.#fullBytes += this.at;
        this.slab = undefined;
        this.at = 0;
        if (this.#overflows(length)) return undefined;
      } else {
        this.#send();
      }
    }
    let slab = this.slab;
    if (slab === undefined || slab.size - this.at < length) {
      this.#release();
      slab = this.slab = this.#pool.take(Math.max(length, this.#appetite));
    }
    if (!this.#touched) this.#touch();
    return slab;
  }

  /** There is more to say than was thought: it goes out together, not in small pieces. */
  #grow(length: number): void {
    const small = this.slab as Slab;
    this.#appetite = slabSizeFor(small.size + 1);
    const slab = this.#pool.take(Math.max(this.at + length, this.#appetite));
    slab.bytes.set(small.bytes.subarray(0, this.at), 0);
    this.#pool.give(small);
    this.slab = slab;
  }

  #overflows(length: number): boolean {
    const pending = this.pending + length;
    if (pending > this.#maxPending * CONGESTED) this.#owner.congested();
    if (pending <= this.#maxPending) return false;
    this.#owner.overflowed(pending);
    return true;
  }

  #touch(): void {
    this.#touched = true;
    this.#owner.touched();
  }

  #send(): void {
    const slab = this.slab as Slab;
    const length = this.at;
    this.at = 0;
    this.#appetite = slabSizeFor(length * 2);
    if (this.#transport.write(slab.bytes.subarray(0, length))) return;
    this.slab = undefined;
    this.#keepUntilWritten(slab, length);
  }

  #sendFull(): void {
    const full = this.#full;
    this.#full = [];
    this.#fullBytes = 0;
    const pieces = full.map(({ slab, length }) => slab.bytes.subarray(0, length));
    if (this.#transport.writeAll(pieces)) {
      for (const { slab } of full) this.#pool.give(slab);
    } else {
      for (const { slab, length } of full) this.#keepUntilWritten(slab, length);
    }
  }

  #keepUntilWritten(slab: Slab, length: number): void {
    this.#sent.push(slab);
    this.#sentBytes += length;
    if (this.blockedSince === 0) this.blockedSince = performance.now();
  }

  #release(): void {
    if (this.slab !== undefined) this.#pool.give(this.slab);
    this.slab = undefined;
    this.at = 0;
  }
}
