import {
  calls,
  events,
  type AnyEvent,
  type ApiPeer,
  type CallName,
  type Handlers,
} from '../../../main/api/contract.ts';
import { Emitter } from '../../../main/base/emitter.ts';
import { SkerryError } from '../../../main/base/errors.ts';

const notHere = { 'not-here': { meaning: 'A test left the call out.', hint: 'Give its handler.' } };

export interface FakePeer extends ApiPeer {
  /** Says an event, as the real peer would. */
  emit(event: AnyEvent): void;
  /** How many connections listen to events. */
  listeners(): number;
}

/**
 * A peer that serves the given calls only; every other call is refused with `not-here`. What the given
 * handlers answer, and the events, are checked by the contract, so that a test cannot invent a shape.
 */
export function fakePeer(overrides: Partial<Handlers> = {}): FakePeer {
  const emitter = new Emitter<{ event: [AnyEvent] }>();
  let listeners = 0;
  const handlerOf = (name: CallName) => async (params: never, signal: AbortSignal) => {
    const handler = overrides[name];
    if (!handler) throw new SkerryError(notHere, 'not-here', `${name} is not served here.`);
    return calls[name].result.parse(await handler(params, signal));
  };
  const names = Object.keys(calls) as CallName[];
  return {
    handlers: Object.fromEntries(names.map((name) => [name, handlerOf(name)])) as Handlers,
    onEvent(listener) {
      listeners += 1;
      const off = emitter.on('event', listener);
      return () => {
        listeners -= 1;
        off();
      };
    },
    emit(event) {
      if (event.data !== null) events[event.event].parse(event.data);
      emitter.emit('event', event);
    },
    listeners: () => listeners,
  };
}
