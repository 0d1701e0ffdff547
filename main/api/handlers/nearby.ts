import type { Nearby } from '../../peer/nearby.ts';
import type { Peer } from '../../peer/types.ts';
import type { Handlers, NearbyInfo } from '../contract.ts';
import { contactView } from './views.ts';

type NearbyCalls = 'nearby.list' | 'nearby.ask' | 'nearby.settings' | 'nearby.set';

export function nearbyView({ addresses, fingerprint, ...rest }: Nearby): NearbyInfo {
  return {
    ...rest,
    addresses: [...addresses],
    fingerprint:
      fingerprint === null
        ? null
        : { words: [...fingerprint.words], icons: [...fingerprint.icons] },
  };
}

export function nearbyHandlers(peer: Peer): Pick<Handlers, NearbyCalls> {
  return {
    'nearby.list': async () => peer.nearby.list().map(nearbyView),
    'nearby.ask': async ({ key }, signal) => contactView(peer, await peer.nearby.ask(key, signal)),
    'nearby.settings': async () => peer.nearby.settings(),
    'nearby.set': async ({ lan, name }) => {
      await peer.nearby.set({
        ...(lan !== undefined && { lan }),
        ...(name !== undefined && { name }),
      });
      return peer.nearby.settings();
    },
  };
}
