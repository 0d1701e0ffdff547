import { TokenBucket } from '../session/token-bucket.ts';
import { holderOf } from './addresses.ts';

/** Dials of one source address: enough for a house of peers behind one router. */
const DIALS_PER_SECOND = 5;
const DIAL_BURST = 30;
const MAX_SOURCES = 4096;

/** How often one source address may have a signature checked; remembers a bounded number of sources. */
export class SourceLimit {
  readonly #buckets = new Map<string, TokenBucket>();

  /** @param now milliseconds */
  take(host: string, now: number): boolean {
    const holder = holderOf(host);
    const bucket = this.#buckets.get(holder) ?? new TokenBucket(DIALS_PER_SECOND, DIAL_BURST, now);
    // Moves it to the end: the sources that were silent longest are forgotten first.
    this.#buckets.delete(holder);
    this.#buckets.set(holder, bucket);
    if (this.#buckets.size > MAX_SOURCES) {
      const oldest = this.#buckets.keys().next();
      if (oldest.done !== true) this.#buckets.delete(oldest.value);
    }
    return bucket.take(now);
  }
}
