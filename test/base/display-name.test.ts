import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanName, MAX_NAME_LENGTH } from '../../main/base/display-name.ts';

test('display name - what people write stays as it is', () => {
  for (const name of ['Ada', 'Ada’s laptop', '愛の島', 'می‌خواهم', '👩‍👩‍👧 home', 'Ångström']) {
    expect(cleanName(name)).toBe(name.normalize('NFC'));
  }
});

test('display name - controls, line breaks and runs of space become one space', () => {
  expect(cleanName('  Ada\r\n\tLovelace\u0000\u0007\u2028  x ')).toBe('Ada Lovelace x');
});

test('display name - what reorders or hides text goes', () => {
  expect(cleanName('Ada\u202Egnp.exe\u202C')).toBe('Adagnp.exe');
  expect(cleanName('A\u200Bd\uFEFFa\u2066!\u2069\u{E0041}')).toBe('Ada!');
  expect(cleanName('\uD800Ada\uDC00')).toBe('Ada');
  expect(cleanName('\u202E\u200B \n')).toBe('');
});

test('display name - is Unicode NFC', () => {
  expect(cleanName('e\u0301')).toBe('\u00e9');
});

/** Any UTF-16 unit, often one of those that mean something: lone and paired surrogates, marks, bidi, space. */
const anyUnit = fc.oneof(
  fc.nat(0xffff).map((code) => String.fromCharCode(code)),
  fc.constantFrom(
    'a',
    ' ',
    '\u0301',
    '\u202E',
    '\u200D',
    '\uD83D',
    '\uDC69',
    '👩',
    '\u0000',
    '\uFB2C',
  ),
);

test('display name - any text becomes a bounded, clean name, and cleaning it again changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyUnit, maxLength: 300 }), (text) => {
      const name = cleanName(text);
      expect(name.length).toBeLessThanOrEqual(MAX_NAME_LENGTH);
      expect(name.isWellFormed()).toBe(true);
      expect(name).toBe(name.trim().normalize('NFC'));
      expect(name).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/u);
      expect(cleanName(name)).toBe(name);
    }),
    { numRuns: 1_000 },
  );
});

test('display name - a long one is cut between characters, and a huge one costs nothing', () => {
  expect(cleanName('👩'.repeat(100))).toBe('👩'.repeat(32));
  expect(cleanName(`x${'👩'.repeat(100)}`)).toBe(`x${'👩'.repeat(31)}`);
  expect(cleanName('a'.repeat(10_000_000))).toHaveLength(MAX_NAME_LENGTH);
});
