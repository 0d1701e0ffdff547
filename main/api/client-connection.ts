import type {
  AnyEvent,
  ApiClient,
  CallName,
  ClientMessage,
  Params,
  Result,
  ServerMessage,
} from './contract.ts';
import { ApiError, RemoteError } from './errors.ts';

interface PendingCall {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** What the connection needs of its transport. */
export interface ClientOutlet {
  send(text: string): void;
  /** Ends the transport; it answers with `lost` or says nothing more. */
  end(): void;
}

/** The client's side of one connection, on any transport that hands it the peer's messages. */
export class ClientConnection implements ApiClient {
  readonly closed: Promise<void>;
  readonly #outlet: ClientOutlet;
  readonly #pending = new Map<number, PendingCall>();
  readonly #listeners = new Set<(event: AnyEvent) => void>();
  readonly #settle: { resolve: () => void; reject: (error: unknown) => void };
  #subscribed = false;
  #lastId = 0;
  #ended: { readonly reason: unknown } | undefined;

  constructor(outlet: ClientOutlet) {
    this.#outlet = outlet;
    const { promise, resolve, reject }: PromiseWithResolvers<void> = Promise.withResolvers();
    this.closed = promise;
    this.#settle = { resolve, reject };
    // Whoever does not ask how the connection ended must not crash for it.
    promise.catch(() => undefined);
  }

  call<Name extends CallName>(
    name: Name,
    params: Params<Name>,
    options: { signal?: AbortSignal } = {},
  ): Promise<Result<Name>> {
    const { signal } = options;
    if (this.#ended) return Promise.reject(this.#ended.reason);
    if (signal?.aborted) return Promise.reject(signal.reason);
    this.#lastId += 1;
    const id = this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const onAbort = (): void => {
      this.#pending.delete(id);
      this.#say({ id, abort: true });
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#pending.set(id, { resolve, reject });
    this.#say({ id, call: name, params });
    const answered = promise.finally(() => signal?.removeEventListener('abort', onAbort));
    // The peer is of this version and answers in the contract's shapes; the tests check that it does.
    return answered as Promise<Result<Name>>;
  }

  onEvent(listener: (event: AnyEvent) => void): () => void {
    this.#listeners.add(listener);
    if (!this.#subscribed && !this.#ended) {
      this.#subscribed = true;
      this.#say({ subscribe: true });
    }
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    if (this.#ended) return;
    this.#end(new ApiError('connection-lost', 'The connection was closed on this side.'));
    this.#settle.resolve();
    this.#outlet.end();
  }

  /** One message of the peer, as text. */
  receive(text: string): void {
    if (this.#ended) return;
    let message: ServerMessage;
    try {
      message = JSON.parse(text) as ServerMessage;
    } catch (error) {
      this.lost(new ApiError('bad-message', 'The peer sent what is not JSON.', { cause: error }));
      return this.#outlet.end();
    }
    if ('event' in message) {
      for (const listener of [...this.#listeners]) listener(message);
      return;
    }
    // An error without a call: the peer says why it ends the connection.
    if ('error' in message && message.id < 0) {
      this.lost(new RemoteError(message.error));
      return this.#outlet.end();
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if ('error' in message) pending?.reject(new RemoteError(message.error));
    else pending?.resolve(message.result);
  }

  /** The transport is gone without `close`. */
  lost(reason: unknown = new ApiError('connection-lost', 'The peer ended the connection.')): void {
    if (this.#ended) return;
    this.#end(reason);
    this.#settle.reject(reason);
  }

  #end(reason: unknown): void {
    this.#ended = { reason };
    for (const pending of this.#pending.values()) pending.reject(reason);
    this.#pending.clear();
    this.#listeners.clear();
  }

  #say(message: ClientMessage): void {
    if (!this.#ended) this.#outlet.send(JSON.stringify(message));
  }
}
