/** Relays, put together: routes, what is carried for others, and the paths of this peer's own sessions. */
import type { Unsubscribe } from '../../base/emitter.ts';
import type { Log } from '../../base/log.ts';
import type { PeerKey, Way } from '../../identity/types.ts';
import type { TransientWays } from '../discovery/discovery.ts';
import type { PathSource } from '../path-source.ts';
import type { Admission, PendingDial } from '../session/types.ts';
import { Offers } from './offers.ts';
import type { RelayLinks } from './open-through.ts';
import { type RelayLimits, RelayService } from './relay-service.ts';
import { RelaySource } from './relay-source.ts';
import { RouteExchange } from './route-exchange.ts';
import { RELAY_PROTOCOL } from './wire.ts';

/** Ways to one peer that are offered: one to use, and one to take over. */
const MOST_WAYS = 2;

export interface RelayingOptions {
  readonly self: PeerKey;
  /** Asked for when the first link is there. */
  readonly links: () => RelayLinks;
  readonly admission: Admission;
  readonly createDial: (peer: PeerKey) => PendingDial;
  /** Whether this peer relays for an accepted contact. */
  readonly allows: (peer: PeerKey) => boolean;
  /** Called when that has changed. */
  readonly onAllows: (listener: () => void) => Unsubscribe;
  /** Those that links are kept to. */
  readonly wanted: () => readonly PeerKey[];
  readonly limits: RelayLimits;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
}

export interface Relaying extends TransientWays {
  /** Started and closed with the links. */
  readonly source: PathSource;
  /** Connections of others that this peer carries now. */
  carried(): number;
}

/** Nothing happens before the source is started. */
export function createRelaying(options: RelayingOptions): Relaying {
  const { self, allows, now, log } = options;
  const links: RelayLinks = {
    openStream: (...args) => options.links().openStream(...args),
    handle: (...args) => options.links().handle(...args),
    announce: (...args) => options.links().announce(...args),
    on: (...args) => options.links().on(...args),
    get: (peer) => options.links().get(peer),
    list: () => options.links().list(),
    pathOf: (peer) => options.links().pathOf(peer),
  };
  const exchange = new RouteExchange({ self, links, allows, now, log });
  const { routes } = exchange;
  const waysOf = (peer: PeerKey): Way[] =>
    routes
      .ways(peer)
      .slice(0, MOST_WAYS)
      .map(({ via }) => ({ kind: 'relay', via }));
  const offers = new Offers({ wanted: options.wanted, waysOf, now });
  let ends: Unsubscribe[] = [];
  const source = new RelaySource({
    self,
    links,
    admission: options.admission,
    createDial: options.createDial,
    routes: (to) => routes.ways(to),
    onStart: () => {
      ends = [
        links.handle(RELAY_PROTOCOL, (stream) => service.serve(stream)),
        exchange.onChange(() => offers.look()),
        options.onAllows(() => {
          exchange.review();
          service.review();
        }),
      ];
      exchange.start();
    },
    onClose: () => {
      for (const end of ends) end();
      ends = [];
      exchange.stop();
      service.close();
      offers.stop();
    },
    now,
    log,
  });
  const service = new RelayService({
    self,
    links,
    allows,
    next: (to, mostRelays, except) => routes.next(to, mostRelays, except),
    deliver: (stream, from) => source.deliver(stream, from),
    limits: options.limits,
    now,
    log,
  });

  return {
    source,
    waysOf,
    onSeen: (listener) => offers.onSeen(listener),
    carried: () => service.carried,
  };
}
