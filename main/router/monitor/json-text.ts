/**
 * JSON piece by piece: values as `JSON.stringify` has them, with long lists written entry by entry, and some
 * made only while they are written.
 */
import { Breath } from './breath.ts';
import { escapedForHtml } from './go-json.ts';

/** A list whose entries are made when their turn comes. It can be written once. */
export class LazyList<T> {
  readonly entries: Iterable<T>;
  /** Whether entries hold long lists themselves. */
  readonly nested: boolean;

  constructor(entries: Iterable<T>, nested = false) {
    this.entries = entries;
    this.nested = nested;
  }
}

/** Lists of more entries than this are written one by one. */
const LONG = 64;
/** About how many characters a piece has. */
const PIECE = 4_096;

/** @param indent spaces per level; 0: all in one line */
function* jsonPieces(value: unknown, indent: number, level: number): Generator<string> {
  if (value instanceof LazyList) yield* listPieces(value, indent, level);
  else if (isLongArray(value)) yield* listPieces(new LazyList(value), indent, level);
  else if (holdsLongList(value)) yield* objectPieces(value, indent, level);
  else yield plain(value, indent, level);
}

/** The whole text, made in several turns of the event loop when it is long. */
export async function jsonText(value: unknown, indent = 0): Promise<string> {
  const parts: string[] = [];
  for await (const part of jsonParts(value, indent)) parts.push(part);
  return parts.join('');
}

/** The text in parts of some milliseconds' work each, with a turn of the event loop between two of them. */
export async function* jsonParts(value: unknown, indent = 0): AsyncGenerator<string> {
  const breath = new Breath();
  let part = '';
  for (const piece of jsonPieces(value, indent, 0)) {
    part += piece;
    if (!breath.due) continue;
    yield part;
    part = '';
    await breath.take();
  }
  yield part;
}

function* listPieces(
  { entries, nested }: LazyList<unknown>,
  indent: number,
  level: number,
): Generator<string> {
  const inner = lineBreak(indent, level + 1);
  let piece = '';
  let separator = '[';
  for (const entry of entries) {
    piece += separator + inner;
    separator = ',';
    if (!nested) {
      piece += plain(entry, indent, level + 1);
    } else {
      for (const part of jsonPieces(entry, indent, level + 1)) {
        piece += part;
        if (piece.length < PIECE) continue;
        yield piece;
        piece = '';
      }
    }
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield separator === '[' ? '[]' : `${piece}${lineBreak(indent, level)}]`;
}

function* objectPieces(value: object, indent: number, level: number): Generator<string> {
  const colon = indent > 0 ? ': ' : ':';
  const inner = lineBreak(indent, level + 1);
  let separator = '{';
  for (const [key, field] of Object.entries(value)) {
    if (field === undefined) continue;
    yield `${separator}${inner}${escapedForHtml(JSON.stringify(key))}${colon}`;
    separator = ',';
    yield* jsonPieces(field, indent, level + 1);
  }
  yield separator === '{' ? '{}' : `${lineBreak(indent, level)}}`;
}

function plain(value: unknown, indent: number, level: number): string {
  const text = escapedForHtml(JSON.stringify(value, undefined, indent));
  return indent > 0 && level > 0 ? text.replaceAll('\n', lineBreak(indent, level)) : text;
}

function isLongArray(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length > LONG;
}

function holdsLongList(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  for (const field of Object.values(value)) {
    if (field instanceof LazyList || isLongArray(field) || holdsLongList(field)) return true;
  }
  return false;
}

function lineBreak(indent: number, level: number): string {
  return indent > 0 ? `\n${' '.repeat(indent * level)}` : '';
}
