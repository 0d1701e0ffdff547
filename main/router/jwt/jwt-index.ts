import { createHash } from 'node:crypto';
import { claimedTimes } from './claimed-times.ts';

interface Entry {
  readonly hash: Buffer;
  /** Unix ms. */
  expires: number;
}

/** What lies in a folder of account JWTs: hashes, ends, and which were used least recently. Pure; no files. */
export class JwtIndex {
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();
  /** XOR of all hashes. */
  readonly #hash = Buffer.alloc(32);
  readonly #ttl: number;
  readonly #now: () => number;

  /** @param ttl ms that an entry stays after its last use; 0: until its JWT expires */
  constructor(ttl: number, now: () => number) {
    this.#ttl = ttl;
    this.#now = now;
  }

  get size(): number {
    return this.#entries.size;
  }

  get hash(): Uint8Array {
    return Uint8Array.from(this.#hash);
  }

  keys(): readonly string[] {
    return [...this.#entries.keys()];
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** Whether exactly this JWT is known for the key. */
  holds(key: string, jwt: string): boolean {
    return this.#entries.get(key)?.hash.equals(digest(jwt)) === true;
  }

  set(key: string, jwt: string): void {
    this.delete(key);
    const hash = digest(jwt);
    this.#entries.set(key, {
      hash,
      expires: this.#ttl > 0 ? this.#now() + this.#ttl : expiryOf(jwt),
    });
    this.#mix(hash);
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#mix(entry.hash);
  }

  /** It was used: the last to go now. */
  touch(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    if (this.#ttl > 0) entry.expires = this.#now() + this.#ttl;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
  }

  leastRecentlyUsed(): string | undefined {
    const [key] = this.#entries.keys();
    return key;
  }

  expired(): readonly string[] {
    const now = this.#now();
    return [...this.#entries].filter(([, { expires }]) => expires <= now).map(([key]) => key);
  }

  #mix(hash: Buffer): void {
    for (const [i, byte] of hash.entries()) this.#hash[i] = (this.#hash[i] ?? 0) ^ byte;
  }
}

function digest(jwt: string): Buffer {
  return createHash('sha256').update(jwt, 'utf8').digest();
}

function expiryOf(jwt: string): number {
  const { expires } = claimedTimes(jwt);
  return expires > 0 ? expires * 1000 : Infinity;
}
