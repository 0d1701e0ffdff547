/** Keeps a client of the peer alive: dials, tells when it is up or gone, and dials again after a while. */
import type { AnyEvent, CallName, Params, Result } from '../../../main/api/contract.ts';
import { Backoff } from './backoff.ts';
import { Client } from './client.ts';
import { connectionLost } from './errors.ts';
import { NoSession, type Dial } from './transport.ts';

export interface ConnectionListener {
  /** Connected and subscribed; whatever was known before may be stale. */
  opened(): void;
  event(event: AnyEvent): void;
  /** Not connected; another attempt follows by itself. */
  lost(): void;
  /** Not connected; only a new address helps (`retry` tries again with it). */
  refused(): void;
}

const FIRST_DELAY_MS = 300;
const LONGEST_DELAY_MS = 5_000;

export class Connection {
  readonly #dial: Dial;
  readonly #listener: ConnectionListener;
  readonly #stop = new AbortController();
  readonly #backoff = new Backoff(FIRST_DELAY_MS, LONGEST_DELAY_MS);
  #client: Client | undefined;
  #wake: (() => void) | undefined;

  constructor(dial: Dial, listener: ConnectionListener) {
    this.#dial = dial;
    this.#listener = listener;
  }

  /** Runs until `close`; never rejects. */
  async run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const refused = await this.#once(signal);
      if (signal.aborted) return;
      if (refused) this.#listener.refused();
      else this.#listener.lost();
      await this.#pause(refused ? Infinity : this.#backoff.next());
    }
  }

  /** Tries again at once: the network came back, or there is a new token. */
  retry(): void {
    this.#wake?.();
  }

  /** Rejects with `connection-lost` while there is no connection. */
  call<Name extends CallName>(
    name: Name,
    params: Params<Name>,
    options: { signal?: AbortSignal } = {},
  ): Promise<Result<Name>> {
    return this.#client?.call(name, params, options) ?? Promise.reject(connectionLost());
  }

  close(): void {
    this.#stop.abort();
    this.#client?.close();
    this.#wake?.();
  }

  /** One connection from dial to end; true when the peer does not know this browser. */
  async #once(signal: AbortSignal): Promise<boolean> {
    try {
      const client = new Client(await this.#dial(signal));
      // `close` may have been called while the dial was under way.
      if (signal.aborted) client.close();
      this.#client = client;
      // Before the first call, so that nothing falls between a list and its changes.
      client.onEvent((event) => this.#listener.event(event));
      this.#backoff.reset();
      this.#listener.opened();
      await client.closed;
      return false;
    } catch (error) {
      return error instanceof NoSession;
    } finally {
      this.#client = undefined;
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === Infinity ? undefined : setTimeout(done, ms);
      const wake = () => done();
      this.#wake = wake;
      function done(): void {
        clearTimeout(timer);
        resolve();
      }
    });
  }
}
