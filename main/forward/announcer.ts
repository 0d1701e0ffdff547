import type { PeerKey } from '../identity/types.ts';
import type { Links } from '../link/types.ts';
import type { OwnServices } from './own-services.ts';
import { SERVICES_TOPIC } from './wire.ts';

/** Changes within this time are told together. */
const GAP_MS = 200;

/** Tells each linked contact what it may use: when the link comes up, and when that changes. */
export class Announcer implements Disposable {
  readonly #links: Links;
  readonly #own: OwnServices;
  /** What each contact was told on its link. */
  readonly #told = new Map<PeerKey, string>();
  readonly #off: (() => void)[];
  #timer: NodeJS.Timeout | undefined;

  constructor(links: Links, own: OwnServices) {
    this.#links = links;
    this.#own = own;
    this.#off = [
      links.on('up', (peer) => {
        this.#told.delete(peer);
        this.#tell(peer);
      }),
      links.on('down', (peer) => this.#told.delete(peer)),
      own.events.on('service', () => this.#tellLater()),
    ];
    for (const { peer } of links.list()) this.#tell(peer);
  }

  #tellLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const { peer } of this.#links.list()) this.#tell(peer);
    }, GAP_MS).unref();
  }

  #tell(peer: PeerKey): void {
    const services = this.#own.namesFor(peer);
    const text = services.join(' ');
    if (this.#told.get(peer) === text) return;
    this.#told.set(peer, text);
    this.#links.announce(peer, SERVICES_TOPIC, { services });
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const off of this.#off) off();
  }
}
