import { setTimeout as delay } from 'node:timers/promises';

const LIMIT_MS = 10_000;

/** Waits until `read` gives something other than undefined or false, and returns it. */
export async function until<Value>(
  what: string,
  read: () => Value | undefined | false,
): Promise<Value> {
  const end = performance.now() + LIMIT_MS;
  for (;;) {
    const value = read();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > end) throw new Error(`${what}: not within ${LIMIT_MS} ms`);
    await delay(5);
  }
}
