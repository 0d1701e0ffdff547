import type { AccountResolver, AccountStore } from './resolver.ts';

/** Account JWTs that the configuration came with (`resolver: MEMORY`, `resolver_preload`). */
export class MemoryResolver implements AccountResolver {
  readonly #jwts = new Map<string, string>();

  readonly store: AccountStore = {
    put: (key, jwt) => {
      const changed = this.#jwts.get(key) !== jwt;
      this.#jwts.set(key, jwt);
      return Promise.resolve(changed);
    },
  };

  fetch(key: string): string | undefined {
    return this.#jwts.get(key);
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
