import { Emitter, type Unsubscribe } from '../../base/emitter.ts';
import type { PeerKey, Way } from '../../identity/types.ts';
import { TokenBucket } from '../session/token-bucket.ts';

/** A peer's ways may be offered anew so often, and at once: a contact must not make this peer dial all the time. */
const OFFERS_PER_SECOND = 1 / 5;
const OFFERS_AT_ONCE = 4;
/** Those that may not be offered yet are looked at again, ms. */
const AGAIN_MS = 1_000;

export interface OffersOptions {
  /** Those that ways are looked for. */
  readonly wanted: () => readonly PeerKey[];
  readonly waysOf: (peer: PeerKey) => Way[];
  /** Milliseconds. */
  readonly now: () => number;
}

interface Offered {
  readonly names: string;
  readonly rate: TokenBucket;
}

/** Tells when there are other ways to a peer than were offered last. */
export class Offers {
  readonly #options: OffersOptions;
  readonly #events = new Emitter<{ seen: [peer: PeerKey] }>();
  #last = new Map<PeerKey, Offered>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: OffersOptions) {
    this.#options = options;
  }

  onSeen(listener: (peer: PeerKey) => void): Unsubscribe {
    return this.#events.on('seen', listener);
  }

  /** The ways may have changed. */
  look(): void {
    const { wanted, waysOf, now } = this.#options;
    const last = new Map<PeerKey, Offered>();
    const seen: PeerKey[] = [];
    for (const peer of wanted()) {
      const names = namesOf(waysOf(peer));
      const before = this.#last.get(peer);
      if (names === (before?.names ?? '')) {
        if (before !== undefined) last.set(peer, before);
        continue;
      }
      const rate = before?.rate ?? new TokenBucket(OFFERS_PER_SECOND, OFFERS_AT_ONCE, now());
      const isDue = rate.take(now());
      last.set(peer, { names: isDue ? names : (before?.names ?? ''), rate });
      if (isDue) seen.push(peer);
      else this.#lookAgain();
    }
    this.#last = last;
    for (const peer of seen) this.#events.emit('seen', peer);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#last.clear();
  }

  #lookAgain(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.look();
    }, AGAIN_MS);
  }
}

/** In which order they are tried is no news. */
const namesOf = (ways: readonly Way[]): string =>
  ways
    .flatMap((way) => (way.kind === 'relay' ? way.via : []))
    .toSorted()
    .join(' ');
