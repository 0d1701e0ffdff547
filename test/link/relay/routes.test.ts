import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Row, Routes, type Vector } from '../../../main/link/relay/routes.ts';

const SEQUENCES = { sequence: 1, ceiling: () => 1_000_000 };

/** Peers that exchange vectors over queues: what is on its way arrives late, and in order. */
class Net {
  readonly nodes: Map<string, Routes>;
  readonly #edges = new Map<string, number>();
  readonly #queues = new Map<string, Vector[]>();
  readonly #told = new Map<string, string>();

  constructor(count: number) {
    const names = Array.from({ length: count }, (_, index) => `p${index}`);
    this.nodes = new Map(names.map((name) => [name, new Routes(name, SEQUENCES)]));
  }

  get names(): string[] {
    return [...this.nodes.keys()];
  }

  node(name: string): Routes {
    const node = this.nodes.get(name);
    if (node === undefined) throw new Error(`no ${name}`);
    return node;
  }

  cost(a: string, b: string): number | undefined {
    return this.#edges.get([a, b].toSorted().join(' '));
  }

  /** An edge appears or changes; undefined: it goes, with what is on its way. */
  set(a: string, b: string, cost: number | undefined): void {
    if (a === b) return;
    const name = [a, b].toSorted().join(' ');
    if (cost === undefined) this.#edges.delete(name);
    else this.#edges.set(name, cost);
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      if (cost !== undefined) {
        this.node(from).setNeighbour(to, cost);
        continue;
      }
      this.node(from).drop(to);
      this.#queues.delete(`${from} ${to}`);
      this.#told.delete(`${from} ${to}`);
    }
  }

  /** A peer tells a neighbour what it has to say, if that is new. */
  tell(from: string, to: string): boolean {
    if (this.cost(from, to) === undefined) return false;
    const vector = this.node(from).vectorFor(to);
    const text = JSON.stringify(vector);
    const name = `${from} ${to}`;
    if (this.#told.get(name) === text) return false;
    this.#told.set(name, text);
    this.#queues.set(name, [...(this.#queues.get(name) ?? []), vector]);
    return true;
  }

  deliver(from: string, to: string): boolean {
    const vector = this.#queues.get(`${from} ${to}`)?.shift();
    if (vector === undefined) return false;
    this.node(to).hear(from, vector);
    return true;
  }

  /** Until nobody has anything new to say. */
  settle(): void {
    for (let rounds = 0; rounds < 500; rounds += 1) {
      let busy = false;
      for (const from of this.names) {
        for (const to of this.names) {
          if (this.tell(from, to)) busy = true;
          while (this.deliver(from, to)) busy = true;
        }
      }
      if (!busy) return;
    }
    throw new Error('they never stop talking');
  }

  /** Who passes on from there, as each knows it now; throws for a loop and for too many. */
  walk(from: string, via: string, relays: number, to: string): string[] {
    const passed = [from];
    let [at, before, left] = [via, from, relays];
    while (at !== to) {
      if (passed.includes(at)) throw new Error(`a loop: ${[...passed, at].join(' ')} to ${to}`);
      passed.push(at);
      if (passed.length > 4) throw new Error(`too far: ${passed.join(' ')} to ${to}`);
      const next = this.node(at).next(to, left - 1, before);
      if (next === undefined) return passed;
      [at, before, left] = [next.via, at, next.relays];
    }
    return [...passed, to];
  }

  checkNoLoops(): void {
    for (const from of this.names) {
      for (const to of this.names) {
        if (from === to) continue;
        for (const { via, relays } of this.node(from).ways(to)) this.walk(from, via, relays, to);
        for (const most of [0, 1, 2, 3]) {
          const next = this.node(from).next(to, most, '');
          if (next !== undefined) this.walk(from, next.via, next.relays, to);
        }
      }
    }
  }

  /** The length of the shortest path with at most three peers in between. */
  shortest(from: string, to: string): number {
    let reached = new Map([[from, 0]]);
    for (let edges = 0; edges < 4; edges += 1) {
      const further = new Map(reached);
      for (const [at, sum] of reached) {
        for (const next of this.names) {
          const cost = this.cost(at, next);
          if (cost === undefined) continue;
          further.set(next, Math.min(further.get(next) ?? Infinity, sum + cost));
        }
      }
      reached = further;
    }
    return reached.get(to) ?? Infinity;
  }

  checkShortest(): void {
    for (const from of this.names) {
      for (const to of this.names) {
        if (from === to) continue;
        const best = this.node(from).next(to, 3, '');
        expect(best?.metric ?? Infinity, `${from} ${to}`).toBe(this.shortest(from, to));
        if (best === undefined) continue;
        const passed = this.walk(from, best.via, best.relays, to);
        expect(passed.at(-1)).toBe(to);
        const sum = passed
          .slice(1)
          .reduce((total, at, index) => total + (this.cost(passed[index] ?? '', at) ?? NaN), 0);
        expect(sum).toBe(best.metric);
        expect(passed.length - 2).toBe(best.relays);
      }
    }
  }
}

