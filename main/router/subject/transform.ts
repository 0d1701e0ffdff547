/**
 * Subject transforms (NATS subject mapping, ADR-30): a source pattern and a destination whose tokens may
 * stand for the source's wildcards. Works on wire strings, so lengths and hashes count bytes.
 */
import { RouterError } from '../errors.ts';
import {
  destinationError,
  readPlaceholder,
  type Placeholder,
  type TokenFunction,
} from './transform-tokens.ts';

/** What was transformed lately; forgotten as a whole when it is full. */
const CACHE_SIZE = 1_024;

interface Pattern {
  readonly tokens: readonly string[];
  readonly wildcards: number;
  readonly open: boolean;
}

interface TransformOptions {
  /** Only wildcards, and all of them: the transform can be turned round, as imports need. */
  readonly reversible?: boolean;
}

export class SubjectTransform {
  readonly source: string;
  readonly destination: string;
  readonly #from: Pattern;
  readonly #pieces: readonly (string | TokenFunction)[];
  /** The destination ends in `>` and takes what the source's `>` matched. */
  readonly #open: boolean;
  /** The destination is the same whatever comes. */
  readonly #constant: boolean;
  readonly #cache: Map<string, string> | undefined;
  readonly #placeholders: readonly (Placeholder | undefined)[];

  /**
   * @param source wire string, may hold wildcards
   * @param destination wire string; `$1` or `{{wildcard(1)}}` and the other functions, no `*`
   * @throws RouterError 'router-config' with nats-server's text
   */
  constructor(source: string, destination: string, { reversible = false }: TransformOptions = {}) {
    const from = readPattern(source);
    const to = readPattern(destination);
    if (from === undefined || to === undefined || to.wildcards > 0 || from.open !== to.open) {
      throw new RouterError('router-config', 'invalid subject');
    }
    const placeholders = to.tokens.map((token) => readPlaceholder(token));
    checkPlaceholders(placeholders, from, reversible, destination);
    this.source = source;
    this.destination = destination;
    this.#from = from;
    this.#open = to.open;
    this.#placeholders = placeholders;
    const positions = wildcardPositions(from);
    this.#pieces = (to.open ? to.tokens.slice(0, -1) : to.tokens).map((token, i) => {
      const placeholder = placeholders[i];
      // An index that is no wildcard's stands for the first token, as with nats-server.
      return (
        placeholder?.make(placeholder.indexes.map((index) => positions[index - 1] ?? 0)) ?? token
      );
    });
    const plain = this.#pieces.every((piece) => typeof piece === 'string');
    this.#constant = plain && !to.open;
    this.#cache = placeholders.some((placeholder) => placeholder?.random === true)
      ? undefined
      : new Map();
  }

  /** What a subject becomes that matches the source; it may have wildcards itself. */
  apply(subject: string): string {
    if (this.#constant) return this.destination;
    const cache = this.#cache;
    if (cache === undefined) return this.#transform(subject);
    let result = cache.get(subject);
    if (result === undefined) {
      result = this.#transform(subject);
      if (cache.size >= CACHE_SIZE) cache.clear();
      cache.set(subject, result);
    }
    return result;
  }

  #transform(subject: string): string {
    const tokens = subject.split('.');
    const result = this.#pieces.map((piece) => (typeof piece === 'string' ? piece : piece(tokens)));
    if (this.#open) result.push(...tokens.slice(this.#from.tokens.length - 1));
    return result.join('.');
  }

  /** The way back, for a reversible transform: what is a placeholder here becomes the wildcard there. */
  reverse(): SubjectTransform {
    const order = this.#placeholders.flatMap((placeholder) => placeholder?.indexes ?? []);
    let wildcard = 0;
    const back = this.#from.tokens.map((token) =>
      token === '*' ? `$${String(order.indexOf(++wildcard) + 1)}` : token,
    );
    return new SubjectTransform(toPattern(this.destination), back.join('.'), { reversible: true });
  }
}

/** A destination as a pattern: `a.$2.{{wildcard(1)}}` becomes `a.*.*`. */
export function toPattern(destination: string): string {
  return destination
    .split('.')
    .map((token) => (/^\$[1-9]/.test(token) || isWildcardFunction(token) ? '*' : token))
    .join('.');
}

/** A pattern as a destination: `a.*.*` becomes `a.$1.$2`. */
export function toDestination(pattern: string): string {
  let wildcard = 0;
  return pattern
    .split('.')
    .map((token) => (token === '*' ? `$${String(++wildcard)}` : token))
    .join('.');
}

function isWildcardFunction(token: string): boolean {
  return /^\{\{\s*[wW]ildcard\s*\([^,]+\)\s*\}\}$/.test(token);
}

function readPattern(subject: string): Pattern | undefined {
  const tokens = subject.split('.');
  let wildcards = 0;
  for (const [i, token] of tokens.entries()) {
    if (token === '' || (token === '>' && i < tokens.length - 1)) return undefined;
    if (token === '*') wildcards++;
  }
  return { tokens, wildcards, open: tokens.at(-1) === '>' };
}

function wildcardPositions({ tokens }: Pattern): number[] {
  return tokens.flatMap((token, i) => (token === '*' ? [i] : []));
}

function checkPlaceholders(
  placeholders: readonly (Placeholder | undefined)[],
  from: Pattern,
  reversible: boolean,
  destination: string,
): void {
  let used = 0;
  for (const placeholder of placeholders) {
    if (placeholder === undefined) continue;
    const { token, indexes } = placeholder;
    if (reversible && !placeholder.plain) {
      throw destinationError(
        'the only mapping function allowed for import transforms is {{Wildcard()}}',
        token,
      );
    }
    if (from.wildcards === 0 && indexes.length > 0) {
      throw destinationError('wildcard index out of range', token);
    }
    for (const index of indexes) {
      if (index > from.wildcards) {
        throw destinationError('wildcard index out of range', `${token}: [${String(index)}]`);
      }
    }
    used += indexes.length;
  }
  if (reversible && used < from.wildcards) {
    throw destinationError('not using all of the token wildcard(s)', destination);
  }
}
