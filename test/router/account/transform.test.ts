import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RouterError } from '../../../main/router/errors.ts';
import { intersection } from '../../../main/router/subject/intersection.ts';
import { isSubsetOf, matches } from '../../../main/router/subject/match.ts';
import {
  SubjectTransform,
  toDestination,
  toPattern,
} from '../../../main/router/subject/transform.ts';
import { toWire } from '../../../main/router/subject/wire.ts';

/** source, destination, what is published, what it becomes: as nats-server 2.10 does it. */
const transformed: readonly (readonly [string, string, string, string])[] = [
  ['foo', 'bar', 'foo', 'bar'],
  ['foo.*', 'bar.$1', 'foo.x', 'bar.x'],
  ['foo.*.*', 'bar.$2.$1', 'foo.x.y', 'bar.y.x'],
  ['foo.*.*', 'bar.{{wildcard(2)}}.{{wildcard(1)}}', 'foo.x.y', 'bar.y.x'],
  ['foo.*.*', 'bar.{{ Wildcard( 2 ) }}', 'foo.x.y', 'bar.y'],
  ['foo.>', 'bar.>', 'foo.x.y', 'bar.x.y'],
  ['foo.*.>', 'bar.$1.baz.>', 'foo.x.y.z', 'bar.x.baz.y.z'],
  ['>', 'all.>', 'a.b', 'all.a.b'],
  ['foo.*', '$JS.$1', 'foo.x', '$JS.x'],
  ['foo.*', 'bar.{{partition(10,1)}}', 'foo.bar', 'bar.2'],
  ['foo.*.*', 'bar.{{partition(10, 1, 2)}}', 'foo.bar.baz', 'bar.9'],
  ['foo.*', '{{split(1,-)}}', 'foo.-abc-def--ghij-', 'abc.def.ghij'],
  ['foo.*', '{{split(1,-)}}.end', 'foo.abc', 'abc.end'],
  ['foo.*', '{{SplitFromLeft(1,3)}}', 'foo.12345', '123.45'],
  ['foo.*', '{{splitfromleft(1,5)}}', 'foo.12345', '12345'],
  ['foo.*', '{{SplitFromRight(1,3)}}', 'foo.12345', '12.345'],
  ['foo.*', '{{SliceFromLeft(1,3)}}', 'foo.1234567890', '123.456.789.0'],
  ['foo.*', '{{SliceFromRight(1,3)}}', 'foo.1234567890', '1.234.567.890'],
  ['foo.*', '{{sliceFromLeft(1,2)}}', 'foo.1234', '12.34'],
  ['foo.*', '{{left(1,3)}}', 'foo.12345', '123'],
  ['foo.*', '{{right(1,3)}}', 'foo.12345', '345'],
  ['foo.*', '{{left(1,9)}}', 'foo.12345', '12345'],
  ['foo.*', '{{left(1,0)}}', 'foo.12345', '12345'],
];

for (const [source, destination, subject, result] of transformed) {
  test(`subject transform - ${subject} by ${source} to ${destination}`, () => {
    expect(new SubjectTransform(source, destination).apply(subject)).toBe(result);
  });
}

test('subject transform - sizes and hashes count bytes', () => {
  const subject = toWire('foo.ämß');
  expect(new SubjectTransform('foo.*', '{{left(1,2)}}').apply(subject)).toBe(toWire('ä'));
});

test('subject transform - random numbers are below their bound', () => {
  const transform = new SubjectTransform('foo.*', 'bar.{{random(3)}}.$1');
  const results = new Set(Array.from({ length: 200 }, () => transform.apply('foo.x')));
  expect([...results].sort()).toEqual(['bar.0.x', 'bar.1.x', 'bar.2.x']);
});

