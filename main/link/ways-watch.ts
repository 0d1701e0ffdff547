/** Notices that this peer can be reached in other ways than before, and that the computer was asleep. */
import type { Way } from '../identity/types.ts';

/** Systems tell a program nothing about this; asking costs a fraction of a millisecond. */
const LOOK_MS = 3_000;
/** A timer that is so much too late has slept. */
const ASLEEP_MS = 5_000;

export class WaysWatch {
  readonly #ways: () => Way[];
  readonly #onChange: (ways: Way[]) => void;
  #timer: NodeJS.Timeout | undefined;
  #known = '';
  /** Milliseconds since 1970, which count while the computer sleeps. */
  #lookedAt = 0;

  /** @param onChange the ways of now; called as well when none has changed and the computer woke */
  constructor(ways: () => Way[], onChange: (ways: Way[]) => void) {
    this.#ways = ways;
    this.#onChange = onChange;
  }

  start(): void {
    this.#known = JSON.stringify(this.#ways());
    this.#lookedAt = Date.now();
    this.#timer ??= setInterval(() => this.look(), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Looks now: the host has been told of a change. */
  look(): void {
    const now = Date.now();
    const slept = now - this.#lookedAt > LOOK_MS + ASLEEP_MS;
    this.#lookedAt = now;
    const ways = this.#ways();
    const known = JSON.stringify(ways);
    if (known === this.#known && !slept) return;
    this.#known = known;
    this.#onChange(ways);
  }
}
