/**
 * Memory that messages stand in while they pass through. Copies go eight bytes at a time and may write up to
 * seven bytes too many, so every slab ends in slack that nobody reads.
 */

/** Bytes after `size` that copies may touch. */
const SLACK = 16;
/** As much as one read brings: every read is a system call, and a turn of whoever sent it. */
export const READ_SIZE = 65_536;
/** As one write takes from a busy connection: what one read brings becomes a little more, and goes out together. */
export const SLAB_SIZE = 131_072;
/** For connections with little to say: thousands of them may be written to in one turn. */
export const SMALL_SLAB = 2_048;
/** Between the two, so that no slab is much larger than what stands in it. */
const MIDDLE_SLAB = 16_384;
/** Above this many bytes the engine's own copy is the faster one (measured: 28 ns for 200 by hand against 42, 52 for 400 against 46). */
const BY_HAND = 320;
/** The largest slab that is kept for later use; larger ones are left to the collector. */
const LARGEST_POOLED = 2 * 1_048_576;
/** At most this many bytes wait for later use. */
const POOLED_BYTES = 32 * 1_048_576;

export class Slab {
  readonly bytes: Buffer;
  readonly view: DataView;
  /** Usable bytes, without the slack. */
  readonly size: number;

  constructor(size: number) {
    this.size = size;
    this.bytes = Buffer.allocUnsafeSlow(size + SLACK);
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, size + SLACK);
  }
}

/** The size of slab for so many bytes. */
export function slabSizeFor(length: number): number {
  if (length <= SMALL_SLAB) return SMALL_SLAB;
  return length <= MIDDLE_SLAB ? MIDDLE_SLAB : SLAB_SIZE;
}

/** Slabs that were used before, by size: three sizes, and doubles of the largest. */
export class SlabPool {
  readonly #free = new Map<number, Slab[]>();
  #bytes = 0;

  /** A slab of at least this many bytes; what stands in it is left over from others. */
  take(atLeast: number): Slab {
    let size = slabSizeFor(atLeast);
    while (size < atLeast) size *= 2;
    if (size > LARGEST_POOLED) return new Slab(atLeast);
    const slab = this.#free.get(size)?.pop();
    if (slab === undefined) return new Slab(size);
    this.#bytes -= size;
    return slab;
  }

  give(slab: Slab): void {
    const { size } = slab;
    if (size > LARGEST_POOLED || this.#bytes + size > POOLED_BYTES) return;
    const list = this.#free.get(size);
    if (list === undefined) this.#free.set(size, [slab]);
    else list.push(slab);
    this.#bytes += size;
  }
}

/** Copies `length` bytes between slabs; both have room for it. */
export function copyBytes(from: Slab, at: number, to: Slab, target: number, length: number): void {
  if (length > BY_HAND) {
    to.bytes.set(from.bytes.subarray(at, at + length), target);
    return;
  }
  const source = from.view;
  const destination = to.view;
  for (let i = 0; i < length; i += 8) {
    destination.setBigInt64(target + i, source.getBigInt64(at + i, true), true);
  }
}

/** Writes a wire string; returns the position after it. */
export function writeWire(text: string, to: Buffer, at: number): number {
  for (let i = 0; i < text.length; i++) to[at++] = text.charCodeAt(i);
  return at;
}

/** Writes a non-negative integer in decimal digits; returns the position after it. */
export function writeDecimal(value: number, to: Buffer, at: number): number {
  let digits = 1;
  for (let power = 10; value >= power; power *= 10) digits++;
  for (let i = at + digits - 1; i >= at; i--) {
    const rest = Math.floor(value / 10);
    to[i] = 48 + value - rest * 10;
    value = rest;
  }
  return at + digits;
}
