import { randomFillSync } from 'node:crypto';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const pairs = [...DIGITS].flatMap((first) => [...DIGITS].map((second) => first + second));
/** Random numbers of 12 bits that are fetched at once. */
const pool = new Uint16Array(2_048);
let used = pool.length;

/** Digits and letters that nobody can guess. @param length even */
export function randomToken(length: number): string {
  let token = '';
  while (token.length < length) {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    // The highest values are thrown away, so that all pairs are equally likely.
    token += pairs[(pool[used++] as number) & 0xfff] ?? '';
  }
  return token;
}
