/**
 * Typed reading of parsed values. Each reader takes the node and gives the value, or throws a ConfigProblem
 * that says where, which setting, and what was expected.
 */
import { parseDuration } from './duration.ts';
import { ConfigProblem, type Report } from './problems.ts';
import { kindOf, type ConfigMap, type ConfigNode, type Position } from './tree.ts';

/** Drafts are filled setting by setting. */
export type Draft<T> = { -readonly [Key in keyof T]: T[Key] };

/** Readers by the names of their settings; `'host|net'` has two names. Names are lower case. */
export type Fields = Readonly<Record<string, (node: ConfigNode) => void>>;

function mismatch(node: ConfigNode, expected: string): ConfigProblem {
  const name = node.key === undefined ? '' : ` for "${node.key}"`;
  return new ConfigProblem(node.at, `expected ${expected}${name}, got ${kindOf(node.value)}`);
}

export function readString(node: ConfigNode): string {
  if (node.value.kind !== 'string') throw mismatch(node, 'a string');
  return node.value.value;
}

export function readBoolean(node: ConfigNode): boolean {
  if (node.value.kind !== 'boolean') throw mismatch(node, 'true or false');
  return node.value.value;
}

export function readInteger(node: ConfigNode, bounds?: { min?: number; max?: number }): number {
  if (node.value.kind !== 'integer') throw mismatch(node, 'an integer');
  const { value } = node.value;
  if (value < (bounds?.min ?? -Infinity)) {
    throw new ConfigProblem(node.at, `"${node.key ?? ''}" is at least ${bounds?.min ?? 0}`);
  }
  if (value > (bounds?.max ?? Infinity)) {
    throw new ConfigProblem(node.at, `"${node.key ?? ''}" is at most ${bounds?.max ?? 0}`);
  }
  return value;
}

/** Milliseconds, from `"2s"`. */
export function readDuration(node: ConfigNode): number {
  if (node.value.kind !== 'string') throw mismatch(node, 'a duration like "2s"');
  const duration = parseDuration(node.value.value);
  if (duration === undefined) {
    throw new ConfigProblem(
      node.at,
      `"${node.value.value}" is no duration for "${node.key ?? ''}": write it as "2s" or "1m30s"`,
    );
  }
  return duration;
}

/** Milliseconds, from `"2s"` or, as in old files, a whole number of seconds. */
export function readDurationOrSeconds(node: ConfigNode, report: Report): number {
  if (node.value.kind !== 'integer') return readDuration(node);
  report.warn(
    node.at,
    `invalid use of field "${node.key ?? ''}": ${node.key ?? ''} should be converted to a duration`,
  );
  return node.value.value * 1_000;
}

/** Milliseconds, from seconds (whole or not) or `"2s"`. */
export function readTimeout(node: ConfigNode): number {
  if (node.value.kind === 'integer' || node.value.kind === 'float') return node.value.value * 1_000;
  if (node.value.kind !== 'string') throw mismatch(node, 'seconds or a duration like "2s"');
  return readDuration(node);
}

export function readMap(node: ConfigNode, expected = 'a map'): ConfigMap {
  if (node.value.kind !== 'map') throw mismatch(node, expected);
  return node.value.entries;
}

export function readArray(node: ConfigNode, expected = 'an array'): readonly ConfigNode[] {
  if (node.value.kind !== 'array') throw mismatch(node, expected);
  return node.value.items;
}

/** One string, or an array of strings. */
export function readStrings(node: ConfigNode): string[] {
  if (node.value.kind === 'string') return [node.value.value];
  return readArray(node, 'a string or an array of strings').map(readString);
}

/** Reads all settings of a map; what is wrong with one is reported and does not hide the others. */
export function readFields(entries: ConfigMap, fields: Fields, report: Report): void {
  const readers = new Map<string, (node: ConfigNode) => void>();
  for (const [names, reader] of Object.entries(fields)) {
    for (const name of names.split('|')) readers.set(name, reader);
  }
  for (const [key, node] of entries) {
    const reader = readers.get(key.toLowerCase());
    if (reader !== undefined) report.attempt(() => reader(node));
    else if (node.isVariable !== true) report.add(node.at, `unknown field "${key}"`);
  }
}

/** Reads each item or entry; those with mistakes are reported and left out. */
export function readEach<T>(
  nodes: Iterable<ConfigNode>,
  read: (node: ConfigNode) => T,
  report: Report,
): T[] {
  const values: T[] = [];
  for (const node of nodes) report.attempt(() => values.push(read(node)));
  return values;
}

export function problem(at: Position, text: string): ConfigProblem {
  return new ConfigProblem(at, text);
}
