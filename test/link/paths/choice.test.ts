import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { choosePath, costOf, inOrder, type PathFacts } from '../../../main/link/paths/choice.ts';

let id = 0;
const path = (facts: Partial<PathFacts>): PathFacts => ({
  id: ++id,
  kind: 'udp',
  reach: 'wide',
  rttMs: 20,
  loss: 0,
  live: true,
  metered: false,
  ...facts,
});

describe('path choice', () => {
  test('the LAN before the internet before a server before a contact', () => {
    const paths = [
      path({ kind: 'relay' }),
      path({ kind: 'nats' }),
      path({}),
      path({ reach: 'lan', rttMs: 1 }),
    ];
    expect(inOrder(paths).map(({ kind, reach }) => [kind, reach])).toEqual([
      ['udp', 'lan'],
      ['udp', 'wide'],
      ['nats', 'wide'],
      ['relay', 'wide'],
    ]);
  });

  test('unless measured otherwise', () => {
    const slow = path({ rttMs: 300 });
    const lossy = path({ rttMs: 5, loss: 0.1 });
    const server = path({ kind: 'nats', rttMs: 15 });
    expect(choosePath([slow, server], slow.id)).toEqual({ id: server.id, atOnce: false });
    expect(choosePath([lossy, server], lossy.id)).toEqual({ id: server.id, atOnce: false });
    expect(choosePath([path({ rttMs: 40 }), server], server.id)).toBeUndefined();
  });

  test('one that is dead is left at once, and never taken while another lives', () => {
    const dead = path({ live: false, rttMs: 1 });
    const server = path({ kind: 'nats', rttMs: 200 });
    expect(choosePath([dead, server], dead.id)).toEqual({ id: server.id, atOnce: true });
    expect(choosePath([dead, server], server.id)).toBeUndefined();
    expect(choosePath([dead, path({ live: false })], dead.id)).toBeUndefined();
    expect(choosePath([dead], undefined)).toEqual({ id: dead.id, atOnce: true });
    expect(choosePath([], undefined)).toBeUndefined();
  });

  test('what is paid for is the last resort but one', () => {
    const metered = path({ metered: true, rttMs: 5 });
    const relay = path({ kind: 'relay', rttMs: 100 });
    expect(inOrder([metered, relay])[0]).toBe(relay);
  });

  const anyPath = fc.record({
    kind: fc.constantFrom('udp', 'nats', 'relay' as const),
    reach: fc.constantFrom('lan', 'wide' as const),
    rttMs: fc.double({ min: 0.01, max: 2_000, noNaN: true }),
    loss: fc.double({ min: 0, max: 1, noNaN: true }),
    live: fc.boolean(),
    metered: fc.boolean(),
  }) as fc.Arbitrary<Omit<PathFacts, 'id'>>;

  test('it comes to rest: after a change nothing better is seen in the same facts', () => {
    fc.assert(
      fc.property(fc.array(anyPath, { minLength: 1, maxLength: 8 }), fc.nat(), (list, at) => {
        const paths = list.map((facts, index) => ({ ...facts, id: index }));
        const first = choosePath(paths, at % paths.length);
        if (first === undefined) return;
        expect(choosePath(paths, first.id)).toBeUndefined();
      }),
    );
  });

  test('small changes of a round trip move nothing', () => {
    fc.assert(
      fc.property(anyPath, fc.double({ min: 0.8, max: 1.25, noNaN: true }), (facts, factor) => {
        const one = { ...facts, live: true, id: 1 };
        const other = { ...one, id: 2, rttMs: one.rttMs * factor };
        if (costOf(one) * 0.75 - 5 <= costOf(other)) {
          expect(choosePath([one, other], 1)).toBeUndefined();
        }
      }),
    );
  });
});
