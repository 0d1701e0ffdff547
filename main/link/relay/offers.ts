import { Emitter, type Unsubscribe } from '../../base/emitter.ts';
import type { PeerKey, Way } from '../../identity/types.ts';
import { DeadlineTimer } from '../deadline-timer.ts';

export interface OffersOptions {
  readonly self: PeerKey;
  /** Those that ways are looked for. */
  readonly wanted: () => readonly PeerKey[];
  readonly waysOf: (peer: PeerKey) => Way[];
  /** Milliseconds. */
  readonly now: () => number;
}

/** How often a peer's ways may be offered anew, ms: a contact must not make this peer dial all the time. */
const OFFER_MS = 5_000;
/** Both sides learn of a way at about the same time: the one with the greater key waits for the other to dial, ms. */
const COURTESY_MS = 400;

interface Offer {
  readonly names: string;
  /** When it may be told, ms. */
  readonly dueAt: number;
  readonly isTold: boolean;
}

/** Tells when there are other ways to a peer than were offered last. */
export class Offers {
  readonly #options: OffersOptions;
  readonly #events = new Emitter<{ seen: [peer: PeerKey] }>();
  #last = new Map<PeerKey, Offer>();
  readonly #timer = new DeadlineTimer(() => this.look());

  constructor(options: OffersOptions) {
    this.#options = options;
  }

  onSeen(listener: (peer: PeerKey) => void): Unsubscribe {
    return this.#events.on('seen', listener);
  }

  /** The ways may have changed. */
  look(): void {
    const now = this.#options.now();
    const last = new Map<PeerKey, Offer>();
    const seen: PeerKey[] = [];
    let next = Infinity;
    for (const peer of this.#options.wanted()) {
      const offer = this.#offerOf(peer, now);
      if (offer === undefined) continue;
      const isDue = !offer.isTold && offer.dueAt <= now;
      if (isDue) seen.push(peer);
      else if (!offer.isTold) next = Math.min(next, offer.dueAt);
      last.set(peer, isDue ? { ...offer, isTold: true, dueAt: now + OFFER_MS } : offer);
    }
    this.#last = last;
    if (next < Infinity) this.#timer.set(next - now);
    for (const peer of seen) this.#events.emit('seen', peer);
  }

  stop(): void {
    this.#timer.clear();
    this.#last.clear();
  }

  #offerOf(peer: PeerKey, now: number): Offer | undefined {
    const { self, waysOf } = this.#options;
    const before = this.#last.get(peer);
    const names = namesOf(waysOf(peer));
    if (names === (before?.names ?? '')) return before;
    const courtesy = now + (peer < self ? COURTESY_MS : 0);
    return { names, dueAt: Math.max(before?.dueAt ?? 0, courtesy), isTold: false };
  }
}

/** In which order they are tried is no news. */
const namesOf = (ways: readonly Way[]): string =>
  ways
    .flatMap((way) => (way.kind === 'relay' ? way.via : []))
    .toSorted()
    .join(' ');
