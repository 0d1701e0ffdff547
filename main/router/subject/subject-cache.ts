/**
 * What was answered lately about subjects, found by their bytes without making a string of them. A table of
 * fixed ways: an entry that finds its places taken replaces one, so that memory is bounded whatever subjects
 * are published.
 */
import { hashWire } from './hash.ts';

const WAYS = 4;
const LARGEST = 32_768;
/** Hashes that are remembered of subjects that were seen once. */
const SEEN = 4_096;
/** Longer subjects are looked up each time. */
const LONGEST = 512;

class Entry<Value> {
  readonly hash: number;
  readonly bytes: Uint8Array;
  readonly value: Value;
  /** The generation that it belongs to; anything else is out of date. */
  generation: number;

  constructor(hash: number, bytes: Uint8Array, value: Value, generation: number) {
    this.hash = hash;
    this.bytes = bytes;
    this.value = value;
    this.generation = generation;
  }
}

/** @typeParam Value what is kept for a subject, for as long as its generation lasts */
export class SubjectCache<Value> {
  #table: (Entry<Value> | undefined)[];
  #mask: number;
  /** Hashes of subjects that were asked for lately and not kept. */
  #seen: Int32Array | undefined;
  /** Replacements since the table last grew: many of them mean that it is too small. */
  #replaced = 0;

  /** @param size of the table at first, a power of two */
  constructor(size: number) {
    this.#table = new Array<Entry<Value> | undefined>(size).fill(undefined);
    this.#mask = size - 1;
  }

  find(
    hash: number,
    bytes: Uint8Array,
    at: number,
    length: number,
    generation: number,
  ): Value | undefined {
    const table = this.#table;
    const mask = this.#mask;
    for (let way = 0; way < WAYS; way++) {
      const entry = table[(hash + way) & mask];
      if (entry === undefined) return undefined;
      if (
        entry.hash === hash &&
        entry.generation === generation &&
        same(entry.bytes, bytes, at, length)
      ) {
        return entry.value;
      }
    }
    return undefined;
  }

  /** Keeps an answer, if the subject has been asked for before: inboxes are used once. */
  keep(
    hash: number,
    bytes: Uint8Array,
    at: number,
    length: number,
    generation: number,
    value: Value,
  ): void {
    if (length > LONGEST || !this.#isSecondSight(hash)) return;
    let place = hash & this.#mask;
    let free = false;
    for (let way = 0; way < WAYS && !free; way++) {
      const candidate = (hash + way) & this.#mask;
      const entry = this.#table[candidate];
      free =
        entry === undefined ||
        entry.generation !== generation ||
        (entry.hash === hash && same(entry.bytes, bytes, at, length));
      if (free) place = candidate;
    }
    if (!free && ++this.#replaced > this.#mask >> 1) {
      this.#grow();
      place = hash & this.#mask;
    }
    this.#table[place] = new Entry(
      hash,
      Uint8Array.prototype.slice.call(bytes, at, at + length),
      value,
      generation,
    );
  }

  /** What is kept for a generation. */
  *values(generation: number): Generator<Value> {
    for (const entry of this.#table) {
      if (entry?.generation === generation) yield entry.value;
    }
  }

  /** Forgets one subject (a wire string). */
  forget(subject: string): void {
    const hash = hashWire(subject);
    for (let way = 0; way < WAYS; way++) {
      const entry = this.#table[(hash + way) & this.#mask];
      if (entry === undefined) return;
      // -1 is no generation: the place stays taken, so that entries behind it are still found.
      if (entry.hash === hash && sameText(entry.bytes, subject)) entry.generation = -1;
    }
  }

  #isSecondSight(hash: number): boolean {
    this.#seen ??= new Int32Array(SEEN);
    const place = hash & (SEEN - 1);
    if (this.#seen[place] === hash) return true;
    this.#seen[place] = hash;
    return false;
  }

  #grow(): void {
    this.#replaced = 0;
    const size = this.#table.length;
    if (size >= LARGEST) return;
    const old = this.#table;
    this.#table = new Array<Entry<Value> | undefined>(size * 4).fill(undefined);
    this.#mask = size * 4 - 1;
    for (const entry of old) {
      if (entry === undefined) continue;
      for (let way = 0; way < WAYS; way++) {
        const place = (entry.hash + way) & this.#mask;
        if (this.#table[place] !== undefined) continue;
        this.#table[place] = entry;
        break;
      }
    }
  }
}

function same(kept: Uint8Array, bytes: Uint8Array, at: number, length: number): boolean {
  if (kept.length !== length) return false;
  for (let i = 0; i < length; i++) if (kept[i] !== bytes[at + i]) return false;
  return true;
}

function sameText(kept: Uint8Array, text: string): boolean {
  if (kept.length !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (kept[i] !== text.charCodeAt(i)) return false;
  return true;
}
