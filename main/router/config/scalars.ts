import { decode, type Source } from './source.ts';
import type { ConfigValue } from './tree.ts';

const DATE = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/y;
const DATE_BEGUN = /\d+-/y;
/** Two points make an address of what began as a number: `127.0.0.1:4222`. */
const ADDRESS = /\d+\.\d+\.[\d.:-]*/y;
const FLOAT = /-?\d+\.\d+/y;
const POINT = /-?\d+\./y;
const NEGATIVE = /-\d+([kmgtpe][bi]*)?/iy;
/** Anything else behind the digits makes a string of it: `2s`, `4222a`. */
const INTEGER = /\d+([kmgtpe][bi]*)?(?=[\s};,\]]|$)/iy;
const PLAIN = /[^\n\r;,\]} \t\\']*/y;
const QUOTED = /[^"\\]*/y;
const HEX = /x([0-9a-fA-F]{2})/y;

const ESCAPES: Readonly<Record<string, string>> = {
  t: '\t',
  n: '\n',
  r: '\r',
  '"': '"',
  '\\': '\\',
};
const BOOLEANS = new Map([
  ['true', true],
  ['yes', true],
  ['on', true],
  ['false', false],
  ['no', false],
  ['off', false],
]);

const POWERS = 'kmgtpe';
const MAX_INT64 = 2n ** 63n - 1n;

/** A reference to a variable, to be looked up by the parser. */
export interface VariableReference {
  readonly kind: 'variable';
  readonly name: string;
}

/** A value that begins with a digit or a minus. */
export function readNumber(source: Source): ConfigValue {
  const start = source.pos;
  const date = source.take(DATE);
  if (date !== undefined) return dateOf(source, date[0], start);
  if (source.take(DATE_BEGUN) !== undefined) {
    throw source.problem('a date is written in full, as in 2026-01-31T12:00:00Z', start);
  }
  const address = source.take(ADDRESS);
  if (address !== undefined) return { kind: 'string', value: address[0] };
  const float = source.take(FLOAT);
  if (float !== undefined) return { kind: 'float', value: Number(float[0]) };
  if (source.take(POINT) !== undefined) {
    throw source.problem(`expected a digit after the point, found ${source.found()}`);
  }
  const integer = source.take(source.peek() === '-' ? NEGATIVE : INTEGER);
  if (integer !== undefined) return integerOf(source, integer[0], integer[1], start);
  if (source.peek() === '-') {
    source.pos += 1;
    throw source.problem(`expected a digit after the minus, found ${source.found()}`);
  }
  // Not a number after all; a bare `$` or a boolean cannot begin with a digit.
  return readPlain(source) as ConfigValue;
}

function dateOf(source: Source, text: string, start: number): ConfigValue {
  const value = new Date(text);
  // Date rolls 31 February over into March.
  if (Number.isNaN(value.getTime()) || value.toISOString().slice(0, 19) !== text.slice(0, 19)) {
    throw source.problem(`${text} is no date`, start);
  }
  return { kind: 'date', value };
}

/** `k m g t p e` are powers of 1000, with `b`, `i` or `ib` behind them powers of 1024. */
function integerOf(
  source: Source,
  text: string,
  suffix: string | undefined,
  start: number,
): ConfigValue {
  const unit = suffix?.toLowerCase() ?? '';
  if (unit.length > 1 && !['b', 'i', 'ib'].includes(unit.slice(1))) {
    throw source.problem(`unknown unit "${suffix}"`, start);
  }
  const digits = BigInt(text.slice(0, text.length - unit.length));
  const power = unit === '' ? 0 : POWERS.indexOf(unit.charAt(0)) + 1;
  const value = digits * BigInt(unit.length > 1 ? 1024 : 1000) ** BigInt(power);
  if (value > MAX_INT64 || value < -MAX_INT64 - 1n) {
    throw source.problem(`integer ${text.slice(0, 40)} is out of range`, start);
  }
  return { kind: 'integer', value: Number(value) };
}

/** `'…'`: nothing in it means anything. The cursor stands behind the opening quote. */
export function readRaw(source: Source): ConfigValue {
  const start = source.pos;
  const end = source.text.indexOf("'", start);
  if (end === -1) throw source.problem("this string has no closing '", start - 1);
  source.pos = end + 1;
  return { kind: 'string', value: decode(source.text.slice(start, end)) };
}

/** `"…"` with escapes. The cursor stands behind the opening quote. */
export function readQuoted(source: Source): ConfigValue {
  const start = source.pos;
  const parts: string[] = [];
  for (;;) {
    parts.push(source.take(QUOTED)?.[0] ?? '');
    if (source.atEnd) throw source.problem('this string has no closing "', start - 1);
    const isEnd = source.peek() === '"';
    source.pos += 1;
    if (isEnd) return { kind: 'string', value: decode(parts.join('')) };
    parts.push(escaped(source));
  }
}

/** A word without quotes: a string, a boolean, or a variable. A single quote ends it too. */
export function readPlain(source: Source): ConfigValue | VariableReference {
  const parts: string[] = [];
  let hasEscape = false;
  for (;;) {
    parts.push(source.take(PLAIN)?.[0] ?? '');
    if (source.peek() !== '\\') break;
    source.pos += 1;
    hasEscape = true;
    parts.push(escaped(source));
  }
  const text = parts.join('');
  if (source.peek() === "'") {
    source.pos += 1;
    return { kind: 'string', value: decode(text) };
  }
  if (hasEscape) return { kind: 'string', value: decode(text) };
  const boolean = BOOLEANS.get(text.toLowerCase());
  if (boolean !== undefined) return { kind: 'boolean', value: boolean };
  // A bcrypt hash needs no quotes, though it begins as a variable does.
  if (text.startsWith('$') && !text.startsWith('$2a$')) {
    return { kind: 'variable', name: decode(text.slice(1)) };
  }
  return { kind: 'string', value: decode(text) };
}

/** `(`, then text up to a `)` alone on its line. The cursor stands behind the parenthesis. */
export function readBlock(source: Source): ConfigValue {
  const end = /\n\)(?=\r?\n|$)/g;
  end.lastIndex = source.pos;
  const match = end.exec(source.text);
  if (match === null) throw source.problem("this block has no ')' on a line of its own");
  const value = decode(source.text.slice(source.pos, match.index + 1));
  source.pos = match.index + 2;
  return { kind: 'string', value };
}

function escaped(source: Source): string {
  const hex = source.take(HEX);
  if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex[1] ?? '0', 16));
  if (source.peek() === 'x') throw source.problem('expected two hexadecimal digits after \\x');
  const value = ESCAPES[source.peek()];
  if (value === undefined) {
    throw source.problem(
      `unknown escape \\ with ${source.found()}; there are \\t \\n \\r \\" \\\\ \\x00`,
    );
  }
  source.pos += 1;
  return value;
}