const node = fc.nat({ max: 6 }).map((index) => `p${index}`);
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('set'),
      a: node,
      b: node,
      cost: fc.integer({ min: 1, max: 50 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cut'), a: node, b: node }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('tell'), a: node, b: node }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('deliver'), a: node, b: node }) },
  { weight: 1, arbitrary: fc.constant({ do: 'settle', a: 'p0', b: 'p0' }) },
);

const RUNS = Number(process.env.RELAY_RUNS ?? 100);

test(
  'routes - no loop at any moment, and the shortest allowed paths once all is told',
  { timeout: 600_000 },
  () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 60, maxLength: 250 }), (steps) => {
        const net = new Net(7);
        for (const one of steps) {
          if (one.do === 'set' && 'cost' in one) net.set(one.a, one.b, one.cost);
          else if (one.do === 'cut') net.set(one.a, one.b, undefined);
          else if (one.do === 'tell') net.tell(one.a, one.b);
          else if (one.do === 'deliver') net.deliver(one.a, one.b);
          else net.settle();
          net.checkNoLoops();
        }
        net.settle();
        net.checkNoLoops();
        net.checkShortest();
      }),
      { numRuns: RUNS },
    );
  },
);

const vector = (rows: Row[], sequence = 1): Vector => ({ sequence, rows, asks: [] });
const rowTo = (to: string, change: Partial<Row> = {}): Row => ({
  ...{ to, sequence: 1, metric: 5, relays: 0 },
  ...change,
});

function createHearing(): Routes {
  const routes = new Routes('me', SEQUENCES);
  routes.setNeighbour('x', 10);
  return routes;
}

test('routes - a destination that is not told of any more is gone', () => {
  const routes = createHearing();
  routes.hear('x', vector([rowTo('b')]));
  expect(routes.ways('b')).toMatchObject([{ via: 'x', relays: 1, metric: 15 }]);
  expect(routes.destinations()).toEqual(['b', 'x']);
  routes.hear('x', vector([]));
  expect(routes.ways('b')).toEqual([]);
  expect(routes.next('b', 3, '')).toBeUndefined();
  routes.drop('x');
  expect(routes.destinations()).toEqual([]);
});

test('routes - a destination is not told to the neighbour that it is reached through', () => {
  const routes = createHearing();
  routes.setNeighbour('y', 20);
  routes.hear('x', vector([rowTo('b')]));
  routes.hear('y', vector([]));
  expect(routes.vectorFor('x').rows.map(({ to }) => to)).toEqual(['y']);
  expect(routes.vectorFor('y').rows.map(({ to }) => to)).toEqual(['x', 'b']);
});

test('routes - there are three in between at most', () => {
  const routes = createHearing();
  routes.hear('x', vector([rowTo('b', { relays: 2 }), rowTo('c', { relays: 3 })]));
  expect(routes.ways('b')).toMatchObject([{ via: 'x', relays: 3 }]);
  expect(routes.ways('c')).toEqual([]);
  expect(routes.next('b', 2, '')).toBeUndefined();
  // Nobody else could use it.
  routes.setNeighbour('y', 1);
  expect(routes.vectorFor('y').rows.map(({ to }) => to)).toEqual(['x']);
});

test('routes - rows that make no sense are passed over', () => {
  const routes = createHearing();
  const bad: Partial<Row>[] = [
    ...[{ metric: 0 }, { metric: -4 }, { metric: NaN }, { metric: 1e12 }, { metric: 1.5 }],
    ...[{ relays: -1 }, { relays: 0.5 }, { relays: 7 }],
    ...[{ sequence: -1 }, { sequence: 2_000_000 }, { sequence: Infinity }],
  ];
  routes.hear('x', vector(bad.map((change, index) => rowTo(`b${index}`, change))));
  expect(routes.destinations()).toEqual(['x']);
  routes.hear('stranger', vector([rowTo('b')]));
  expect(routes.destinations()).toEqual(['x']);
});

test('routes - ten thousand destinations of a neighbour are cut to what is bearable', () => {
  const routes = new Routes('me', SEQUENCES);
  const many = (of: string): Vector =>
    vector(Array.from({ length: 10_000 }, (_, index) => rowTo(`${of} ${index}`)));
  for (let index = 0; index < 20; index += 1) {
    routes.setNeighbour(`n${index}`, 1);
    routes.hear(`n${index}`, many(`n${index}`));
  }
  expect(routes.destinations().length).toBeLessThanOrEqual(256);
  expect(routes.vectorFor('n0').rows.length).toBe(64);
  // What is gone makes room.
  for (let index = 0; index < 19; index += 1) routes.drop(`n${index}`);
  routes.setNeighbour('late', 1);
  routes.hear('late', vector([rowTo('b')]));
  expect(routes.ways('b')).toMatchObject([{ via: 'late' }]);
});

test('routes - a number of this peer that somebody made up is outrun, as far as the clock allows', () => {
  const routes = createHearing();
  routes.hear('x', vector([rowTo('me', { sequence: 5_000 })]));
  expect(routes.vectorFor('x').sequence).toBe(5_001);
  routes.hear('x', { sequence: 1, rows: [], asks: [{ to: 'me', sequence: 1e15, hops: 4 }] });
  expect(routes.vectorFor('x').sequence).toBe(1_000_000);
});
