import type { PeerKey } from '../identity/types.ts';
import type { Links } from '../link/types.ts';
import type { OwnShares } from './own-shares.ts';
import { Throttle } from './throttle.ts';
import type { Audience } from './types.ts';
import { SHARES_TOPIC } from './wire.ts';

/** Each contact hears of changes at most twice a second. */
const GAP_MS = 500;

/** Tells contacts that what they are offered has changed. They ask for what it is now. */
export class Announcer implements Disposable {
  readonly #links: Links;
  readonly #gaps: Throttle<PeerKey>;
  /** Who knew of a share: they have to hear of its end. */
  readonly #audiences = new Map<string, Audience>();
  readonly #off: () => void;

  constructor(links: Links, own: OwnShares, acceptedKeys: () => PeerKey[]) {
    this.#links = links;
    this.#gaps = new Throttle(GAP_MS, (peer) => links.announce(peer, SHARES_TOPIC, { v: 1 }));
    this.#off = own.events.on('share', (id, share) => {
      const audience = share?.audience ?? this.#audiences.get(id) ?? 'everyone';
      if (share === undefined) this.#audiences.delete(id);
      else this.#audiences.set(id, audience);
      this.#tell(audience, acceptedKeys());
    });
  }

  #tell(audience: Audience, accepted: readonly PeerKey[]): void {
    for (const peer of accepted) {
      if (this.#links.get(peer) === undefined) continue;
      if (audience === 'everyone' || audience.includes(peer)) this.#gaps.call(peer);
    }
  }

  [Symbol.dispose](): void {
    this.#off();
    this.#gaps.dispose();
  }
}
