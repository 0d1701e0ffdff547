/** A number of places; who comes when all are taken waits in order. */
export class Slots {
  #free: number;
  readonly #count: number;
  readonly #onIdle: () => void;
  readonly #waiting: (() => void)[] = [];

  /** @param onIdle called when the last place that was taken is given back */
  constructor(count: number, onIdle: () => void) {
    this.#free = count;
    this.#count = count;
    this.#onIdle = onIdle;
  }

  /** Takes a place. Returns what gives it back. Throws the signal's reason. */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#free > 0) this.#free -= 1;
    else await this.#wait(signal);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const next = this.#waiting.shift();
      if (next !== undefined) {
        next();
        return;
      }
      this.#free += 1;
      if (this.#free === this.#count) this.#onIdle();
    };
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const take = (): void => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      const abort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1);
        reject(signal.reason as Error);
      };
      this.#waiting.push(take);
      signal.addEventListener('abort', abort, { once: true });
    });
  }
}
