/**
 * Calls `run` for a key at most once in `gapMs`: at once when it has been quiet, else at the end of the gap.
 * Nothing is lost: the last call of a burst is always followed by a run.
 */
export class Throttle<Key> {
  readonly #gapMs: number;
  readonly #run: (key: Key) => void;
  readonly #gaps = new Map<Key, { timer: NodeJS.Timeout; again: boolean }>();

  constructor(gapMs: number, run: (key: Key) => void) {
    this.#gapMs = gapMs;
    this.#run = run;
  }

  call(key: Key): void {
    const gap = this.#gaps.get(key);
    if (gap !== undefined) {
      gap.again = true;
      return;
    }
    this.#start(key);
    this.#run(key);
  }

  /** Runs now what waits for its gap, or anyway; used when a state must not be told late. */
  now(key: Key): void {
    this.forget(key);
    this.call(key);
  }

  #start(key: Key): void {
    const timer = setTimeout(() => {
      const gap = this.#gaps.get(key);
      this.#gaps.delete(key);
      if (gap?.again === true) this.call(key);
    }, this.#gapMs).unref();
    this.#gaps.set(key, { timer, again: false });
  }

  forget(key: Key): void {
    clearTimeout(this.#gaps.get(key)?.timer);
    this.#gaps.delete(key);
  }

  dispose(): void {
    for (const { timer } of this.#gaps.values()) clearTimeout(timer);
    this.#gaps.clear();
  }
}
