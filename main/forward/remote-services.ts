import { Emitter } from '../base/emitter.ts';
import type { PeerKey } from '../identity/types.ts';
import type { Links } from '../link/types.ts';
import type { RemoteService } from './types.ts';
import { Announcement, SERVICES_TOPIC } from './wire.ts';

export type RemoteServiceEvents = {
  remoteService: [peer: PeerKey, name: string, service: RemoteService | undefined];
};

/** What contacts expose to this peer, as they announced it; kept while they are away. */
export class RemoteServices implements Disposable {
  readonly events = new Emitter<RemoteServiceEvents>();
  readonly #services = new Map<PeerKey, ReadonlySet<string>>();
  readonly #off: () => void;

  constructor(links: Pick<Links, 'on'>, isAccepted: (peer: PeerKey) => boolean) {
    this.#off = links.on('announcement', (peer, topic, body) => {
      if (topic !== SERVICES_TOPIC || !isAccepted(peer)) return;
      const announcement = Announcement.safeParse(body);
      if (announcement.success) this.#take(peer, new Set(announcement.data.services));
    });
  }

  list(): RemoteService[] {
    return [...this.#services].flatMap(([peer, names]) =>
      [...names].map((name) => ({ peer, name })),
    );
  }

  /** The peer is no contact any more. */
  forget(peer: PeerKey): void {
    this.#take(peer, new Set());
    this.#services.delete(peer);
  }

  #take(peer: PeerKey, after: ReadonlySet<string>): void {
    const before = this.#services.get(peer) ?? new Set();
    this.#services.set(peer, after);
    for (const name of before) {
      if (!after.has(name)) this.events.emit('remoteService', peer, name, undefined);
    }
    for (const name of after) {
      if (!before.has(name)) this.events.emit('remoteService', peer, name, { peer, name });
    }
  }

  [Symbol.dispose](): void {
    this.#off();
  }
}
