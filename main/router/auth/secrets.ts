import { createHash, timingSafeEqual } from 'node:crypto';

const BCRYPT = /^\$2[abxy]\$\d{2}\$/;

/** Whether a stored password or token is a bcrypt hash instead of the text itself. */
export function isBcrypt(stored: string): boolean {
  return BCRYPT.test(stored);
}

/** Compares in a time that says nothing about where they differ, or how long the stored one is. */
export function sameSecret(stored: string, given: string): boolean {
  return timingSafeEqual(digest(stored), digest(given));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
