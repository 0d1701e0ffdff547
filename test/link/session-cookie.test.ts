import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createCookieJar } from '../../main/link/session/cookie.ts';

describe('session cookie', () => {
  let clock = Date.UTC(2026, 0, 15);
  const jar = createCookieJar(randomBytes(32), () => clock);

  it('holds for its address alone, in this slot and the next', () => {
    const cookie = jar.make('192.0.2.1', 4711);
    expect(cookie).toHaveLength(16);
    expect(jar.check(cookie, '192.0.2.1', 4711)).toBe(true);
    expect(jar.check(cookie, '192.0.2.2', 4711)).toBe(false);
    expect(jar.check(cookie, '192.0.2.1', 4712)).toBe(false);
    clock += 60_000;
    expect(jar.check(cookie, '192.0.2.1', 4711)).toBe(true);
    clock += 60_000;
    expect(jar.check(cookie, '192.0.2.1', 4711)).toBe(false);
  });

  it('of another jar, or of another length, is none', () => {
    const other = createCookieJar(randomBytes(32), () => clock).make('::1', 1);
    expect(jar.check(other, '::1', 1)).toBe(false);
    expect(jar.check(new Uint8Array(), '::1', 1)).toBe(false);
    expect(jar.check(new Uint8Array(17), '::1', 1)).toBe(false);
  });
});
