/** A list of the peer that is fetched once a connection and then kept by events. */
import { SvelteMap } from 'svelte/reactivity';
import type { ErrorInfo } from '../../../main/api/contract.ts';
import { errorInfo } from '../api/errors.ts';
import { ListFetch } from './list-fetch.ts';

export class LiveList<T> {
  readonly map = new SvelteMap<string, T>();
  /** False until the first fetch has succeeded. */
  loaded = $state(false);
  /** Why the last fetch failed; null after a success. */
  error = $state.raw<ErrorInfo | null>(null);
  readonly #subjectOf: (item: T) => string;
  #fetch: ListFetch<T> | undefined;

  constructor(subjectOf: (item: T) => string) {
    this.#subjectOf = subjectOf;
  }

  /** Replaces everything with what `ask` answers, except what events have changed meanwhile. */
  async refetch(ask: () => Promise<readonly T[]>): Promise<void> {
    const fetch = (this.#fetch = new ListFetch<T>());
    try {
      const items = await ask();
      if (this.#fetch !== fetch) return; // a later fetch has taken over
      fetch.merge(this.map, items, this.#subjectOf);
      this.loaded = true;
      this.error = null;
    } catch (error) {
      if (this.#fetch === fetch) this.error = errorInfo(error);
    } finally {
      if (this.#fetch === fetch) this.#fetch = undefined;
    }
  }

  /** Takes an event: the subject's new data, or null when it is gone. */
  apply(subject: string, data: T | null): void {
    this.#fetch?.overtake(subject);
    if (data === null) this.map.delete(subject);
    else this.map.set(subject, data);
  }
}
