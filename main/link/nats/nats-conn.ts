import type { Lane, Lease } from '../../deployment/types.ts';
import type { Way } from '../../identity/types.ts';
import { LinkError } from '../errors.ts';
import type { PacketConn, SessionSecrets } from '../types.ts';

/** The largest datagram over NATS: the largest packet that QUIC can be told to make (PROTOCOL "NATS"). */
const MAX_DATAGRAM = 16_383;

/**
 * A session on two subjects of a NATS deployment: `<prefix>.s.<id>.0` from the dialler, `.1` from the acceptor.
 *
 * It lives through a restart of the server: the client renews the subscription, and what is sent while the
 * server is away is lost like any datagram. It dies when the client is closed for good or the server denies
 * one of its subjects.
 */
export class NatsConn implements PacketConn {
  readonly kind = 'nats';
  readonly remote: string;
  readonly maxDatagram: number;
  onDatagram: PacketConn['onDatagram'] = null;
  onDrain: (() => void) | null = null;
  onDead: ((reason: Error) => void) | null = null;
  readonly #lease: Lease;
  readonly #lane: Lane;
  readonly #off: (() => void)[];
  readonly #onClose: (conn: NatsConn) => void;
  readonly #place: { readonly id: string; readonly prefix: string };
  #closed = false;

  /**
   * Subscribes at once: what the other side sends after it heard of this session is not missed.
   *
   * @param lease taken over, and released by `close`; its client must be there
   * @throws LinkError `way-unusable`; the lease stays the caller's then
   */
  constructor(options: {
    readonly lease: Lease;
    readonly prefix: string;
    readonly secrets: SessionSecrets;
    readonly onClose: (conn: NatsConn) => void;
  }) {
    const { connection } = options.lease;
    const { id, role } = options.secrets;
    if (connection.client === undefined) {
      throw new LinkError('way-unusable', `${connection.server} is not connected.`);
    }
    this.#lease = options.lease;
    this.#onClose = options.onClose;
    this.remote = connection.server;
    this.#place = { id, prefix: options.prefix };
    this.maxDatagram = Math.min(MAX_DATAGRAM, connection.maxPayload);
    const [send, receive] = role === 'dialler' ? ['0', '1'] : ['1', '0'];
    const sendSubject = `${options.prefix}.s.${id}.${send}`;
    const receiveSubject = `${options.prefix}.s.${id}.${receive}`;
    this.#lane = connection.openLane({
      send: sendSubject,
      receive: receiveSubject,
      onDatagram: (datagram) => this.#received(datagram),
      onDrain: () => this.onDrain?.(),
    });
    this.#off = [
      connection.on('back', () => {
        if (connection.maxPayload < this.maxDatagram) {
          this.#die(`${this.remote} now takes smaller messages than this session needs.`);
        }
      }),
      connection.on('lost', (cause) => this.#die(cause.message, cause)),
      connection.on('denied', (operation, subject) => {
        if (subject !== sendSubject && subject !== receiveSubject) return;
        const verb = operation === 'publish' ? 'publish to' : 'subscribe to';
        this.#die(`${this.remote} does not let this peer ${verb} ${options.prefix}.s.>.`);
      }),
    ];
  }

  /** Whether it carries that session by that way. */
  isFor({ id }: SessionSecrets, way: Way): boolean {
    if (way.kind !== 'nats' || way.server !== this.remote) return false;
    return this.#place.id === id && this.#place.prefix === way.prefix;
  }

  send(datagram: Uint8Array): boolean {
    if (this.#closed) return true;
    return this.#lane.send(datagram);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const off of this.#off) off();
    this.#lane.close();
    this.#lease.release();
    this.#onClose(this);
  }

  /** An exception must not reach the client: it would end the reader of all sessions on this server. */
  #received(datagram: Uint8Array): void {
    // Nothing longer than the other side may send, and nothing empty, is a datagram of QUIC.
    if (this.#closed || datagram.length === 0 || datagram.length > MAX_DATAGRAM) return;
    try {
      this.onDatagram?.(datagram);
    } catch (cause) {
      this.#die('A datagram could not be handled.', cause);
    }
  }

  #die(message: string, cause?: unknown): void {
    if (this.#closed) return;
    const { onDead } = this;
    this.close();
    onDead?.(new LinkError('way-unusable', message, { cause }));
  }
}
