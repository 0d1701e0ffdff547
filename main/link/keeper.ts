import { codeOf } from '../base/errors.ts';
import type { Backoff } from './backoff.ts';
import { LinkError } from './errors.ts';

/** What a contact's link is doing. */
type State =
  | { readonly name: 'resting' }
  | { readonly name: 'linked' }
  | {
      readonly name: 'dialling';
      readonly controller: AbortController;
      readonly done: Promise<void>;
    }
  | { readonly name: 'waiting'; readonly timer: NodeJS.Timeout };

export interface KeeperOptions {
  /** One attempt at a link; must reject soon after the signal aborts. */
  readonly dial: (signal: AbortSignal) => Promise<void>;
  readonly backoff: Backoff;
  /** Milliseconds. */
  readonly now: () => number;
  readonly onFailed: (error: unknown, retryMs: number) => void;
}

/** Keeps one link up: dials, waits, dials again. Who wants a link meanwhile joins what is under way. */
export class Keeper {
  readonly #options: KeeperOptions;
  #state: State = { name: 'resting' };
  #lastError: unknown;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** Why the last attempt failed, or undefined. */
  get lastError(): unknown {
    return this.#lastError;
  }

  /** Dials now, unless a link or an attempt is there. Resolves when that attempt is over, either way. */
  dialNow(): Promise<void> {
    if (this.#state.name === 'linked') return Promise.resolve();
    if (this.#state.name === 'dialling') return this.#state.done;
    if (this.#state.name === 'waiting') clearTimeout(this.#state.timer);
    const controller = new AbortController();
    const done = this.#attempt(controller.signal);
    this.#state = { name: 'dialling', controller, done };
    return done;
  }

  /** A link is up, whoever dialled it. */
  noteUp(): void {
    if (this.#state.name === 'linked') return;
    this.#end(new LinkError('no-answer', 'Another link came up first.'));
    this.#state = { name: 'linked' };
    this.#lastError = undefined;
    this.#options.backoff.noteUp(this.#options.now());
  }

  /** The link went down: a new one is dialled soon. */
  noteDown(): void {
    if (this.#state.name !== 'linked') return;
    this.#options.backoff.noteDown(this.#options.now());
    this.#wait();
  }

  /** Stops dialling until `dialNow`. */
  rest(reason: Error): void {
    this.#end(reason);
    this.#state = { name: 'resting' };
  }

  async #attempt(signal: AbortSignal): Promise<void> {
    try {
      // Never at once: `dialNow` must have noted the attempt before anything can end it.
      await Promise.resolve();
      await this.#options.dial(signal);
    } catch (error) {
      if (signal.aborted || this.#state.name !== 'dialling') return;
      this.#lastError = error;
      const code = codeOf(error);
      if (code === 'refused-blocked') this.#options.backoff.exhaust();
      this.#options.onFailed(error, this.#wait());
    }
  }

  #wait(): number {
    const delay = this.#options.backoff.next();
    const timer = setTimeout(() => void this.dialNow(), delay);
    this.#state = { name: 'waiting', timer };
    return delay;
  }

  /** Ends what the present state has under way. */
  #end(reason: Error): void {
    const state = this.#state;
    if (state.name === 'waiting') clearTimeout(state.timer);
    if (state.name === 'dialling') state.controller.abort(reason);
  }
}
