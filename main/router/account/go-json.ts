import { jsonPieces } from '../monitor/json-text.ts';

/** JSON in one line as Go writes it, of something short. */
export function goJson(value: unknown): string {
  return [...jsonPieces(value)].join('');
}
