/** The tokens of a transform's destination that stand for something: `$1` and `{{function(arguments)}}`. */
import { RouterError } from '../errors.ts';
import {
  leftOf,
  partition,
  rightOf,
  sliceLeft,
  sliceRight,
  splitAt,
  splitLeft,
  splitRight,
} from './transform-functions.ts';
import { fromWire } from './wire.ts';

/** Makes a token (or several, with dots) of the source's tokens. */
export type TokenFunction = (tokens: readonly string[]) => string;

export interface Placeholder {
  readonly token: string;
  /** 1-based wildcards of the source that it takes. */
  readonly indexes: readonly number[];
  /** It is a wildcard as it is. */
  readonly plain: boolean;
  /** It gives something else each time. */
  readonly random: boolean;
  /** @param positions where the wildcards of `indexes` stand among the source's tokens */
  make(positions: readonly number[]): TokenFunction;
}

/** Functions of one wildcard and one number. */
const SIZED: readonly (readonly [RegExp, (token: string, size: number) => string])[] = [
  [/^[sS]plit[fF]rom[lL]eft$/, splitLeft],
  [/^[sS]plit[fF]rom[rR]ight$/, splitRight],
  [/^[sS]lice[fF]rom[lL]eft$/, sliceLeft],
  [/^[sS]lice[fF]rom[rR]ight$/, sliceRight],
  [/^[lL]eft$/, leftOf],
  [/^[rR]ight$/, rightOf],
];

/**
 * Undefined for a token that stands for itself; so does `$name`, since the system's subjects begin like that.
 *
 * @throws RouterError 'router-config'
 */
export function readPlaceholder(token: string): Placeholder | undefined {
  if (token.length > 1 && token.startsWith('$')) {
    const index = readInteger(token.slice(1));
    return index === undefined ? undefined : wildcard(token, index);
  }
  if (token.length <= 4 || !token.startsWith('{{') || !token.endsWith('}}')) return undefined;
  const call = /^\{\{\s*([A-Za-z]+)\s*\((.*)\)\s*\}\}$/.exec(token);
  if (call === null) throw destinationError('unknown function', token);
  return readCall(token, call[1] as string, (call[2] as string).split(/,\s*/));
}

function readCall(token: string, name: string, args: readonly string[]): Placeholder {
  if (/^[wW]ildcard$/.test(name)) {
    if (args[0] === '' && args.length === 1) throw notEnough(token);
    if (args.length > 1) throw tooMany(token);
    return wildcard(token, integerArgument(token, args[0]));
  }
  if (/^[pP]artition$/.test(name)) {
    if (args.length < 2) throw notEnough(token);
    const buckets = integerArgument(token, args[0]);
    if (buckets < 1) throw invalidArgument(token);
    const indexes = args.slice(1).map((arg) => integerArgument(token, arg));
    return placeholder(token, indexes, (positions) => (tokens) => {
      const key = positions.map((at) => tokens[at] ?? '').join('');
      return String(partition(key, buckets));
    });
  }
  if (/^[rR]andom$/.test(name)) {
    if (args.length > 1) throw tooMany(token);
    const buckets = integerArgument(token, args[0]);
    if (buckets < 1) throw invalidArgument(token);
    const make = () => () => String(Math.floor(Math.random() * buckets));
    return { ...placeholder(token, [], make), random: true };
  }
  const sized = SIZED.find(([pattern]) => pattern.test(name))?.[1];
  const isSplit = /^[sS]plit$/.test(name);
  if (sized === undefined && !isSplit) throw destinationError('unknown function', token);
  if (args.length < 2) throw notEnough(token);
  if (args.length > 2) throw tooMany(token);
  const index = integerArgument(token, args[0]);
  if (sized === undefined) {
    const delimiter = args[1] as string;
    if (delimiter.includes(' ')) throw invalidArgument(token);
    return ofOne(token, index, (text) => splitAt(text, delimiter));
  }
  const size = integerArgument(token, args[1]);
  return ofOne(token, index, (text) => sized(text, size));
}

function placeholder(
  token: string,
  indexes: readonly number[],
  make: (positions: readonly number[]) => TokenFunction,
): Placeholder {
  return { token, indexes, plain: false, random: false, make };
}

function ofOne(token: string, index: number, change: (text: string) => string): Placeholder {
  return placeholder(token, [index], (positions) => {
    const at = positions[0] ?? 0;
    return (tokens) => change(tokens[at] ?? '');
  });
}

function wildcard(token: string, index: number): Placeholder {
  return { ...ofOne(token, index, (text) => text), plain: true };
}

function integerArgument(token: string, text: string | undefined): number {
  const value = readInteger(text?.trim() ?? '');
  if (value === undefined) throw invalidArgument(token);
  return value;
}

function readInteger(text: string): number | undefined {
  return /^[+-]?\d+$/.test(text) ? Number.parseInt(text, 10) : undefined;
}

const notEnough = (token: string) =>
  destinationError('not enough arguments passed to the function', token);
const tooMany = (token: string) =>
  destinationError('too many arguments passed to the function', token);
const invalidArgument = (token: string) =>
  destinationError('function argument is invalid or in the wrong format', token);

/** nats-server's words for a destination that cannot be used. */
export function destinationError(what: string, token: string): RouterError {
  return new RouterError(
    'router-config',
    `invalid mapping destination: ${what} in ${fromWire(token)}`,
  );
}
