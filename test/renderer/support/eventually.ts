import { expect } from 'vitest';

/** Polls like `expect.poll`, but as patient as the page's own timeouts: a busy machine is no failure. */
export function eventually<T>(probe: () => T | Promise<T>) {
  return expect.poll(probe, { timeout: 10_000 });
}
