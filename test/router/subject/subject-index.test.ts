import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Connection } from '../../../main/router/connection/connection.ts';
import { Message } from '../../../main/router/connection/message.ts';
import { Subscription } from '../../../main/router/connection/subscription.ts';
import { LastLine } from '../../../main/router/protocol/last-line.ts';
import { matches } from '../../../main/router/subject/match.ts';
import { SubjectIndex } from '../../../main/router/subject/subject-index.ts';

const connection: Connection = { id: 1, isLeaf: false, account: undefined, deliver: () => true };

function subscribe(index: SubjectIndex, subject: string, queue?: string): Subscription | undefined {
  const subscription = new Subscription(connection, subject, queue, '1');
  return index.add(subscription) ? subscription : undefined;
}

/**
 * Everyone that a subject is for, by way of the message that the parser fills.
 *
 * @param line that it is published with, again and again
 */
function matched(index: SubjectIndex, subject: string, line?: LastLine): Subscription[] {
  const message = new Message();
  message.setSubject(subject);
  message.repeated = line;
  const { plain, groups } = index.match(message);
  return [...plain, ...groups.flatMap(({ local }) => local)];
}

const part = fc.constantFrom('a', 'b', 'c', '*');
const pattern = fc
  .tuple(fc.array(part, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([tokens, rest]) => [...tokens, ...(rest ? ['>'] : [])].join('.'));
const literal = fc
  .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 5 })
  .map((tokens) => tokens.join('.'));

describe('subject index', () => {
  test('answers as a list of all subscriptions does, whatever comes and goes', () => {
    const action = fc.oneof(
      fc.record({ add: pattern, queue: fc.option(fc.constantFrom('q', 'r'), { nil: undefined }) }),
      fc.record({ remove: fc.nat(30) }),
      fc.record({ publish: literal }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const index = new SubjectIndex();
        const list: Subscription[] = [];
        const lines = new Map<string, LastLine>();
        for (const one of actions) {
          if ('add' in one) {
            const added = subscribe(index, one.add, one.queue);
            if (added !== undefined) list.push(added);
          } else if ('remove' in one) {
            const [gone] = list.splice(one.remove % Math.max(list.length, 1), 1);
            if (gone !== undefined) expect(index.remove(gone)).toBe(true);
          } else {
            const expected = list.filter(({ subject }) => matches(subject, one.publish));
            const line = lines.get(one.publish) ?? new LastLine();
            lines.set(one.publish, line);
            expect(new Set(matched(index, one.publish, line))).toEqual(new Set(expected));
          }
          expect(index.size).toBe(list.length);
        }
        expect(new Set(index.all())).toEqual(new Set(list));
      }),
      { numRuns: 500 },
    );
  });

  test.each(['', '.', 'a.', '.a', 'a..b', '>.a', 'a.>.b'])(
    '"%s" cannot be subscribed to',
    (subject) => {
      const index = new SubjectIndex();
      expect(subscribe(index, subject)).toBeUndefined();
      expect(index.size).toBe(0);
    },
  );

  test('wildcards within a token are ordinary characters', () => {
    const index = new SubjectIndex();
    subscribe(index, 'a*.>b');
    expect(matched(index, 'ax.xb')).toEqual([]);
    expect(matched(index, 'a*.>b')).toHaveLength(1);
  });

  test('a published subject with an empty token is for nobody', () => {
    const index = new SubjectIndex();
    subscribe(index, '>');
    for (const subject of ['a..b', '.a', 'a.', '.']) expect(matched(index, subject)).toEqual([]);
  });

  test('an answer that was kept is forgotten when it changes', () => {
    const index = new SubjectIndex();
    expect(matched(index, 'a.b')).toEqual([]);
    const literalOne = subscribe(index, 'a.b') as Subscription;
    expect(matched(index, 'a.b')).toEqual([literalOne]);
    const wildcard = subscribe(index, 'a.*') as Subscription;
    expect(new Set(matched(index, 'a.b'))).toEqual(new Set([literalOne, wildcard]));
    index.remove(literalOne);
    expect(matched(index, 'a.b')).toEqual([wildcard]);
    index.remove(wildcard);
    expect(matched(index, 'a.b')).toEqual([]);
  });

  test('more subjects than it keeps answers for are all found', () => {
    const index = new SubjectIndex();
    const subscriptions = Array.from(
      { length: 50_000 },
      (_, n) => subscribe(index, `subject.${String(n)}`) as Subscription,
    );
    for (let round = 0; round < 2; round++) {
      for (const subscription of subscriptions) {
        expect(matched(index, subscription.subject)[0]).toBe(subscription);
      }
    }
    for (const subscription of subscriptions) index.remove(subscription);
    expect(index.size).toBe(0);
    expect(matched(index, 'subject.7')).toEqual([]);
  });

  test('a hundred thousand subscriptions to one subject leave as fast as they came', () => {
    const index = new SubjectIndex();
    const all = Array.from({ length: 100_000 }, () => subscribe(index, 'one') as Subscription);
    for (const subscription of all) expect(index.remove(subscription)).toBe(true);
    expect(index.remove(all[0] as Subscription)).toBe(false);
    expect(index.size).toBe(0);
  });
});
