/** A list of the peer that is fetched once a connection and then kept by events. */
import { SvelteMap } from 'svelte/reactivity';
import type { ErrorInfo } from '../../../main/api/contract.ts';
import { errorInfo } from '../api/errors.ts';

export class LiveList<T> {
  readonly map = new SvelteMap<string, T>();
  /** False until the first fetch has succeeded. */
  loaded = $state(false);
  /** Why the last fetch failed; null after a success. */
  error = $state.raw<ErrorInfo | null>(null);
  readonly #subjectOf: (item: T) => string;
  /** Subjects that events told of while a fetch is under way: they are newer than its answer. */
  #touched: Set<string> | undefined;

  constructor(subjectOf: (item: T) => string) {
    this.#subjectOf = subjectOf;
  }

  /** Replaces everything with what `fetch` answers, except what events have changed meanwhile. */
  async refetch(fetch: () => Promise<readonly T[]>): Promise<void> {
    const touched = new Set<string>();
    this.#touched = touched;
    try {
      const items = await fetch();
      if (this.#touched !== touched) return; // a later fetch has taken over
      const seen = new Set(touched);
      for (const item of items) {
        const subject = this.#subjectOf(item);
        seen.add(subject);
        if (!touched.has(subject)) this.map.set(subject, item);
      }
      for (const subject of this.map.keys()) if (!seen.has(subject)) this.map.delete(subject);
      this.loaded = true;
      this.error = null;
    } catch (error) {
      if (this.#touched === touched) this.error = errorInfo(error);
    } finally {
      if (this.#touched === touched) this.#touched = undefined;
    }
  }

  /** Takes an event: the subject's new data, or null when it is gone. */
  apply(subject: string, data: T | null): void {
    this.#touched?.add(subject);
    if (data === null) this.map.delete(subject);
    else this.map.set(subject, data);
  }
}
