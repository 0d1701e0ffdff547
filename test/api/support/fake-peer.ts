import { calls, type AnyEvent, type ApiPeer, type Handlers } from '../../../main/api/contract.ts';
import { Emitter } from '../../../main/base/emitter.ts';
import { SkerryError } from '../../../main/base/errors.ts';

const notHere = { 'not-here': { meaning: 'A test left the call out.', hint: 'Give its handler.' } };

export interface FakePeer extends ApiPeer {
  /** Says an event, as the real peer would. */
  emit(event: AnyEvent): void;
  /** How many connections listen to events. */
  listeners(): number;
}

/** A peer that serves the given calls only; every other call is refused with `not-here`. */
export function fakePeer(overrides: Partial<Handlers> = {}): FakePeer {
  const emitter = new Emitter<{ event: [AnyEvent] }>();
  let listeners = 0;
  const refusals = Object.keys(calls).map((name) => [
    name,
    () => Promise.reject(new SkerryError(notHere, 'not-here', `${name} is not served here.`)),
  ]);
  return {
    handlers: { ...(Object.fromEntries(refusals) as Handlers), ...overrides },
    onEvent(listener) {
      listeners += 1;
      const off = emitter.on('event', listener);
      return () => {
        listeners -= 1;
        off();
      };
    },
    emit: (event) => emitter.emit('event', event),
    listeners: () => listeners,
  };
}
