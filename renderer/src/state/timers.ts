/** At most one running timer an id. */
export class Timers {
  readonly #running = new Map<number, ReturnType<typeof setTimeout>>();

  /** Calls `act` after `ms` milliseconds; nothing when one runs for this id already. */
  start(id: number, ms: number, act: () => void): void {
    if (this.#running.has(id)) return;
    const fire = () => {
      this.#running.delete(id);
      act();
    };
    this.#running.set(id, setTimeout(fire, ms));
  }

  stop(id: number): void {
    clearTimeout(this.#running.get(id));
    this.#running.delete(id);
  }

  stopAll(): void {
    for (const id of [...this.#running.keys()]) this.stop(id);
  }
}
