/**
 * Remembers things for a fixed time and never more than `limit` of them. It does not forget early: `set`
 * says no when it is full, and the caller decides what that means.
 *
 * Invariant: the map's order of insertion is its order of expiry, because the time to live is one for all.
 */
export class ExpiringMap<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly expiresAt: number }>();
  readonly #ttlMs: number;
  readonly #limit: number;

  constructor(ttlMs: number, limit: number) {
    this.#ttlMs = ttlMs;
    this.#limit = limit;
  }

  get(key: string, now: number): Value | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.expiresAt > now ? entry.value : undefined;
  }

  /** @returns false when the map is full of what has not expired; nothing is stored then */
  set(key: string, value: Value, now: number): boolean {
    this.#entries.delete(key);
    for (const [oldest, { expiresAt }] of this.#entries) {
      if (expiresAt > now) break;
      this.#entries.delete(oldest);
    }
    if (this.#entries.size >= this.#limit) return false;
    this.#entries.set(key, { value, expiresAt: now + this.#ttlMs });
    return true;
  }

  /** Makes room for one more by forgetting the oldest: for caches only, where forgetting is harmless. */
  evictOldest(): void {
    const oldest = this.#entries.keys().next();
    if (oldest.done !== true) this.#entries.delete(oldest.value);
  }
}
