import type { Socket } from 'node:net';
import { SkerryError, codeOf, messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Links } from '../link/types.ts';
import { type Address, formatAddress, parseAddress } from './address.ts';
import type { ForwardRow } from './forward-repository.ts';
import { LocalListener } from './local-listener.ts';
import { openService } from './open-service.ts';
import { errorOfLink } from './refusal.ts';
import { Splice, resetSocket } from './splice.ts';
import type { Forward, ForwardFailure } from './types.ts';

/** Connections through one forward at a time: as many as the other side takes of one contact. */
const MAX_CONNECTIONS = 64;
/** How often a forward whose address is taken at the start tries again. */
const RETRY_MS = 10_000;

export interface LiveForwardOptions {
  readonly row: ForwardRow;
  readonly links: Pick<Links, 'openStream'>;
  readonly log: Log;
  readonly onChange: () => void;
}

/** A local address, and the connections that come in there. */
export class LiveForward {
  readonly #options: LiveForwardOptions;
  readonly #closed = new AbortController();
  readonly #sockets = new Set<Socket>();
  #row: ForwardRow;
  #listener: LocalListener | undefined;
  #failure: ForwardFailure | null = null;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: LiveForwardOptions) {
    this.#options = options;
    this.#row = options.row;
  }

  /** A port 0 is replaced by the one that was bound, so that it is the same after the next start. */
  get row(): ForwardRow {
    return this.#row;
  }

  get info(): Forward {
    return {
      ...this.#row,
      state: this.#listener === undefined ? 'failed' : 'listening',
      error: this.#failure,
      connections: this.#sockets.size,
    };
  }

  /**
   * Listens.
   *
   * @throws ForwardError `forward-in-use`, `forward-unusable`
   */
  async listen(address: Address): Promise<void> {
    const listener = await LocalListener.open(address, (socket) => void this.#accept(socket));
    if (this.#closed.signal.aborted) listener.close();
    this.#listener = listener;
    this.#failure = null;
    this.#row = { ...this.#row, listen: formatAddress(listener.address) };
  }

  /** Listens as it did before, or as soon as the address is free. Never throws. */
  async restore(): Promise<void> {
    const address = parseAddress(this.row.listen);
    if (address === undefined) return; // Written by another system: `info` says that it failed.
    try {
      await this.listen(address);
    } catch (error) {
      this.#failure = failureOf(error);
      if (this.#closed.signal.aborted) return;
      this.#retry = setTimeout(() => void this.restore(), RETRY_MS).unref();
    }
    this.#options.onChange();
  }

  /** Idempotent. */
  close(): void {
    clearTimeout(this.#retry);
    this.#listener?.close();
    this.#closed.abort(new Error('the forward is closed'));
    for (const socket of this.#sockets) resetSocket(socket);
  }

  async #accept(socket: Socket): Promise<void> {
    if (this.#sockets.size >= MAX_CONNECTIONS || this.#closed.signal.aborted) {
      resetSocket(socket);
      return;
    }
    this.#sockets.add(socket);
    this.#options.onChange();
    try {
      await this.#carry(socket);
    } finally {
      // A connection that came to nothing must not look like an empty answer.
      if (!socket.destroyed) resetSocket(socket);
      this.#sockets.delete(socket);
      this.#options.onChange();
    }
  }

  /** Never throws. */
  async #carry(socket: Socket): Promise<void> {
    const { links, log } = this.#options;
    const { peer, service } = this.row;
    const { signal } = this.#closed;
    let splice: Splice | undefined;
    try {
      const stream = await openService(links, peer, service, signal);
      splice = new Splice(stream, socket);
      if (signal.aborted) splice.cut();
      this.#failure = null;
      await splice.run();
    } catch (error) {
      if (signal.aborted) return;
      if (splice === undefined) this.#failure = failureOf(error);
      const reason = messageOf(errorOfLink(error));
      log.debug({ peer, service, code: codeOf(error), reason }, 'forwarded connection ended');
    }
  }
}

function failureOf(error: unknown): ForwardFailure {
  const { message, hint, code } =
    error instanceof SkerryError
      ? error
      : { message: 'The connection failed.', hint: 'The log says more.', code: 'internal' };
  return { code, message, hint };
}
