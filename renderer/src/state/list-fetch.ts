/**
 * One fetch of a list while events arrive: what an event told meanwhile is newer than the answer, so the
 * answer does not overwrite it.
 */
export class ListFetch<T> {
  readonly #overtaken = new Set<string>();

  /** An event told of this subject. */
  overtake(subject: string): void {
    this.#overtaken.add(subject);
  }

  /** Makes `map` what `items` says, except for the subjects that were overtaken. */
  merge(map: Map<string, T>, items: readonly T[], subjectOf: (item: T) => string): void {
    const kept = new Set(this.#overtaken);
    for (const item of items) {
      const subject = subjectOf(item);
      kept.add(subject);
      if (!this.#overtaken.has(subject)) map.set(subject, item);
    }
    for (const subject of [...map.keys()]) if (!kept.has(subject)) map.delete(subject);
  }
}