const range = 'invalid mapping destination: wildcard index out of range in ';
const refused: readonly (readonly [string, string, string])[] = [
  ['foo..bar', 'x', 'invalid subject'],
  ['foo', 'bar.*', 'invalid subject'],
  ['foo.*', 'bar.*', 'invalid subject'],
  ['foo.>', 'bar', 'invalid subject'],
  ['foo', 'bar.>', 'invalid subject'],
  ['>.foo', 'bar', 'invalid subject'],
  ['foo.*', 'bar.$2', `${range}$2: [2]`],
  ['foo', 'bar.$1', `${range}$1`],
  ['foo.>', 'bar.$1.>', `${range}$1`],
  [
    'foo.*',
    '{{wildcard()}}',
    'invalid mapping destination: not enough arguments passed to the function in {{wildcard()}}',
  ],
  [
    'foo.*',
    '{{wildcard(1,2)}}',
    'invalid mapping destination: too many arguments passed to the function in {{wildcard(1,2)}}',
  ],
  [
    'foo.*',
    '{{wildcard(x)}}',
    'invalid mapping destination: function argument is invalid or in the wrong format in {{wildcard(x)}}',
  ],
  [
    'foo.*',
    '{{partition(10)}}',
    'invalid mapping destination: not enough arguments passed to the function in {{partition(10)}}',
  ],
  [
    'foo.*',
    '{{split(1)}}',
    'invalid mapping destination: not enough arguments passed to the function in {{split(1)}}',
  ],
  [
    'foo.*',
    '{{split(1,a,b)}}',
    'invalid mapping destination: too many arguments passed to the function in {{split(1,a,b)}}',
  ],
  [
    'foo.*',
    '{{split(1, - )}}',
    'invalid mapping destination: function argument is invalid or in the wrong format in {{split(1, - )}}',
  ],
  [
    'foo.*',
    '{{left(1)}}',
    'invalid mapping destination: not enough arguments passed to the function in {{left(1)}}',
  ],
  ['foo.*', '{{unknown(1)}}', 'invalid mapping destination: unknown function in {{unknown(1)}}'],
  ['foo.*', '{{foo}}', 'invalid mapping destination: unknown function in {{foo}}'],
];

for (const [source, destination, message] of refused) {
  test(`subject transform - refuses ${destination} for ${source}`, () => {
    expect(() => new SubjectTransform(source, destination)).toThrow(
      expect.objectContaining({ code: 'router-config', message }),
    );
  });
}

test('subject transform - one that is turned round uses all wildcards, and nothing else', () => {
  const make = (to: string) => new SubjectTransform('foo.*.*', to, { reversible: true });
  expect(() => make('bar.$1')).toThrow('not using all of the token wildcard(s) in bar.$1');
  expect(() => make('bar.$1.{{left(2,1)}}')).toThrow(RouterError);
  expect(make('bar.$2.{{wildcard(1)}}').reverse().apply('bar.a.b')).toBe('foo.b.a');
});

test('subject transform - patterns become destinations and back', () => {
  expect(toDestination('a.*.b.*.>')).toBe('a.$1.b.$2.>');
  expect(toPattern('a.$2.{{wildcard(1)}}.>')).toBe('a.*.*.>');
});

const word = fc.stringMatching(/^[a-z0-9_-]{1,6}$/);
const patternTokens = fc.array(fc.oneof(word, fc.constant('*')), { minLength: 1, maxLength: 6 });
const pattern = fc
  .tuple(patternTokens, fc.boolean())
  .map(([tokens, open]) => [...tokens, ...(open ? ['>'] : [])].join('.'));

/** A pattern, one that has the same wildcards in another order and place, and a subject of the first. */
const pair = patternTokens.chain((tokens) => {
  const wildcards = tokens.filter((token) => token === '*').length;
  const marks = Array.from({ length: wildcards }, (_, i) => `$${String(i + 1)}`);
  return fc.record({
    source: fc.constant(tokens.join('.')),
    destination: fc
      .tuple(
        fc.shuffledSubarray(marks, { minLength: wildcards, maxLength: wildcards }),
        fc.array(word, { minLength: 1, maxLength: 3 }),
      )
      .map(([shuffled, words]) => [...words, ...shuffled].join('.')),
    subject: fc
      .array(word, { minLength: tokens.length, maxLength: tokens.length })
      .map((words) => tokens.map((token, i) => (token === '*' ? words[i] : token)).join('.')),
  });
});

test('subject transform - the way back leads back', () => {
  fc.assert(
    fc.property(pair, ({ source, destination, subject }) => {
      const there = new SubjectTransform(source, destination, { reversible: true });
      const back = there.reverse();
      expect(matches(toPattern(destination), there.apply(subject))).toBe(true);
      expect(back.apply(there.apply(subject))).toBe(subject);
      expect(back.reverse().apply(subject)).toBe(there.apply(subject));
    }),
  );
});

test('intersection - a subject matches both patterns when it matches their intersection', () => {
  const subject = fc.array(word, { minLength: 1, maxLength: 7 }).map((tokens) => tokens.join('.'));
  const narrow = (of: string, by: string): string =>
    of
      .split('.')
      .map((token, i) => (token === '*' ? (by.split('.')[i] ?? 'x') : token))
      .join('.')
      .replace('>', 'end');
  fc.assert(
    fc.property(pattern, pattern, subject, (a, b, words) => {
      const common = intersection(a, b);
      for (const one of [words, narrow(a, words), narrow(b, words), narrow(common ?? a, words)]) {
        const both = matches(a, one) && matches(b, one);
        expect(common !== undefined && matches(common, one)).toBe(both);
      }
      if (common !== undefined) {
        expect(isSubsetOf(common, a)).toBe(true);
        expect(isSubsetOf(common, b)).toBe(true);
      }
      expect(intersection(b, a)).toBe(common);
    }),
  );
});
