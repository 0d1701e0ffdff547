import { dirname, isAbsolute, join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import { identityOf } from './files.ts';
import { ConfigProblem } from './problems.ts';
import { readBlock, readNumber, readPlain, readQuoted, readRaw } from './scalars.ts';
import { decode, Source } from './source.ts';
import type { ConfigMap, ConfigNode, ConfigValue } from './tree.ts';
import { lookUp, type ParserContext } from './variables.ts';

const MAX_NESTING = 100;
const MAX_INCLUDES_DEEP = 20;

const BLANKS = /[ \t]*/y;
const WHITE = /\s*/y;
const COMMENT = /(?:#|\/\/)[^\n\r]*/y;
const KEY = /[^\s=:]+/y;
const SEPARATOR = /[\n\r;,]/y;
const ITEM_SEPARATOR = /[\n\r,]/y;
const INCLUDED = /[^\s;}']*/y;
/** What nobody can mean as the beginning of an unquoted path. */
const NO_PATH = /[[{(\d\\-]/;

/**
 * The grammar of nats.conf: `key = value`, `key: value`, `key value`; maps, arrays, comments, includes,
 * variables. One method a construct; each leaves the cursor behind what it read.
 */
class Parser {
  readonly #source: Source;
  readonly #context: ParserContext;
  /** Maps that are being read, outermost first: where variables are looked up. */
  readonly #scopes: ConfigMap[] = [];
  #nesting = 0;

  constructor(source: Source, context: ParserContext) {
    this.#source = source;
    this.#context = context;
  }

  /** The whole file, with or without braces around it. @throws ConfigProblem */
  document(): ConfigMap {
    const entries: ConfigMap = new Map();
    this.#scopes.push(entries);
    let braces = 0;
    const source = this.#source;
    for (;;) {
      this.#skipToItem();
      if (source.atEnd) break;
      if (source.peek() === '{') {
        braces += 1;
        source.pos += 1;
      } else if (source.peek() === '}') {
        // A single one too many is accepted at the end of a file.
        if (braces === 0 && /\S/.test(source.text.slice(source.pos + 1))) {
          throw source.problem("unexpected '}'");
        }
        braces -= 1;
        source.pos += 1;
      } else {
        this.#entry(entries, false);
        this.#endOfEntry();
      }
    }
    if (braces > 0) throw source.problem("expected '}', found the end of the file");
    return entries;
  }

  #skipToItem(): void {
    for (;;) {
      this.#source.skip(WHITE);
      if (this.#source.take(COMMENT) === undefined) return;
    }
  }

  /** After a value: a separator, the end of the line, or what closes the map. */
  #endOfEntry(): void {
    const source = this.#source;
    source.skip(BLANKS);
    source.skip(COMMENT);
    if (source.atEnd || source.peek() === '}' || source.take(SEPARATOR) !== undefined) return;
    throw source.problem(
      `expected ',', ';', '}' or the end of the line after a value, found ${source.found()}`,
    );
  }

  #entry(entries: ConfigMap, inMap: boolean): void {
    const source = this.#source;
    const at = source.pos;
    const quote = source.peek();
    let key: string;
    let keyAt = at;
    if (quote === '"' || quote === "'") {
      const end = source.text.indexOf(quote, at + 1);
      if (end === -1) throw source.problem(`this key has no closing ${quote}`);
      key = source.text.slice(at + 1, end);
      keyAt = at + 1;
      source.pos = end + 1;
    } else {
      const word = source.take(KEY)?.[0];
      if (word === undefined || word === ']' || word === '/') {
        throw source.problem(`expected a key, found ${source.found()}`, at);
      }
      key = word;
      if (key.toLowerCase() === 'include' && /\s/.test(source.peek())) {
        this.#include(entries);
        return;
      }
    }
    const name = decode(key);
    const value = this.#valueOf(name, inMap);
    // Deleted first, so that a duplicate takes the place of its last writing.
    entries.delete(name);
    entries.set(name, { key: name, at: source.at(keyAt), value });
  }

  #valueOf(name: string, inMap: boolean): ConfigValue {
    const source = this.#source;
    source.skip(WHITE);
    if (source.peek() === '=' || source.peek() === ':') {
      source.pos += 1;
      source.skip(inMap ? WHITE : BLANKS);
      if (source.peek() === '\n' || source.peek() === '\r') {
        throw source.problem(`expected a value for "${name}", found the end of the line`);
      }
    } else if (source.atEnd) {
      throw source.problem(`expected a value for "${name}", found the end of the file`);
    }
    if (inMap && /[,}]/.test(source.peek())) {
      throw source.problem(`expected a value for "${name}", found ${source.found()}`);
    }
    return this.#value();
  }

  #value(): ConfigValue {
    const source = this.#source;
    const first = source.peek();
    if (/[\d-]/.test(first)) return readNumber(source);
    switch (first) {
      case '{':
        return this.#nested(() => this.#map());
      case '[':
        return this.#nested(() => this.#array());
      case '"':
        source.pos += 1;
        return readQuoted(source);
      case "'":
        source.pos += 1;
        return readRaw(source);
      case '(':
        source.pos += 1;
        return readBlock(source);
      case '.':
        throw source.problem("a number begins with a digit, not with '.'");
      default: {
        const at = source.pos;
        const value = readPlain(source);
        if (value.kind !== 'variable') return value;
        return this.#variable(value.name, at);
      }
    }
  }

  #variable(name: string, at: number): ConfigValue {
    try {
      const value = lookUp(name, this.#scopes, this.#context, parse);
      if (value !== undefined) return value;
    } catch (error) {
      if (!(error instanceof ConfigProblem)) throw error;
      // Not the text of the problem: it may quote the value, and the environment has secrets.
      throw this.#source.problem(`the value of the variable ${name} cannot be read`, at);
    }
    throw this.#source.problem(
      `the variable ${name} is defined neither above nor in the environment`,
      at,
    );
  }

  #nested(read: () => ConfigValue): ConfigValue {
    this.#nesting += 1;
    if (this.#nesting > MAX_NESTING) {
      throw this.#source.problem(`maps and arrays lie more than ${MAX_NESTING} deep`);
    }
    this.#source.pos += 1;
    const value = read();
    this.#nesting -= 1;
    return value;
  }

  #map(): ConfigValue {
    const source = this.#source;
    const open = source.pos - 1;
    const entries: ConfigMap = new Map();
    this.#scopes.push(entries);
    for (;;) {
      this.#skipToItem();
      if (source.atEnd) throw source.problem("this '{' is not closed", open);
      if (source.peek() === '}') break;
      this.#entry(entries, true);
      this.#endOfEntry();
    }
    source.pos += 1;
    this.#scopes.pop();
    return { kind: 'map', entries };
  }

  #array(): ConfigValue {
    const source = this.#source;
    const open = source.pos - 1;
    const items: ConfigNode[] = [];
    for (;;) {
      this.#skipToItem();
      if (source.atEnd) throw source.problem("this '[' is not closed", open);
      if (source.peek() === ']') break;
      if (source.peek() === ',' || source.peek() === '/') {
        throw source.problem(`expected a value, found ${source.found()}`);
      }
      const at = source.at();
      items.push({ at, value: this.#value() });
      source.skip(BLANKS);
      source.skip(COMMENT);
      if (source.peek() !== ']' && source.take(ITEM_SEPARATOR) === undefined && !source.atEnd) {
        throw source.problem(`expected ',' or ']' after a value, found ${source.found()}`);
      }
    }
    source.pos += 1;
    return { kind: 'array', items };
  }

  /** Puts the entries of another file here, with their own places. */
  #include(entries: ConfigMap): void {
    const source = this.#source;
    source.skip(BLANKS);
    const at = source.pos;
    const quote = source.peek();
    let name: string;
    if (quote === '"' || quote === "'") {
      const end = source.text.indexOf(quote, at + 1);
      if (end === -1) throw source.problem(`this path has no closing ${quote}`);
      name = source.text.slice(at + 1, end);
      source.pos = end + 1;
    } else {
      if (NO_PATH.test(quote)) throw source.problem(`expected a path, found ${source.found()}`);
      name = source.take(INCLUDED)?.[0] ?? '';
      if (source.peek() === "'") source.pos += 1;
    }
    if (name === '') throw source.problem('expected a path after include', at);
    try {
      const named = decode(name);
      const path = isAbsolute(named) ? named : join(dirname(source.file), named);
      for (const [key, node] of parseFile(path, this.#context)) {
        entries.delete(key);
        entries.set(key, node);
      }
    } catch (error) {
      // The places in an included file are its own; what keeps it from being read is told here.
      if (error instanceof ConfigProblem) throw error;
      throw source.problem(`include: ${messageOf(error)}`, at);
    }
  }
}

function parse(source: Source, context: ParserContext): ConfigMap {
  return new Parser(source, context).document();
}

/** @throws ConfigProblem for what is in the file; Error for what keeps it from being read */
export function parseFile(path: string, context: ParserContext): ConfigMap {
  const identity = identityOf(path);
  if (context.including.includes(identity)) throw new Error(`${path} includes itself`);
  if (context.including.length >= MAX_INCLUDES_DEEP) {
    throw new Error(`files include each other more than ${MAX_INCLUDES_DEEP} deep`);
  }
  const source = new Source(path, context.files.read(path));
  const including = [...context.including, identity];
  return parse(source, { ...context, including });
}
