import { ExpiringMap } from './expiring-map.ts';

const REPLAY_WINDOW_MS = 5 * 60_000;
const RATE_WINDOW_MS = 60_000;
const REPEAT_WINDOW_MS = 10_000;
/** Dials one key may make in the minute that its first one opens. */
const DIALS_PER_MINUTE = 10;
/** Past the limit a key hears `busy` this often, then nothing. */
const BUSY_PER_MINUTE = 10;

export interface GuardLimits {
  readonly nonces: number;
  readonly keys: number;
  readonly answers: number;
}

/**
 * Bounded memory about dials with a good signature: nonces, counts per key, the last answers. Contacts and
 * strangers have one each, so that no crowd of strangers can use up what the contacts need.
 */
export class Guard {
  readonly #nonces: ExpiringMap<true>;
  readonly #counts: ExpiringMap<{ dials: number }>;
  readonly #answers: ExpiringMap<Uint8Array>;

  constructor(limits: GuardLimits) {
    this.#nonces = new ExpiringMap(REPLAY_WINDOW_MS, limits.nonces);
    this.#counts = new ExpiringMap(RATE_WINDOW_MS, limits.keys);
    this.#answers = new ExpiringMap(REPEAT_WINDOW_MS, limits.answers);
  }

  seen(nonce: string, now: number): boolean {
    return this.#nonces.get(nonce, now) === true;
  }

  /** @returns false when no more nonces can be remembered: the dial must not be served then */
  remember(nonce: string, now: number): boolean {
    return this.#nonces.set(nonce, true, now);
  }

  /** Counts a dial of `key`: serve it, say `busy`, or say nothing. */
  admit(key: string, now: number): 'serve' | 'busy' | 'silent' {
    const count = this.#counts.get(key, now);
    if (count === undefined) return this.#counts.set(key, { dials: 1 }, now) ? 'serve' : 'busy';
    count.dials += 1;
    if (count.dials <= DIALS_PER_MINUTE) return 'serve';
    return count.dials <= DIALS_PER_MINUTE + BUSY_PER_MINUTE ? 'busy' : 'silent';
  }

  answerTo(dialHash: string, now: number): Uint8Array | undefined {
    return this.#answers.get(dialHash, now);
  }

  keepAnswer(dialHash: string, reply: Uint8Array, now: number): void {
    if (this.#answers.set(dialHash, reply, now)) return;
    // The dialler whose answer goes early dials again: only a repeat within 10 s is lost to it.
    this.#answers.evictOldest();
    this.#answers.set(dialHash, reply, now);
  }
}
