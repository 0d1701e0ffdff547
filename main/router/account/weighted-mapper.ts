/**
 * The subject mappings of an account (`mappings { … }`): what is published to a source goes to one of its
 * destinations, chosen by weight. Destinations of a cluster are left out: this router is in none.
 */
import { RouterError } from '../errors.ts';
import type { MappingOptions } from '../options.ts';
import { isLiteral, isSubsetOf, isValidSubject } from '../subject/match.ts';
import { SubjectTransform, toDestination } from '../subject/transform.ts';
import { toWire } from '../subject/wire.ts';
import type { SubjectMapper } from './account.ts';

/** How many subjects' mappings are remembered; forgotten as a whole when full. */
const CACHE_SIZE = 4_096;
/** A message that its mapping drops: nobody can subscribe to the empty subject. */
const NOWHERE = '';

interface Destination {
  readonly transform: SubjectTransform;
  /** A random number below this, and not below the one before, chooses it; percent. */
  readonly below: number;
}

interface Mapping {
  readonly source: string;
  readonly destinations: readonly Destination[];
}

export class WeightedMapper implements SubjectMapper {
  readonly #literals = new Map<string, number>();
  readonly #wildcards: number[] = [];
  readonly #mappings: readonly Mapping[];
  readonly #found = new Map<string, Mapping | undefined>();

  /** @throws RouterError 'router-config' */
  constructor(options: readonly MappingOptions[]) {
    const bySource = new Map(options.map((one) => [one.source, one]));
    this.#mappings = [...bySource.values()].map(compile);
    for (const [place, { source }] of this.#mappings.entries()) {
      if (isLiteral(source)) this.#literals.set(source, place);
      else this.#wildcards.push(place);
    }
  }

  /** Wire strings. Leaf nodes have to send what is published to them, subscribed or not. */
  get sources(): string[] {
    return this.#mappings.map(({ source }) => source);
  }

  map(subject: string): string | undefined {
    const mapping = this.#find(subject);
    if (mapping === undefined) return undefined;
    const { destinations } = mapping;
    const first = destinations[0];
    if (first?.below === 100) return first.transform.apply(subject);
    const chance = Math.floor(Math.random() * 100);
    return destinations.find(({ below }) => chance < below)?.transform.apply(subject) ?? NOWHERE;
  }

  /** The first one that matches, in the order that they were configured in. */
  #find(subject: string): Mapping | undefined {
    const found = this.#found;
    const known = found.get(subject);
    if (known !== undefined || found.has(subject)) return known;
    let place = this.#literals.get(subject) ?? Infinity;
    for (const candidate of this.#wildcards) {
      if (candidate > place) break;
      if (isSubsetOf(subject, (this.#mappings[candidate] as Mapping).source)) place = candidate;
    }
    const mapping = this.#mappings[place];
    if (found.size >= CACHE_SIZE) found.clear();
    found.set(subject, mapping);
    return mapping;
  }
}

function compile({ source, destinations }: MappingOptions): Mapping {
  try {
    return compileMapping(toWire(source), destinations);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const [only] = destinations.length === 1 ? destinations : [];
    const what = only === undefined ? `"${source}"` : `"${source}" to "${only.subject}"`;
    throw new RouterError('router-config', `Error adding mapping for ${what} : ${why}`, {
      cause: error,
    });
  }
}

function compileMapping(source: string, all: MappingOptions['destinations']): Mapping {
  if (!isValidSubject(source)) throw new RouterError('router-config', 'invalid subject');
  checkWeights(all);
  // Those of clusters are checked like the others.
  const transforms = all.map(({ subject }) => new SubjectTransform(source, toWire(subject)));
  const chosen = all.flatMap(({ cluster = '', weight }, i) =>
    cluster === '' ? [{ transform: transforms[i] as SubjectTransform, weight }] : [],
  );
  const total = chosen.reduce((sum, { weight }) => sum + weight, 0);
  // What is left over stays where it is, unless the source is a destination itself: then it is dropped.
  if (total < 100 && !all.some(({ subject }) => toWire(subject) === source)) {
    chosen.push({
      transform: new SubjectTransform(source, toDestination(source)),
      weight: 100 - total,
    });
  }
  let below = 0;
  return {
    source,
    destinations: chosen
      .sort((a, b) => a.weight - b.weight)
      .map(({ transform, weight }) => ({ transform, below: (below += weight) })),
  };
}

function checkWeights(destinations: MappingOptions['destinations']): void {
  const totals = new Map<string, number>();
  const seen = new Set<string>();
  for (const { subject, weight, cluster = '' } of destinations) {
    if (seen.has(subject)) {
      throw new RouterError('router-config', `duplicate entry for "${subject}"`);
    }
    seen.add(subject);
    if (weight > 100)
      throw new RouterError('router-config', 'individual weights need to be <= 100');
    const total = (totals.get(cluster) ?? 0) + weight;
    if (total > 100) throw new RouterError('router-config', 'total weight needs to be <= 100');
    totals.set(cluster, total);
  }
}
