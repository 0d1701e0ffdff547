/** Typed calls and events over one transport, until that transport is gone. */
import type {
  AnyEvent,
  ApiClient,
  CallName,
  ClientMessage,
  Params,
  Result,
  ServerMessage,
} from '../../../main/api/contract.ts';
import { ApiError, connectionLost } from './errors.ts';
import type { Transport } from './transport.ts';

interface Pending {
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/**
 * The renderer's own client of the contract. It trusts the shapes it is sent: the other end is the peer
 * that served this page, and it has validated them.
 */
export class Client implements ApiClient {
  readonly closed: Promise<void>;
  readonly #transport: Transport;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Set<(event: AnyEvent) => void>();
  #lastId = 0;
  #open = true;

  constructor(transport: Transport) {
    this.#transport = transport;
    transport.onText = (text) => this.#take(JSON.parse(text) as ServerMessage);
    this.closed = new Promise((resolve) => {
      transport.onClose = () => {
        this.#open = false;
        for (const pending of this.#pending.values()) pending.reject(connectionLost());
        this.#pending.clear();
        resolve();
      };
    });
  }

  call<Name extends CallName>(
    name: Name,
    params: Params<Name>,
    options: { signal?: AbortSignal } = {},
  ): Promise<Result<Name>> {
    if (!this.#open) return Promise.reject(connectionLost());
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#pending.delete(id);
        if (this.#open) this.#send({ id, abort: true });
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#pending.set(id, {
        resolve: (result) => {
          signal?.removeEventListener('abort', onAbort);
          resolve(result as Result<Name>);
        },
        reject: (error) => {
          signal?.removeEventListener('abort', onAbort);
          reject(error);
        },
      });
      this.#send({ id, call: name, params });
    });
  }

  onEvent(listener: (event: AnyEvent) => void): () => void {
    if (this.#listeners.size === 0 && this.#open) this.#send({ subscribe: true });
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#transport.close();
  }

  #send(message: ClientMessage): void {
    this.#transport.send(JSON.stringify(message));
  }

  #take(message: ServerMessage): void {
    if ('event' in message) {
      for (const listener of this.#listeners) listener(message);
      return;
    }
    const pending = this.#pending.get(message.id);
    if (pending === undefined) return; // the answer of a call that was given up
    this.#pending.delete(message.id);
    if ('error' in message) pending.reject(new ApiError(message.error));
    else pending.resolve(message.result);
  }
}
