import { randomFillSync } from 'node:crypto';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Random bytes that are fetched at once. */
const pool = Buffer.alloc(4_096);
let used = pool.length;

/** Digits and letters that nobody can guess. */
export function randomToken(length: number): string {
  let token = '';
  while (token.length < length) {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    // The few highest values are thrown away, so that all digits are equally likely.
    const value = (pool[used++] as number) & 63;
    if (value < DIGITS.length) token += DIGITS.charAt(value);
  }
  return token;
}
