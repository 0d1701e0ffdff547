import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AnyEvent } from '../../main/api/contract.ts';
import { EventCoalescer } from '../../main/api/event-coalescer.ts';
import { EVENT_INTERVAL_MS, MAX_WAITING_EVENTS } from '../../main/api/limits.ts';
import { doneOf, notice, progress } from './support/events.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A coalescer whose transport takes `room` events and is congested then. */
function start(room = Infinity) {
  const sent: AnyEvent[] = [];
  const transport = { room, overflows: 0 };
  const coalescer = new EventCoalescer({
    send: (event) => sent.push(event) < transport.room,
    onOverflow: () => (transport.overflows += 1),
  });
  return { coalescer, transport, sent, done: () => sent.map(doneOf) };
}

describe('event coalescer', () => {
  test('the first goes at once, then the newest at the end of the interval', () => {
    const { coalescer, done } = start();
    for (let value = 1; value <= 50; value += 1) coalescer.push(progress('t', value));
    expect(done()).toEqual([1]);
    vi.advanceTimersByTime(EVENT_INTERVAL_MS);
    expect(done()).toEqual([1, 50]);
    vi.advanceTimersByTime(10 * EVENT_INTERVAL_MS);
    coalescer.push(progress('t', 51));
    expect(done()).toEqual([1, 50, 51]);
  });

  test('a subject gets at most ten a second, others are not held up by it', () => {
    const { coalescer, sent } = start();
    for (let ms = 0; ms < 1000; ms += 1) {
      coalescer.push(progress('busy', ms));
      if (ms === 500) coalescer.push(progress('quiet', 1));
      vi.advanceTimersByTime(1);
    }
    expect(sent.filter((event) => event.subject === 'busy').length).toBeLessThanOrEqual(11);
    expect(sent.filter((event) => event.subject === 'quiet')).toHaveLength(1);
  });

  test('the same subject of two kinds of events is two subjects', () => {
    const { coalescer, sent } = start();
    coalescer.push(progress('x', 1));
    coalescer.push({ event: 'share', subject: 'x', data: null });
    expect(sent).toHaveLength(2);
  });

  test('an end is sent after the value that waits, and replaces it', () => {
    const { coalescer, done } = start();
    coalescer.push(progress('t', 1));
    coalescer.push(progress('t', 2));
    coalescer.push(progress('t', null));
    vi.advanceTimersByTime(EVENT_INTERVAL_MS);
    expect(done()).toEqual([1, null]);
  });

  test('an end is not lost when the subject comes back within the interval', () => {
    const { coalescer, done } = start();
    coalescer.push(progress('t', 1));
    coalescer.push(progress('t', null));
    coalescer.push(progress('t', 2));
    coalescer.push(progress('t', 3));
    vi.advanceTimersByTime(EVENT_INTERVAL_MS);
    expect(done()).toEqual([1, null]);
    vi.advanceTimersByTime(EVENT_INTERVAL_MS);
    expect(done()).toEqual([1, null, 3]);
  });

  test('notices are never merged and keep their order, also when the transport is congested', () => {
    const { coalescer, transport, sent } = start(2);
    const all = ['a', 'b', 'c', 'd', 'e'].map(notice);
    for (const each of all) coalescer.push(each);
    expect(sent).toEqual(all.slice(0, 2));
    transport.room = Infinity;
    coalescer.drained();
    expect(sent).toEqual(all);
  });

  test('a congested transport gets the newest of each subject when it drains, and nothing before', () => {
    const { coalescer, transport, done } = start(1);
    for (let value = 1; value <= 1000; value += 1) {
      coalescer.push(progress(`t${value % 10}`, value));
      vi.advanceTimersByTime(1);
    }
    expect(done()).toEqual([1]);
    transport.room = Infinity;
    vi.advanceTimersByTime(EVENT_INTERVAL_MS);
    coalescer.drained();
    expect(done().slice(1).sort()).toEqual([...Array(10).keys()].map((i) => 991 + i).sort());
  });

  test('too many waiting subjects or notices end the connection once', () => {
    for (const make of [(i: number) => progress(`t${i}`, i), (i: number) => notice(`n${i}`)]) {
      const { coalescer, transport, sent } = start(1);
      for (let i = 0; i < MAX_WAITING_EVENTS + 100; i += 1) coalescer.push(make(i));
      expect(transport.overflows).toBe(1);
      expect(sent).toHaveLength(1);
    }
  });

  test('close leaves no timer behind', () => {
    const { coalescer } = start();
    coalescer.push(progress('t', 1));
    coalescer.push(progress('t', 2));
    expect(vi.getTimerCount()).toBe(1);
    coalescer.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('an idle coalescer holds neither timer nor memory of its subjects', () => {
    const { coalescer } = start();
    for (let i = 0; i < 100; i += 1) coalescer.push(progress(`t${i}`, 1));
    vi.advanceTimersByTime(2 * EVENT_INTERVAL_MS);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('whatever happens, each subject ends in its last state, in order, with no end lost', () => {
    const step = fc.oneof(
      fc.record({ subject: fc.constantFrom('a', 'b', 'c'), gone: fc.boolean() }),
      fc.record({ wait: fc.integer({ min: 1, max: 150 }) }),
      fc.record({ congest: fc.boolean() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { coalescer, transport, sent } = start();
        const pushed: AnyEvent[] = [];
        for (const [index, one] of steps.entries()) {
          if ('wait' in one) vi.advanceTimersByTime(one.wait);
          else if ('congest' in one) {
            transport.room = one.congest ? 0 : Infinity;
            if (!one.congest) coalescer.drained();
          } else {
            const event = progress(one.subject, one.gone ? null : index);
            pushed.push(event);
            coalescer.push(event);
          }
        }
        transport.room = Infinity;
        coalescer.drained();
        vi.advanceTimersByTime(5 * EVENT_INTERVAL_MS);
        for (const subject of ['a', 'b', 'c']) {
          const said = pushed.filter((event) => event.subject === subject);
          const heard = sent.filter((event) => event.subject === subject);
          expect(heard.at(-1)).toBe(said.at(-1));
          // What was heard is a part of what was said, in its order.
          const places = heard.map((event) => said.indexOf(event));
          expect(places).toEqual([...places].sort((x, y) => x - y));
          // A value that was heard and then ended is heard to have ended before the next value.
          for (const [i, event] of heard.entries()) {
            const from = places[i] ?? 0;
            const until = places[i + 1] ?? said.length;
            const endedBetween = said.slice(from + 1, until).some(({ data }) => data === null);
            if (event.data !== null && i + 1 < heard.length && heard[i + 1]?.data !== null) {
              expect(endedBetween).toBe(false);
            }
          }
        }
        coalescer.close();
      }),
      { numRuns: 300 },
    );
  });
});
