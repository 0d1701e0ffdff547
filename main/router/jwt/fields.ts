/**
 * Reading decoded JSON as Go does, since that is what signs and reads these JWTs: keys in any case, the last of
 * equal ones counts, null is absent, and a value of the wrong type spoils the whole.
 */
import { RouterError } from '../errors.ts';

/** By lower-case key. */
export type Fields = ReadonlyMap<string, unknown>;

/** Entries of any one list in a JWT. */
const MAX_LIST = 4096;
/** int64. */
const MAX_INTEGER = 2 ** 63;

export function jwtError(message: string): RouterError {
  return new RouterError('router-jwt', message);
}

export function fieldsOf(value: unknown, what: string): Fields {
  const fields = new Map<string, unknown>();
  for (const [key, one] of Object.entries(objectOf(value, what)))
    fields.set(key.toLowerCase(), one);
  return fields;
}

export function fieldsIn(fields: Fields, key: string): Fields {
  return fieldsOf(fields.get(key), key);
}

/** Empty when absent. */
export function textIn(fields: Fields, key: string): string {
  const value = fields.get(key) ?? '';
  if (typeof value !== 'string') throw jwtError(`"${key}" is no text`);
  return value;
}

/** Zero when absent. */
export function integerIn(fields: Fields, key: string, absent = 0): number {
  const value = fields.get(key) ?? absent;
  if (typeof value !== 'number' || !Number.isInteger(value) || Math.abs(value) > MAX_INTEGER)
    throw jwtError(`"${key}" is no integer`);
  return value;
}

/** False when absent. */
export function flagIn(fields: Fields, key: string): boolean {
  const value = fields.get(key) ?? false;
  if (typeof value !== 'boolean') throw jwtError(`"${key}" is neither true nor false`);
  return value;
}

export function listIn(fields: Fields, key: string): readonly unknown[] | undefined {
  const value = fields.get(key) ?? undefined;
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw jwtError(`"${key}" is no list`);
  if (value.length > MAX_LIST) throw jwtError(`"${key}" has more than ${MAX_LIST} entries`);
  return value as readonly unknown[];
}

export function textsIn(fields: Fields, key: string): readonly string[] | undefined {
  return listIn(fields, key)?.map((one) => {
    if (one === null) return '';
    if (typeof one !== 'string') throw jwtError(`"${key}" has an entry that is no text`);
    return one;
  });
}

/** A map whose keys keep their case, e.g. revocations. */
export function entriesIn(fields: Fields, key: string): readonly (readonly [string, unknown])[] {
  const entries = Object.entries(objectOf(fields.get(key), key));
  if (entries.length > MAX_LIST) throw jwtError(`"${key}" has more than ${MAX_LIST} entries`);
  return entries;
}

function objectOf(value: unknown, what: string): object {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw jwtError(`"${what}" is no object`);
  return value;
}
