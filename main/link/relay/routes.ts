/**
 * Through whom a peer can be reached: a distance vector with the round trip as its metric and at most three contacts
 * in between. No clock, no I/O (docs/link.md "Relays").
 *
 * Routes of different lengths are kept apart, in layers: layer n has n contacts in between. A route of layer n goes
 * on over a neighbour's route of layer n - 1, so the shortest route within the limit is found, which a plain distance
 * vector would miss. What keeps it free of loops at every moment, while neighbours know different things, is the
 * condition of feasibility of Babel (RFC 8966 section 3.5.1), over the layers: a neighbour's route is taken only if
 * it is nearer to the destination than this peer has ever been by a route of that layer or below, under the same
 * sequence number; destinations count that number up when somebody is left without a route that may be taken.
 */
import type { PeerKey } from '../../identity/types.ts';
import { MOST_RELAYS } from './wire.ts';

/** Destinations that are remembered. */
const MAX_DESTINATIONS = 256;
/** Routes that a neighbour tells, and is told. */
export const MAX_ROWS = 64;
export const MAX_ASKS = 64;
/** Anything further away is nowhere, ms. */
export const MAX_METRIC = 30_000;
/** How far an ask for a new sequence number travels. */
export const ASK_HOPS = MOST_RELAYS + 1;

/** A route that a neighbour has. */
export interface Row {
  readonly to: PeerKey;
  /** The destination's, when the route was told first. */
  readonly sequence: number;
  /** From the neighbour to there, ms; more than 0. */
  readonly metric: number;
  /** Contacts between the two. */
  readonly relays: number;
}

/** Somebody cannot take any route to there that is older than this. */
export interface Ask {
  readonly to: PeerKey;
  readonly sequence: number;
  /** How far it may still travel, this neighbour counted. */
  readonly hops: number;
}

/** All that one neighbour tells another; what is missing is withdrawn. */
export interface Vector {
  /** The neighbour's own. */
  readonly sequence: number;
  readonly rows: readonly Row[];
  readonly asks: readonly Ask[];
}

export interface Route {
  readonly via: PeerKey;
  /** Contacts in between, `via` among them. */
  readonly relays: number;
  /** The sum of the round trips, ms. */
  readonly metric: number;
}

interface Candidate extends Route {
  readonly sequence: number;
  /** As the neighbour has it. */
  readonly told: number;
}

/** How near this peer has been. */
interface Distance {
  readonly sequence: number;
  readonly metric: number;
}

interface Destination {
  /** By layer: the nearest in that layer or below. */
  readonly nearest: (Distance | undefined)[];
  /** By layer; only what is better than all layers below. */
  selected: readonly (Candidate | undefined)[];
}

interface Neighbour {
  readonly cost: number;
  readonly vector: Vector | undefined;
  /** Of the vector. */
  readonly rows: ReadonlyMap<PeerKey, readonly Row[]>;
}

const LAYERS = Array.from({ length: MOST_RELAYS + 1 }, (_, layer) => layer);
const NO_VECTOR = { vector: undefined, rows: new Map<PeerKey, readonly Row[]>() };

export interface RoutesOptions {
  /** The first sequence number: higher than any that this peer had before. */
  readonly sequence: number;
  /** No sequence number can be higher now: a neighbour cannot make one up that is never reached again. */
  readonly ceiling: () => number;
}

export class Routes {
  readonly #self: PeerKey;
  readonly #options: RoutesOptions;
  readonly #neighbours = new Map<PeerKey, Neighbour>();
  readonly #destinations = new Map<PeerKey, Destination>();
  #sequence: number;

  constructor(self: PeerKey, options: RoutesOptions) {
    this.#self = self;
    this.#options = options;
    this.#sequence = options.sequence;
  }

  /** A neighbour is there, or the round trip to it has changed: ms, a whole number from 1. */
  setNeighbour(key: PeerKey, cost: number): void {
    const known = this.#neighbours.get(key);
    if (known?.cost === cost) return;
    this.#neighbours.set(key, { ...(known ?? NO_VECTOR), cost });
    if (known !== undefined) this.#selectEach(known.rows.keys());
  }

