import type { PeerKey } from '../../identity/types.ts';
import { LinkError } from '../errors.ts';
import type { PacketConn } from '../types.ts';
import type { Leg } from './leg.ts';
import { MAX_RELAYED } from './wire.ts';

export interface RelayConnOptions {
  /** The contact next to this peer on the way. */
  readonly via: PeerKey;
  /** Whether the link to it may carry others' datagrams now. */
  readonly isUsable: () => boolean;
  readonly onClose: (conn: RelayConn) => void;
}

/**
 * A session's datagrams over streams through a contact. Either side may open one, and both may at the same time:
 * they are one conn then, and the acceptor's stream ends when the dialler's is there.
 */
export class RelayConn implements PacketConn {
  readonly kind = 'relay';
  readonly remote: string;
  readonly maxDatagram = MAX_RELAYED;
  onDatagram: PacketConn['onDatagram'] = null;
  onDrain: (() => void) | null = null;
  onDead: ((reason: Error) => void) | null = null;
  readonly #options: RelayConnOptions;
  #own: Leg | undefined;
  #theirs: Leg | undefined;
  /** A stream is on its way. */
  #isOpening = false;
  #isClosed = false;

  constructor(options: RelayConnOptions) {
    this.#options = options;
    this.remote = options.via;
  }

  /** Until `attach` or `failed`: datagrams are dropped, and the conn lives. */
  opening(): void {
    this.#isOpening = true;
  }

  /** @param side who opened the stream */
  attach(leg: Leg, side: 'own' | 'theirs'): void {
    if (side === 'own') this.#isOpening = false;
    if (this.#isClosed) {
      leg.close();
      return;
    }
    const held = side === 'own' ? this.#own : this.#theirs;
    if (side === 'own') this.#own = leg;
    else this.#theirs = leg;
    held?.close();
    this.drained();
  }

  /** The stream that was on its way does not come. */
  failed(reason: Error): void {
    this.#isOpening = false;
    this.#dieIfBare(reason);
  }

  /** A stream has ended. */
  detach(leg: Leg, reason: Error): void {
    if (this.#own === leg) this.#own = undefined;
    else if (this.#theirs === leg) this.#theirs = undefined;
    else return;
    this.#dieIfBare(reason);
    this.drained();
  }

  /** Ends the own stream if the other side's is there: one is enough. */
  yieldToTheirs(): void {
    const own = this.#own;
    if (own === undefined || this.#theirs === undefined) return;
    this.#own = undefined;
    own.close();
  }

  received(datagram: Uint8Array): void {
    if (this.#isClosed) return;
    try {
      this.onDatagram?.(datagram);
    } catch (cause) {
      this.die(new LinkError('way-unusable', 'A datagram could not be handled.', { cause }));
    }
  }

  drained(): void {
    if (!this.#isClosed) this.onDrain?.();
  }

  send(datagram: Uint8Array): boolean {
    const leg = this.#own ?? this.#theirs;
    if (this.#isClosed || leg === undefined || !this.#options.isUsable()) return true;
    return leg.send(datagram);
  }

  die(reason: Error): void {
    if (this.#isClosed) return;
    const { onDead } = this;
    this.close();
    onDead?.(reason);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#own?.close();
    this.#theirs?.close();
    this.#options.onClose(this);
  }

  #dieIfBare(reason: Error): void {
    const isBare = this.#own === undefined && this.#theirs === undefined && !this.#isOpening;
    if (isBare) this.die(reason);
  }
}
