/**
 * JSON piece by piece: values as `JSON.stringify` has them, with long lists made only while they are written.
 */
import { Breath } from './breath.ts';

/** A list whose entries are made when their turn comes. It can be written once. */
export class LazyList<T> {
  readonly entries: Iterable<T>;

  constructor(entries: Iterable<T>) {
    this.entries = entries;
  }
}

/** Go's encoder writes these characters, which have a meaning in HTML, as escapes. */
const escapes: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** Pieces that are gathered before the clock is looked at. */
const PIECES_PER_LOOK = 16;

/** @param indent spaces per level; 0: all in one line */
export function* jsonPieces(value: unknown, indent = 0, level = 0): Generator<string> {
  if (value instanceof LazyList) {
    yield* listPieces(value, indent, level);
  } else if (holdsLazyList(value)) {
    yield* objectPieces(value, indent, level);
  } else {
    yield plain(value, indent, level);
  }
}

/** The whole text, made in several turns of the event loop when it is long. */
export async function jsonText(value: unknown, indent = 0): Promise<string> {
  let text = '';
  for await (const part of jsonParts(value, indent)) text += part;
  return text;
}

/** The text in parts of some milliseconds' work each, with a turn of the event loop between two of them. */
export async function* jsonParts(value: unknown, indent = 0): AsyncGenerator<string> {
  const breath = new Breath();
  let part = '';
  let count = 0;
  for (const piece of jsonPieces(value, indent)) {
    part += piece;
    if (++count % PIECES_PER_LOOK !== 0 || !breath.due) continue;
    yield part;
    part = '';
    await breath.take();
  }
  yield part;
}

function* listPieces(list: LazyList<unknown>, indent: number, level: number): Generator<string> {
  let first = true;
  for (const entry of list.entries) {
    yield `${first ? '[' : ','}${lineBreak(indent, level + 1)}`;
    first = false;
    yield* jsonPieces(entry, indent, level + 1);
  }
  yield first ? '[]' : `${lineBreak(indent, level)}]`;
}

function* objectPieces(value: object, indent: number, level: number): Generator<string> {
  const colon = indent > 0 ? ': ' : ':';
  let first = true;
  for (const [key, field] of Object.entries(value)) {
    if (field === undefined) continue;
    yield `${first ? '{' : ','}${lineBreak(indent, level + 1)}${escaped(JSON.stringify(key))}${colon}`;
    first = false;
    yield* jsonPieces(field, indent, level + 1);
  }
  yield first ? '{}' : `${lineBreak(indent, level)}}`;
}

function plain(value: unknown, indent: number, level: number): string {
  const text = escaped(JSON.stringify(value, undefined, indent));
  return indent > 0 && level > 0 ? text.replaceAll('\n', lineBreak(indent, level)) : text;
}

function holdsLazyList(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  for (const field of Object.values(value)) {
    if (field instanceof LazyList || holdsLazyList(field)) return true;
  }
  return false;
}

function lineBreak(indent: number, level: number): string {
  return indent > 0 ? `\n${' '.repeat(indent * level)}` : '';
}

function escaped(json: string): string {
  return json.replaceAll(/[<>&\u2028\u2029]/g, (char) => escapes[char] ?? char);
}
