/**
 * Why a text is no JSON, in the words of Go's decoder, which askers know from nats-server. The text has been
 * refused by JSON.parse before; here it is only found out where it goes wrong.
 */

class Problem extends Error {}

/** Deeper nesting is refused by Go too. */
const MAX_DEPTH = 10_000;

export function jsonProblem(text: string): string {
  try {
    const at = value(text, space(text, 0), 'looking for beginning of value', 0);
    const rest = space(text, at);
    if (rest < text.length) invalid(text, rest, 'after top-level value');
  } catch (problem) {
    if (problem instanceof Problem) return problem.message;
    if (!(problem instanceof RangeError)) throw problem;
    return 'exceeded max depth';
  }
  return 'unexpected end of JSON input';
}

function space(text: string, at: number): number {
  let i = at;
  while (i < text.length && ' \t\r\n'.includes(text.charAt(i))) i++;
  return i;
}

/** @returns where it ends */
function value(text: string, at: number, context: string, depth: number): number {
  if (depth > MAX_DEPTH) throw new Problem('exceeded max depth');
  const char = text.charAt(at);
  if (char === '{') return object(text, at + 1, depth);
  if (char === '[') return array(text, at + 1, depth);
  if (char === '"') return string(text, at + 1);
  if (char === '-' || isDigit(char)) return number(text, at);
  for (const word of ['true', 'false', 'null']) {
    if (char !== '' && word.startsWith(char)) return literal(text, at, word);
  }
  return invalid(text, at, context);
}

function object(text: string, start: number, depth: number): number {
  let at = space(text, start);
  if (text.charAt(at) === '}') return at + 1;
  for (;;) {
    if (text.charAt(at) !== '"') invalid(text, at, 'looking for beginning of object key string');
    at = space(text, string(text, at + 1));
    if (text.charAt(at) !== ':') invalid(text, at, 'after object key');
    at = value(text, space(text, at + 1), 'looking for beginning of value', depth + 1);
    at = space(text, at);
    if (text.charAt(at) === '}') return at + 1;
    if (text.charAt(at) !== ',') invalid(text, at, 'after object key:value pair');
    at = space(text, at + 1);
  }
}

function array(text: string, start: number, depth: number): number {
  let at = space(text, start);
  if (text.charAt(at) === ']') return at + 1;
  for (;;) {
    at = space(text, value(text, at, 'looking for beginning of value', depth + 1));
    if (text.charAt(at) === ']') return at + 1;
    if (text.charAt(at) !== ',') invalid(text, at, 'after array element');
    at = space(text, at + 1);
  }
}

function string(text: string, start: number): number {
  for (let at = start; ; at++) {
    const char = text.charAt(at);
    if (char === '"') return at + 1;
    if (char === '' || char < ' ') invalid(text, at, 'in string literal');
    if (char !== '\\') continue;
    at++;
    if (text.charAt(at) === 'u') {
      for (let digit = 0; digit < 4; digit++) {
        at++;
        if (!/[0-9a-fA-F]/.test(text.charAt(at)))
          invalid(text, at, 'in \\u hexadecimal character escape');
      }
    } else if (text.charAt(at) === '' || !'"\\/bfnrt'.includes(text.charAt(at))) {
      invalid(text, at, 'in string escape code');
    }
  }
}

function number(text: string, start: number): number {
  let at = start;
  if (text.charAt(at) === '-') at++;
  if (!isDigit(text.charAt(at))) invalid(text, at, 'in numeric literal');
  at = text.charAt(at) === '0' ? at + 1 : digits(text, at);
  if (text.charAt(at) === '.') {
    at++;
    if (!isDigit(text.charAt(at))) invalid(text, at, 'after decimal point in numeric literal');
    at = digits(text, at);
  }
  if (/[eE]/.test(text.charAt(at))) {
    at++;
    if (/[+-]/.test(text.charAt(at))) at++;
    if (!isDigit(text.charAt(at))) invalid(text, at, 'in exponent of numeric literal');
    at = digits(text, at);
  }
  return at;
}

function literal(text: string, start: number, word: string): number {
  for (let i = 1; i < word.length; i++) {
    if (text.charAt(start + i) !== word.charAt(i))
      invalid(text, start + i, `in literal ${word} (expecting '${word.charAt(i)}')`);
  }
  return start + word.length;
}

function digits(text: string, start: number): number {
  let at = start;
  while (isDigit(text.charAt(at))) at++;
  return at;
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9';
}

function invalid(text: string, at: number, context: string): never {
  const char = text.charAt(at);
  if (char === '') throw new Problem('unexpected end of JSON input');
  throw new Problem(`invalid character ${quoted(char)} ${context}`);
}

function quoted(char: string): string {
  if (char === "'") return `'\\''`;
  if (char === '"') return `'"'`;
  const code = char.charCodeAt(0);
  const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  if (code < 32) return `'${short[char] ?? `\\x${code.toString(16).padStart(2, '0')}`}'`;
  return `'${char === '\\' ? '\\\\' : char}'`;
}
