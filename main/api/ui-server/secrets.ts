import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

interface Entry {
  readonly digest: Buffer;
  readonly expiresAt: number;
}

/** Random secrets that this process handed out and recognizes again; only their hashes are kept. */
export class Secrets {
  readonly #capacity: number;
  readonly #lifetimeMs: number;
  readonly #now: () => number;
  #entries: Entry[] = [];

  /**
   * @param options.capacity one more secret makes the one that was used longest ago invalid
   * @param options.now milliseconds
   */
  constructor(options: { capacity: number; lifetimeMs: number; now: () => number }) {
    this.#capacity = options.capacity;
    this.#lifetimeMs = options.lifetimeMs;
    this.#now = options.now;
  }

  /** A new one: 32 random bytes in base64url. */
  mint(): string {
    const secret = randomBytes(32).toString('base64url');
    const entry = { digest: digestOf(secret), expiresAt: this.#now() + this.#lifetimeMs };
    this.#entries = [...this.#entries, entry].slice(-this.#capacity);
    return secret;
  }

  /** Whether the secret is valid. */
  has(secret: string): boolean {
    const entry = this.#take(secret);
    if (entry) this.#entries.push(entry);
    return entry !== undefined;
  }

  /** Whether the secret was valid; it is not any more. */
  redeem(secret: string): boolean {
    return this.#take(secret) !== undefined;
  }

  clear(): void {
    this.#entries = [];
  }

  /** Compares with every entry, each in constant time, so that the time says nothing of a near miss. */
  #take(secret: string): Entry | undefined {
    const now = this.#now();
    const digest = digestOf(secret);
    const valid = this.#entries.filter((entry) => entry.expiresAt > now);
    const found = valid.filter((entry) => timingSafeEqual(entry.digest, digest))[0];
    this.#entries = valid.filter((entry) => entry !== found);
    return found;
  }
}

function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
