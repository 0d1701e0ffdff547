import type { Log } from '../base/log.ts';
import { MisshapenCall, parseClientMessage } from './client-message.ts';
import type { ApiPeer, ClientMessage, ErrorInfo, ServerMessage } from './contract.ts';
import { ApiError, toErrorInfo } from './errors.ts';
import { EventCoalescer } from './event-coalescer.ts';
import { invoke } from './invoke.ts';
import { MAX_CALLS_IN_FLIGHT } from './limits.ts';

/** The way back to one client; a transport gives the session one of these. */
export interface Outlet {
  /**
   * Takes one message. False: it was taken, but the client reads too slowly; the session sends nothing more
   * until `drained`, and the transport should read nothing from the client until then either.
   */
  send(text: string): boolean;
  /** Ends the connection after what was sent; the transport calls `ApiSession.close` when it is gone. */
  end(): void;
}

/** The id of an error that belongs to no call: the connection ends after it. */
const NO_CALL = -1;

/**
 * The peer's side of one connection, on any transport: checks what comes in, runs the calls, and sends
 * answers and events. Everything from the client is checked here against the contract before a handler
 * sees it.
 */
export class ApiSession {
  readonly #peer: ApiPeer;
  readonly #outlet: Outlet;
  readonly #log: Log;
  readonly #running = new Map<number, AbortController>();
  readonly #events: EventCoalescer;
  #waitingAnswers: string[] = [];
  #congested = false;
  #unsubscribe: (() => void) | undefined;
  #closed = false;

  constructor(options: { peer: ApiPeer; outlet: Outlet; log: Log }) {
    this.#peer = options.peer;
    this.#outlet = options.outlet;
    this.#log = options.log;
    this.#events = new EventCoalescer({
      send: (event) => this.#send(JSON.stringify(event)),
      onOverflow: () =>
        this.fail(new ApiError('too-slow', 'The connection read too few of its events.')),
    });
  }

  /** One message of the client, as text. */
  receive(text: string): void {
    if (this.#closed) return;
    try {
      this.#dispatch(parseClientMessage(text));
    } catch (error) {
      if (error instanceof MisshapenCall) this.#answerError(error.id, error.reason);
      else this.fail(error);
    }
  }

  /** The transport can send again after `Outlet.send` returned false. */
  drained(): void {
    this.#congested = false;
    while (!this.#congested) {
      const answer = this.#waitingAnswers.shift();
      if (!answer) break;
      this.#send(answer);
    }
    if (!this.#congested) this.#events.drained();
  }

  /** Tells the client what is wrong with the connection as a whole, and ends it. */
  fail(error: unknown): void {
    if (this.#closed) return;
    this.#outlet.send(errorText(NO_CALL, this.#explain(error, 'connection')));
    this.close();
    this.#outlet.end();
  }

  /** The connection is gone: aborts what runs for it and stops its events. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#events.close();
    this.#waitingAnswers = [];
    for (const controller of this.#running.values()) {
      controller.abort(new ApiError('aborted', 'The caller has gone.'));
    }
  }

  #dispatch(message: ClientMessage): void {
    if ('subscribe' in message) {
      this.#unsubscribe ??= this.#peer.onEvent((event) => this.#events.push(event));
    } else if ('abort' in message) {
      const controller = this.#running.get(message.id);
      if (!controller || controller.signal.aborted) return;
      const reason = new ApiError('aborted', 'The call was given up.');
      controller.abort(reason);
      this.#answerError(message.id, reason);
    } else {
      this.#start(message.id, message.call, message.params);
    }
  }

  #start(id: number, name: string, params: unknown): void {
    if (id < 0 || this.#running.has(id)) {
      throw new ApiError('bad-message', `The call id ${id} is negative or still in use.`);
    }
    if (this.#running.size + this.#waitingAnswers.length >= MAX_CALLS_IN_FLIGHT) {
      const message = `More than ${MAX_CALLS_IN_FLIGHT} calls are under way on this connection.`;
      return this.#answerError(id, new ApiError('too-many-calls', message));
    }
    const controller = new AbortController();
    this.#running.set(id, controller);
    // The promise never rejects: every way out of a call ends in an answer or in nothing (after an abort).
    void this.#run(id, name, params, controller.signal);
  }

  async #run(id: number, name: string, params: unknown, signal: AbortSignal): Promise<void> {
    let answer: string;
    try {
      answer = JSON.stringify({ id, result: await invoke(this.#peer, name, params, signal) });
    } catch (error) {
      answer = errorText(id, signal.aborted ? ABORTED : this.#explain(error, name));
    }
    this.#running.delete(id);
    // An aborted call has been answered at the abort; its handler only counted until it really ended.
    if (!signal.aborted) this.#answer(answer);
  }

  #answerError(id: number, error: unknown): void {
    this.#answer(errorText(id, this.#explain(error, 'call')));
  }

  #answer(answer: string): void {
    if (this.#closed) return;
    if (this.#congested) this.#waitingAnswers.push(answer);
    else this.#send(answer);
  }

  #send(text: string): boolean {
    this.#congested = !this.#outlet.send(text);
    if (this.#congested) this.#events.hold();
    return !this.#congested;
  }

  /** What the client may know of an error; the rest goes to the log. */
  #explain(error: unknown, call: string): ErrorInfo {
    const info = toErrorInfo(error);
    if (info) return info;
    this.#log.error({ err: error, call }, 'a call failed unexpectedly');
    return INTERNAL;
  }
}

const infoOf = (code: 'internal' | 'aborted', message: string): ErrorInfo => ({
  code,
  message,
  hint: new ApiError(code, message).hint,
});
const INTERNAL = infoOf('internal', 'Something unexpected went wrong inside the peer.');
const ABORTED = infoOf('aborted', 'The call was given up.');

function errorText(id: number, error: ErrorInfo): string {
  return JSON.stringify({ id, error } satisfies ServerMessage);
}
