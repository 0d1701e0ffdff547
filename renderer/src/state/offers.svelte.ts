import type { BrowsePage, OfferInfo } from '../../../main/api/contract.ts';
import type { Api } from './api.ts';
import { LiveList } from './live-list.svelte.ts';

export interface OfferGroup {
  readonly peer: string;
  readonly peerName: string;
  readonly online: boolean;
  readonly offers: readonly OfferInfo[];
}

/** The subject of an offer's events. */
function offerId(peer: string, share: string): string {
  return `${peer}/${share}`;
}

/** What others offer to this peer. */
export class Offers {
  readonly list = new LiveList<OfferInfo>((offer) => offerId(offer.peer, offer.id));
  /** By peer; those that are online first, then by name. */
  readonly groups = $derived(groupByPeer([...this.list.map.values()]));
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  refetch(): Promise<void> {
    return this.list.refetch(() => this.#api.call('offers.list', {}));
  }

  get(peer: string, share: string): OfferInfo | undefined {
    return this.list.map.get(offerId(peer, share));
  }

  browse(
    peer: string,
    share: string,
    path: string,
    after: string | undefined,
    limit: number,
    signal: AbortSignal,
  ): Promise<BrowsePage> {
    const from = after === undefined ? {} : { after };
    return this.#api.call('offers.browse', { peer, share, path, limit, ...from }, { signal });
  }
}

function groupByPeer(offers: OfferInfo[]): OfferGroup[] {
  const byPeer = Map.groupBy(offers, (offer) => offer.peer);
  const groups = [...byPeer].map(([peer, those]) => ({
    peer,
    peerName: those[0]?.peerName ?? peer,
    online: those.some((offer) => offer.online),
    offers: those.sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id)),
  }));
  return groups.sort(
    (a, b) =>
      Number(b.online) - Number(a.online) ||
      a.peerName.localeCompare(b.peerName) ||
      a.peer.localeCompare(b.peer),
  );
}
