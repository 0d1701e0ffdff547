import { expect, test } from 'vitest';
import { jsonProblem } from '../../../main/router/system/json-problem.ts';

/** As nats-server answers them (system-account.nats.test.ts asks it). */
const problems: readonly (readonly [text: string, problem: string])[] = [
  ['{not json', "invalid character 'n' looking for beginning of object key string"],
  ['x', "invalid character 'x' looking for beginning of value"],
  ['{', 'unexpected end of JSON input'],
  ['{"a"', 'unexpected end of JSON input'],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b":2}', `invalid character '"' after object key:value pair`],
  ['[1 2]', "invalid character '2' after array element"],
  ['{"a":tru}', "invalid character '}' in literal true (expecting 'e')"],
  ['{"a":01}', "invalid character '1' after object key:value pair"],
  ['{"a":-}', "invalid character '}' in numeric literal"],
  ['{"a":1.}', "invalid character '}' after decimal point in numeric literal"],
  ['{"a":1e}', "invalid character '}' in exponent of numeric literal"],
  ['{"a":"\n"}', "invalid character '\\n' in string literal"],
  ['{"a":"\\x"}', "invalid character 'x' in string escape code"],
  ['{"a":"\\u12g4"}', "invalid character 'g' in \\u hexadecimal character escape"],
  ['{} {}', "invalid character '{' after top-level value"],
  ["{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ['[1,]', "invalid character ']' looking for beginning of value"],
];

test.each(problems)('%j is no JSON, in the words of Go', (text, problem) => {
  expect(() => JSON.parse(text) as unknown).toThrow();
  expect(jsonProblem(text)).toBe(problem);
});

test('deep nesting is refused without harm', () => {
  expect(jsonProblem('['.repeat(100_000))).toBe('exceeded max depth');
});
