import { PendingWrite } from './pending.ts';
import { GIVEN_UP, WHOLE } from './signals.ts';
import type { StreamHost, Writer } from './stream-host.ts';

export interface WriteHalfEvents {
  /** This side's direction is over. */
  readonly onEnded: () => void;
  /** QUIC itself stopped the stream, which no Skerry asks for. */
  readonly onStopped: (cause: unknown) => void;
  /** A write was interrupted half-way: the other side can make nothing of what it got. */
  readonly onBroken: () => void;
}

/** What this side sends on a stream; its last byte says how it ended. */
export class WriteHalf implements Writer {
  readonly #id: number;
  readonly #host: StreamHost;
  readonly #events: WriteHalfEvents;
  #pending: PendingWrite | undefined;
  /** Set once the end was asked for. */
  #last: Uint8Array | undefined;
  readonly #end = Promise.withResolvers<undefined>();
  #ended = false;
  #failure: Error | undefined;

  constructor(id: number, host: StreamHost, events: WriteHalfEvents) {
    this.#id = id;
    this.#host = host;
    this.#events = events;
    this.#end.promise.catch(() => undefined); // Whoever called `end` has the promise.
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** See `Stream.write`. */
  write(bytes: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    if (this.#pending !== undefined || this.#last !== undefined) {
      return Promise.reject(new TypeError('a stream has one writer, and none after its end'));
    }
    const sent = this.#host.hasWaitingWriters() ? 0 : this.#push(bytes, false);
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (sent === bytes.byteLength) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    this.#pending = new PendingWrite(bytes, sent, resolve, reject, signal, (isBegun) => {
      this.#stopWaiting();
      if (isBegun) this.#events.onBroken();
    });
    this.#host.awaitRoom(this);
    return promise;
  }

  /** See `Stream.end`. */
  end(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#pending !== undefined) return Promise.reject(new TypeError('a write is under way'));
    this.#finish(WHOLE);
    return this.#end.promise;
  }

  onRoom(limit: number): number {
    const pending = this.#pending;
    if (pending === undefined) return this.#pushLast();
    const sent = this.#push(pending.next(limit), false);
    if (this.#failure === undefined && pending.advance(sent)) {
      this.#stopWaiting();
      pending.resolve(undefined);
    }
    return sent;
  }

  /** Nothing more is sent, except that this direction was given up. */
  fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    const pending = this.#pending;
    this.#stopWaiting();
    pending?.reject(error);
    this.#end.reject(error);
    this.#finish(GIVEN_UP);
  }

  /** The connection is gone. */
  kill(error: Error): void {
    this.#ended = true;
    this.fail(error);
  }

  #finish(how: number): void {
    if (this.#ended) return;
    this.#last = Uint8Array.of(how);
    if (this.#pushLast() === 0 && !this.#ended) this.#host.awaitRoom(this);
  }

  #pushLast(): number {
    if (this.#last === undefined || this.#ended) return 0;
    const sent = this.#push(this.#last, true);
    if (sent === 0 || this.#ended) return 0;
    this.#over();
    this.#end.resolve(undefined);
    return sent;
  }

  #push(bytes: Uint8Array, fin: boolean): number {
    if (bytes.byteLength === 0) return 0;
    try {
      return this.#host.send(this.#id, bytes, fin);
    } catch (cause) {
      this.#over();
      this.#events.onStopped(cause);
      return 0;
    }
  }

  #over(): void {
    this.#ended = true;
    this.#host.cancelRoom(this);
    this.#events.onEnded();
  }

  #stopWaiting(): void {
    this.#pending = undefined;
    this.#host.cancelRoom(this);
  }
}