  /** What a neighbour tells; takes the place of what it told before. Nothing happens for others. */
  hear(key: PeerKey, vector: Vector): void {
    const neighbour = this.#neighbours.get(key);
    if (neighbour === undefined) return;
    const ceiling = this.#options.ceiling();
    const rows = new Map<PeerKey, Row[]>();
    for (const row of vector.rows.slice(0, MAX_ROWS)) {
      if (!isSane(row, ceiling) || row.to === key) continue;
      if (row.to === this.#self) this.#outrun(row.sequence);
      else if (this.#canRemember(row.to)) rows.set(row.to, [...(rows.get(row.to) ?? []), row]);
    }
    const isOwnSane = Number.isSafeInteger(vector.sequence) && vector.sequence <= ceiling;
    if (isOwnSane && this.#canRemember(key)) {
      rows.set(key, [{ to: key, sequence: vector.sequence, metric: 0, relays: -1 }]);
    }
    for (const { to, sequence } of vector.asks.slice(0, MAX_ASKS)) {
      if (to === this.#self && sequence > this.#sequence) this.#outrun(sequence - 1);
    }
    this.#neighbours.set(key, { ...neighbour, vector, rows });
    this.#selectEach([...neighbour.rows.keys(), ...rows.keys()]);
  }

  /** A neighbour is gone. */
  drop(key: PeerKey): void {
    const known = this.#neighbours.get(key);
    this.#neighbours.delete(key);
    this.#selectEach(known?.rows.keys() ?? []);
  }

  /** Where a contact in between passes on, over at most so many others, and not back to `except`. */
  next(to: PeerKey, mostRelays: number, except: PeerKey): Route | undefined {
    const selected = this.#destinations.get(to)?.selected.slice(0, mostRelays + 1) ?? [];
    const best = selected.findLast((candidate) => candidate !== undefined);
    return best === undefined || best.via === except ? undefined : best;
  }

  /** The ways there that go through somebody, the best of each neighbour, in order. */
  ways(to: PeerKey): Route[] {
    const destination = this.#destinations.get(to);
    if (destination === undefined) return [];
    const best = new Map<PeerKey, Candidate>();
    for (const candidate of this.#candidates(to)) {
      const isTaken = destination.selected[candidate.relays]?.via === candidate.via;
      const isGood = isTaken || isFeasible(candidate, destination.nearest[candidate.relays]);
      const known = best.get(candidate.via);
      const isBetter = known === undefined || candidate.metric < known.metric;
      if (candidate.relays > 0 && isGood && isBetter) best.set(candidate.via, candidate);
    }
    return [...best.values()].toSorted(inOrder);
  }

  /** All that can be reached. */
  destinations(): PeerKey[] {
    return [...this.#destinations]
      .filter(([, { selected }]) => selected.some((candidate) => candidate !== undefined))
      .map(([to]) => to);
  }

  /** What a neighbour is told: no route that goes back through it (split horizon; missing is poisoned). */
  vectorFor(key: PeerKey): Vector {
    const rows: Row[] = [];
    for (const [to, { selected }] of this.#destinations) {
      if (to === key) continue;
      for (const candidate of selected.slice(0, MOST_RELAYS)) {
        if (candidate === undefined || candidate.via === key) continue;
        const { sequence, metric, relays } = candidate;
        rows.push({ to, sequence, metric, relays });
      }
    }
    rows.sort((a, b) => a.relays - b.relays || a.metric - b.metric);
    return { sequence: this.#sequence, rows: rows.slice(0, MAX_ROWS), asks: this.#asks() };
  }

  /** This peer's own sequence number goes beyond `sequence`. */
  #outrun(sequence: number): void {
    if (sequence < this.#sequence) return;
    this.#sequence = Math.min(sequence + 1, Math.max(this.#options.ceiling(), this.#sequence));
  }

  #canRemember(to: PeerKey): boolean {
    if (this.#destinations.has(to)) return true;
    if (this.#destinations.size >= MAX_DESTINATIONS && !this.#forgetOne()) return false;
    this.#destinations.set(to, { nearest: [], selected: [] });
    return true;
  }

  /** Somewhere that cannot be reached any more makes room. */
  #forgetOne(): boolean {
    for (const [to, { selected }] of this.#destinations) {
      const isReached = selected.some((candidate) => candidate !== undefined);
      if (isReached || [...this.#neighbours.values()].some(({ rows }) => rows.has(to))) continue;
      this.#destinations.delete(to);
      return true;
    }
    return false;
  }

  #candidates(to: PeerKey): Candidate[] {
    const candidates: Candidate[] = [];
    for (const [via, { cost, rows }] of this.#neighbours) {
      for (const { sequence, metric, relays } of rows.get(to) ?? []) {
        const total = cost + metric;
        if (total > MAX_METRIC) continue;
        candidates.push({ via, sequence, told: metric, metric: total, relays: relays + 1 });
      }
    }
    return candidates;
  }

  #selectEach(destinations: Iterable<PeerKey>): void {
    for (const to of new Set(destinations)) {
      const destination = this.#destinations.get(to);
      if (destination !== undefined) this.#select(to, destination);
    }
  }

  #select(to: PeerKey, destination: Destination): void {
    const candidates = this.#candidates(to).toSorted(inOrder);
    const { nearest } = destination;
    const selected: (Candidate | undefined)[] = [];
    let best = Infinity;
    for (const layer of LAYERS) {
      const found = candidates.find(
        (one) => one.relays === layer && one.metric < best && isFeasible(one, nearest[layer]),
      );
      selected.push(found);
      if (found === undefined) continue;
      best = found.metric;
      for (const above of LAYERS.slice(layer)) nearest[above] = nearer(found, nearest[above]);
    }
    destination.selected = selected;
  }

  /** Own ones, and those of others that this peer cannot answer. */
  #asks(): Ask[] {
    const asks = new Map<PeerKey, Ask>();
    const add = (ask: Ask): void => {
      const known = asks.get(ask.to);
      const sequence = Math.max(ask.sequence, known?.sequence ?? 0);
      asks.set(ask.to, { ...ask, sequence, hops: Math.max(ask.hops, known?.hops ?? 0) });
    };
    for (const [to, destination] of this.#destinations) {
      const last = destination.nearest[MOST_RELAYS];
      if (last !== undefined && this.#isStarved(to, destination)) {
        add({ to, sequence: last.sequence + 1, hops: ASK_HOPS });
      }
    }
    for (const { vector } of this.#neighbours.values()) {
      for (const { to, sequence, hops } of vector?.asks.slice(0, MAX_ASKS) ?? []) {
        if (to === this.#self || hops <= 1 || hops > ASK_HOPS) continue;
        const last = this.#destinations.get(to)?.nearest[MOST_RELAYS];
        if (last !== undefined && last.sequence < sequence) add({ to, sequence, hops: hops - 1 });
      }
    }
    return [...asks.values()].slice(0, MAX_ASKS);
  }

  /** There is a route that would be taken, if it were newer. */
  #isStarved(to: PeerKey, { nearest, selected }: Destination): boolean {
    const hasNone = selected.every((candidate) => candidate === undefined);
    return this.#candidates(to).some((candidate) => {
      const { relays, metric, sequence } = candidate;
      const bound = nearest[relays];
      if (bound === undefined || isFeasible(candidate, bound)) return false;
      if (hasNone) return true;
      // An older one will be renewed by itself: the newer number is on its way.
      const below = selected.slice(0, relays + 1).map((one) => one?.metric ?? Infinity);
      return sequence >= bound.sequence && metric < Math.min(...below);
    });
  }
}

/** A neighbour that is the destination itself cannot lead anywhere else. */
function isFeasible({ relays, sequence, told }: Candidate, bound: Distance | undefined): boolean {
  if (relays === 0 || bound === undefined || sequence > bound.sequence) return true;
  return sequence === bound.sequence && told < bound.metric;
}

function nearer({ sequence, metric }: Distance, known: Distance | undefined): Distance {
  if (known === undefined || sequence > known.sequence) return { sequence, metric };
  if (sequence < known.sequence || known.metric <= metric) return known;
  return { sequence, metric };
}

function isSane({ sequence, metric, relays }: Row, ceiling: number): boolean {
  return (
    Number.isSafeInteger(sequence) &&
    sequence >= 0 &&
    sequence <= ceiling &&
    Number.isSafeInteger(metric) &&
    metric > 0 &&
    metric <= MAX_METRIC &&
    Number.isSafeInteger(relays) &&
    relays >= 0 &&
    relays < MOST_RELAYS
  );
}

const inOrder = (a: Route, b: Route): number =>
  a.metric - b.metric || a.relays - b.relays || (a.via < b.via ? -1 : 1);
