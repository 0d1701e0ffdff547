import { createHmac, timingSafeEqual } from 'node:crypto';
import type { CookieJar } from './types.ts';

const SLOT_MS = 60_000;
const COOKIE_BYTES = 16;

/**
 * Cookies by which a UDP address proves that it is real; nothing is remembered about anyone.
 *
 * @param key 32 random bytes that nobody else knows; may be made anew at each start
 * @param now milliseconds since 1970
 */
export function createCookieJar(key: Uint8Array, now: () => number): CookieJar {
  const secret = new Uint8Array(key);
  const bake = (slot: number, host: string, port: number): Uint8Array => {
    const head = Buffer.alloc(10);
    head.writeBigUInt64BE(BigInt(slot), 0);
    head.writeUInt16BE(port, 8);
    return createHmac('sha256', secret)
      .update('skerry cookie 1\0')
      .update(head)
      .update(host)
      .digest()
      .subarray(0, COOKIE_BYTES);
  };
  const slotNow = (): number => Math.max(1, Math.floor(now() / SLOT_MS));
  return {
    make: (host, port) => new Uint8Array(bake(slotNow(), host, port)),
    check(cookie, host, port) {
      if (cookie.length !== COOKIE_BYTES) return false;
      const slot = slotNow();
      const running = timingSafeEqual(cookie, bake(slot, host, port));
      return running || timingSafeEqual(cookie, bake(slot - 1, host, port));
    },
  };
}
