import { EventEmitter } from 'node:events';

/** A listener's end: call it to stop listening. */
export type Unsubscribe = () => void;

/**
 * Typed events with an unsubscribe function, so that nobody keeps a listener by accident.
 * A listener that throws is the emitter's caller's problem by design: listeners must not throw.
 */
export class Emitter<Events extends Record<string, unknown[]>> {
  readonly #emitter = new EventEmitter().setMaxListeners(0);

  on<Name extends keyof Events & string>(
    name: Name,
    listener: (...args: Events[Name]) => void,
  ): Unsubscribe {
    this.#emitter.on(name, listener as (...args: unknown[]) => void);
    return () => this.#emitter.off(name, listener as (...args: unknown[]) => void);
  }

  emit<Name extends keyof Events & string>(name: Name, ...args: Events[Name]): void {
    this.#emitter.emit(name, ...args);
  }
}
