import { Emitter, type Unsubscribe } from '../../base/emitter.ts';
import type { Log } from '../../base/log.ts';
import type { PeerKey } from '../../identity/types.ts';
import { isDirect, type RelayLinks } from './open-through.ts';
import { decodeVector, encodeVector, ROUTES_TOPIC } from './route-message.ts';
import { Routes, type Vector } from './routes.ts';

/** Changes wait so long for more of them, ms; what is heard of one neighbour is looked at as often. */
const BATCH_MS = 200;
/** Everything is said again, ms; what was not said again for two and a half times that is forgotten. */
const REPEAT_MS = 60_000;
const FORGET_MS = 150_000;
/** Links are looked at, ms: their round trips, and whether they are direct. */
const LOOK_MS = 1_000;
/** A round trip has changed when it is another by this part, and by so many ms. */
const CHANGE_PART = 0.25;
const CHANGE_MS = 5;
const MAX_COST = 10_000;
/** Sequence numbers follow the clock in seconds; other people's clocks may be ahead of ours, s. */
const AHEAD = 3_600;

export interface RouteExchangeOptions {
  readonly self: PeerKey;
  readonly links: RelayLinks;
  /** Whether a contact may be told of others, and others of it. */
  readonly allows: (peer: PeerKey) => boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
}

/** What is known of one contact that may relay. */
interface Partner {
  /** The last that it told; undefined: nothing, so it has not agreed. */
  vector: Vector | undefined;
  heardAt: number;
  /** Told, and not looked at yet. */
  pending: unknown;
  cost: number | undefined;
  told: string;
  toldAt: number;
}

/** Keeps the routes: tells contacts what can be reached, and listens to them (docs/link.md "Relays"). */
export class RouteExchange {
  readonly routes: Routes;
  readonly #options: RouteExchangeOptions;
  readonly #partners = new Map<PeerKey, Partner>();
  readonly #events = new Emitter<{ change: [] }>();
  #ends: Unsubscribe[] = [];
  #look: NodeJS.Timeout | undefined;
  #batch: NodeJS.Timeout | undefined;

  constructor(options: RouteExchangeOptions) {
    const seconds = (): number => Math.floor(options.now() / 1000);
    this.#options = options;
    this.routes = new Routes(options.self, {
      sequence: seconds(),
      ceiling: () => seconds() + AHEAD,
    });
  }

  start(): void {
    const { links } = this.#options;
    this.#ends = [
      links.on('up', () => this.review()),
      links.on('down', (peer) => this.#forget(peer)),
      links.on('announcement', (peer, topic, body) => {
        if (topic === ROUTES_TOPIC) this.#onMessage(peer, body);
      }),
    ];
    this.#look = setInterval(() => this.review(), LOOK_MS);
    this.review();
  }

  stop(): void {
    for (const end of this.#ends) end();
    this.#ends = [];
    clearInterval(this.#look);
    clearTimeout(this.#batch);
    this.#batch = undefined;
    for (const peer of [...this.#partners.keys()]) this.#forget(peer);
    clearTimeout(this.#batch);
  }

  /** Called when routes may have changed. */
  onChange(listener: () => void): Unsubscribe {
    return this.#events.on('change', listener);
  }

  /** Looks at all links now: one came up, or what is allowed has changed. */
  review(): void {
    const { links, allows, now } = this.#options;
    for (const { peer, rttMs } of links.list()) {
      if (!allows(peer)) {
        if (this.#partners.has(peer)) links.announce(peer, ROUTES_TOPIC, { off: true });
        this.#forget(peer);
        continue;
      }
      const partner = this.#partners.get(peer) ?? this.#meet(peer);
      if (now() - partner.heardAt > FORGET_MS) partner.vector = undefined;
      this.#measure(peer, partner, rttMs);
      if (now() - partner.toldAt > REPEAT_MS) this.#later();
    }
  }

  #meet(peer: PeerKey): Partner {
    const partner: Partner = {
      vector: undefined,
      heardAt: 0,
      pending: undefined,
      cost: undefined,
      told: '',
      toldAt: -Infinity,
    };
    this.#partners.set(peer, partner);
    this.#later();
    return partner;
  }

  #forget(peer: PeerKey): void {
    if (!this.#partners.delete(peer)) return;
    this.routes.drop(peer);
    this.#changed();
  }

  /** A link counts as long as it is direct and the other side has agreed. */
  #measure(peer: PeerKey, partner: Partner, rttMs: number): void {
    const { links } = this.#options;
    if (partner.vector === undefined || !isDirect(links, peer)) {
      if (partner.cost === undefined) return;
      partner.cost = undefined;
      this.routes.drop(peer);
      this.#changed();
      return;
    }
    const cost = Math.min(Math.max(Math.ceil(rttMs), 1), MAX_COST);
    const by = Math.abs(cost - (partner.cost ?? -Infinity));
    if (partner.cost !== undefined && by < Math.max(CHANGE_MS, partner.cost * CHANGE_PART)) return;
    const isNew = partner.cost === undefined;
    partner.cost = cost;
    this.routes.setNeighbour(peer, cost);
    if (isNew) this.routes.hear(peer, partner.vector);
    this.#changed();
  }

  #onMessage(peer: PeerKey, body: unknown): void {
    if (!this.#options.allows(peer) || this.#options.links.pathOf(peer) === undefined) return;
    const partner = this.#partners.get(peer) ?? this.#meet(peer);
    const isEarly = this.#options.now() - partner.heardAt < BATCH_MS;
    partner.pending = body;
    if (isEarly) this.#later();
    else this.#hear(peer, partner);
  }

  #hear(peer: PeerKey, partner: Partner): void {
    const { links, now, log } = this.#options;
    const vector = decodeVector(partner.pending);
    partner.pending = undefined;
    partner.heardAt = now();
    if (vector === undefined) {
      log.debug({ peer }, 'relay: malformed routes');
      return;
    }
    // Who has just agreed has perhaps not heard what was said before.
    if (partner.vector === undefined) partner.told = '';
    partner.vector = vector === 'off' ? undefined : vector;
    this.#later();
    if (partner.cost !== undefined && vector !== 'off') {
      this.routes.hear(peer, vector);
      this.#changed();
    } else {
      this.#measure(peer, partner, links.get(peer)?.rttMs ?? 1);
    }
  }

  #changed(): void {
    this.#later();
    this.#events.emit('change');
  }

  #later(): void {
    this.#batch ??= setTimeout(() => this.#onBatch(), BATCH_MS);
  }

  #onBatch(): void {
    this.#batch = undefined;
    for (const [peer, partner] of [...this.#partners]) {
      if (partner.pending !== undefined) this.#hear(peer, partner);
    }
    for (const [peer, partner] of this.#partners) this.#tell(peer, partner);
  }

  /** Who has not agreed hears nothing of others. */
  #tell(peer: PeerKey, partner: Partner): void {
    const { links, now } = this.#options;
    const vector = this.routes.vectorFor(peer);
    const said = partner.cost === undefined ? { ...vector, rows: [], asks: [] } : vector;
    const text = JSON.stringify(said);
    if (text === partner.told && now() - partner.toldAt <= REPEAT_MS) return;
    partner.told = text;
    partner.toldAt = now();
    links.announce(peer, ROUTES_TOPIC, encodeVector(said));
  }
}
