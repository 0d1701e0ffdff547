import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  isLiteral,
  isSubsetOf,
  isValidSubject,
  matches,
} from '../../../main/router/subject/match.ts';

const token = fc.constantFrom('a', 'b', 'ab', '*', '>', '', 'a*', '>b', '\u00c3\u00a4');
const subject = fc.array(token, { minLength: 1, maxLength: 5 }).map((tokens) => tokens.join('.'));
const literal = fc
  .array(fc.constantFrom('a', 'b', 'ab'), { minLength: 1, maxLength: 5 })
  .map((t) => t.join('.'));

/** The rules token by token, the slow way. */
function slowMatches(pattern: string[], subject: string[]): boolean {
  if (subject.includes('')) return false;
  if (pattern.length === 0) return subject.length === 0;
  if (pattern[0] === '>') return pattern.length === 1 && subject.length > 0;
  if (subject.length === 0) return false;
  return (
    (pattern[0] === '*' || pattern[0] === subject[0]) &&
    slowMatches(pattern.slice(1), subject.slice(1))
  );
}

test('subjects - a pattern matches what its tokens match', () => {
  fc.assert(
    fc.property(subject, subject, (pattern, published) => {
      expect(matches(pattern, published)).toBe(
        slowMatches(pattern.split('.'), published.split('.')),
      );
    }),
    { numRuns: 2000 },
  );
});

test('subjects - what matches a subset matches the whole', () => {
  fc.assert(
    fc.property(
      subject.filter(isValidSubject),
      subject.filter(isValidSubject),
      literal,
      (narrow, wide, published) => {
        if (isSubsetOf(narrow, wide) && matches(narrow, published))
          expect(matches(wide, published)).toBe(true);
      },
    ),
    { numRuns: 2000 },
  );
});

test('subjects - a literal is a subset exactly where it matches', () => {
  fc.assert(
    fc.property(literal, subject.filter(isValidSubject), (published, pattern) => {
      expect(isSubsetOf(published, pattern)).toBe(matches(pattern, published));
    }),
    { numRuns: 2000 },
  );
});

test('subjects - a subset is what no subject contradicts', () => {
  for (const [narrow, wide, is] of [
    ['foo.*', 'foo.>', true],
    ['foo.>', 'foo.*', false],
    ['foo.>', '>', true],
    ['>', '>', true],
    ['*', '*', true],
    ['*', '>', true],
    ['*', 'a', false],
    ['a.*', 'a.b', false],
    ['a.b', 'a.*', true],
    ['a', 'a.>', false],
    ['a.b.c', 'a.*', false],
    ['a.', '>', false],
    ['', '>', false],
  ] as const) {
    expect(isSubsetOf(narrow, wide), `${narrow} in ${wide}`).toBe(is);
  }
});

test('subjects - valid is what nats-server takes in a SUB', () => {
  for (const good of [
    'a',
    'a.b',
    '*',
    '>',
    'a.*',
    'a.>',
    '*.b.>',
    'a*',
    '>b',
    'a.>b.c',
    '\u00c3\u00a4',
    '$SYS.x',
  ]) {
    expect(isValidSubject(good), good).toBe(true);
  }
  for (const bad of [
    '',
    '.',
    'a.',
    '.a',
    'a..b',
    '>.a',
    'a.>.b',
    'a b',
    'a\tb',
    ' ',
    'a.\r',
    'a.\f',
    '\n',
  ]) {
    expect(isValidSubject(bad), JSON.stringify(bad)).toBe(false);
  }
});

test('subjects - wildcards stand alone between dots', () => {
  for (const one of ['*', '>', 'a.*', '*.a', 'a.>', 'a.*.b'])
    expect(isLiteral(one), one).toBe(false);
  for (const one of ['a', 'a*', '*a', 'a.b>', '>>', 'a.**']) expect(isLiteral(one), one).toBe(true);
});
