import { randomBytes } from 'node:crypto';
import { quiche, type Config, type Connection, type Host } from '@matrixai/quic/native/index.js';
import { decodeNKey } from '../../base/nkey.ts';
import type { PeerKey } from '../../identity/types.ts';
import { LinkError } from '../errors.ts';
import type { PacketConn } from '../types.ts';
import { ALPN, IDLE_TIMEOUT_MS, MAX_PACKET } from './config.ts';
import { closeReason } from './close-reason.ts';
import { provenKey } from './proven-key.ts';
import { StreamTable } from './stream-table.ts';
import type { QuicStream } from './quic-stream.ts';
import { DeadlineTimer } from '../deadline-timer.ts';

/** QUIC is told constant addresses, so that it never migrates by itself: paths are the packet conn's affair. */
const HERE: Host = { host: '127.0.0.1', port: 1 };
const THERE: Host = { host: '127.0.0.1', port: 2 };
/** Whose packet it is, the session has told already (RFC 9000 section 5.1: any length will do): fewer bytes in each. */
const CONNECTION_ID_BYTES = 4;
const RECV_INFO = { from: THERE, to: HERE };

const KEEPALIVE_MS = 10_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** Packets sent in one turn of the event loop: 1 MiB of the largest, about 3 ms. */
const PACKETS_PER_TURN = 64;
/**
 * A side that only receives acknowledges every so many packets, or when no more come: an acknowledgement costs both
 * sides about as much as a packet of data. RFC 9000 section 13.2.2 lets the receiver choose.
 */
const PACKETS_PER_ACK = 64;
/** Who sends more at a time than acknowledgements and credit has data to send, which does not wait. */
const SENDS_NO_DATA = 2;
/** Garbage before the first good packet costs a server its state (quiche); so often it gets a new one. */
const MAX_FALSE_STARTS = 64;

export interface QuicOptions {
  readonly conn: PacketConn;
  readonly role: 'dialler' | 'acceptor';
  /** The key that the other side must prove. */
  readonly peer: PeerKey;
  readonly config: Config;
  /** A stream that the other side opened; called after its key was proven only. */
  readonly onStream: (stream: QuicStream) => void;
  /** The connection is over; called once, also when it never came up. */
  readonly onClosed: (reason: LinkError) => void;
  /** See held-limit.ts. */
  readonly maxHeld?: number;
}

export interface QuicStats {
  readonly rttMs: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly streams: number;
  readonly lostPackets: number;
}

/**
 * One QUIC connection over a packet conn, driven by events: datagrams are fed to quiche as they come; then,
 * once in the same turn of the event loop, streams are served and packets are sent.
 */
export class QuicConnection {
  readonly #options: QuicOptions;
  readonly #conn: PacketConn;
  readonly #space = Buffer.alloc(MAX_PACKET);
  /** As much of it as a packet may fill on the path of now. */
  #out: Buffer;
  readonly #timer: DeadlineTimer;
  readonly #keepalive: NodeJS.Timeout;
  readonly #handshakeTimer: NodeJS.Timeout;
  readonly #established = Promise.withResolvers<undefined>();
  readonly #streams: StreamTable;
  #quic: Connection;
  #turn: NodeJS.Immediate | undefined;
  #proven = false;
  #closed = false;
  #falseStarts = 0;
  /** Packets that came in this turn, and since something was sent. */
  #heard = 0;
  #unanswered = 0;
  /** Packets that were sent when it was last looked whether there are any. */
  #lastSent = 0;
  /** Milliseconds since 1970, which count while the computer sleeps. */
  #awakeAt = Date.now();
  /** When the packet conn said stop, ms of `performance.now`; undefined: it takes packets. */
  #blockedSince: number | undefined;

  constructor(options: QuicOptions) {
    this.#options = options;
    this.#conn = options.conn;
    this.#out = this.#space.subarray(0, options.conn.maxDatagram);
    this.#quic = this.#create();
    this.#streams = new StreamTable(options.role, {
      quic: () => this.#quic,
      wake: () => this.#wake(),
      onStream: options.onStream,
      onBroken: (message) => this.close('protocol', new LinkError('link-protocol', message)),
      maxHeld: options.maxHeld,
    });
    this.#timer = new DeadlineTimer(() => this.#onDeadline());
    this.#keepalive = setInterval(() => this.#keepAlive(), KEEPALIVE_MS);
    this.#handshakeTimer = setTimeout(() => {
      this.close(
        'no-handshake',
        new LinkError('no-answer', 'The other peer did not answer in time.'),
      );
    }, HANDSHAKE_TIMEOUT_MS);
    // Nobody need wait for it: `onClosed` tells the same.
    this.#established.promise.catch(() => undefined);
    this.#conn.onDatagram = (datagram, proven) => this.#onDatagram(datagram, proven);
    this.#conn.onDrain = () => this.#onDrain();
    this.#conn.onDead = (reason) => {
      this.#finish(
        new LinkError('link-down', 'The path to the other peer is gone.', { cause: reason }),
      );
    };
    this.#wake();
  }

  /** Resolves when both keys are proven. Rejects with LinkError `wrong-peer`, `no-answer`, `quic-failed`, … */
  get established(): Promise<void> {
    return this.#established.promise;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Opens a stream. Throws LinkError `link-down`, `link-limit`. */
  open(): QuicStream {
    if (this.#closed || !this.#proven) throw new LinkError('link-down', 'The link is not up.');
    return this.#streams.open();
  }

  stats(): QuicStats {
    const [path] = this.#quic.pathStats();
    return {
      rttMs: path?.rtt ?? 0,
      sentBytes: path?.sentBytes ?? 0,
      receivedBytes: path?.recvBytes ?? 0,
      lostPackets: path?.lost ?? 0,
      streams: this.#streams.size,
    };
  }

  /**
   * Tells the other side and is over at once. Idempotent.
   *
   * @param reason kebab-case, at most 64 characters: the other side reads it
   */
  close(reason: string, error = new LinkError('link-down', 'The link was closed.')): void {
    if (this.#closed) return;
    this.#sayGoodbye(() => {
      // What was written before comes first. TLS too: or the other side cannot read why this one closes.
      this.#flush(PACKETS_PER_TURN);
      this.#quic.close(true, 0, Buffer.from(reason));
    });
    this.#finish(error);
  }

  #create(): Connection {
    const scid = randomBytes(CONNECTION_ID_BYTES);
    const { role, config } = this.#options;
    return role === 'dialler'
      ? quiche.Connection.connect(null, scid, HERE, THERE, config)
      : quiche.Connection.accept(scid, null, HERE, THERE, config);
  }

  #onDatagram(datagram: Uint8Array, proven: (() => void) | undefined): void {
    if (this.#closed || datagram.byteLength === 0) return;
    const before = proven === undefined ? 0 : this.#quic.stats().recv;
    try {
      this.#quic.recv(datagram, RECV_INFO);
    } catch (cause) {
      this.#onBadPacket(cause);
      return;
    }
    if (proven !== undefined && this.#quic.stats().recv > before) proven();
    this.#heard += 1;
    this.#streams.received(datagram.byteLength);
    this.#wake();
  }

  /** A packet that quiche closes the connection for. */
  #onBadPacket(cause: unknown): void {
    const isFirst = this.#options.role === 'acceptor' && this.#quic.stats().recv === 0;
    if (isFirst && this.#falseStarts < MAX_FALSE_STARTS) {
      this.#falseStarts += 1;
      this.#quic = this.#create();
      return;
    }
    this.#sayGoodbye(() => undefined); // quiche has made its own CONNECTION_CLOSE
    this.#finish(new LinkError('quic-failed', 'The encrypted connection failed.', { cause }));
  }

  #sayGoodbye(close: () => void): void {
    try {
      close();
      this.#flush(PACKETS_PER_TURN);
    } catch {
      // quiche cannot send any more; the other side learns it by its timeout.
    }
  }

  #onDrain(): void {
    if (this.#blockedSince === undefined) return;
    this.#blockedSince = undefined;
    this.#quic.onTimeout();
    this.#wake();
  }

  #onDeadline(): void {
    if (this.#closed) return;
    // While nothing can be sent, retransmission timers stand still: after the pause the first probe then
    // goes at once, instead of after a back-off as long as the pause. Only the end of patience counts.
    if (this.#blockedSince !== undefined) {
      const blockedMs = performance.now() - this.#blockedSince;
      if (blockedMs < IDLE_TIMEOUT_MS) {
        this.#timer.set(Math.min(1000, IDLE_TIMEOUT_MS - blockedMs));
        return;
      }
    }
    this.#quic.onTimeout();
    this.#wake();
  }

  #keepAlive(): void {
    const now = Date.now();
    const sleptMs = now - this.#awakeAt;
    this.#awakeAt = now;
    if (sleptMs > KEEPALIVE_MS + IDLE_TIMEOUT_MS) {
      // QUIC's clock stood still, but not the other side's: it has given up.
      this.close('slept', new LinkError('link-down', 'The computer was asleep.'));
    } else if (this.#proven) {
      this.#quic.sendAckEliciting();
      this.#wake();
    }
  }

  #wake(): void {
    if (this.#closed) return;
    this.#turn ??= setImmediate(this.#onTurn);
  }

  readonly #onTurn = (): void => {
    this.#turn = undefined;
    if (this.#closed) return;
    if (!this.#proven) this.#prove();
    try {
      const isDone = this.#serve();
      if (this.#closed || this.#isOver()) return;
      if (!isDone) this.#wake();
      this.#timer.set(this.#quic.timeout());
    } catch (cause) {
      this.#finish(new LinkError('quic-failed', 'The encrypted connection failed.', { cause }));
    }
  };

  /** Serves streams and sends packets, a bounded number of them. Returns false when more are due. */
  #serve(): boolean {
    let left = PACKETS_PER_TURN;
    if (!this.#proven) return this.#flush(left) > 0;
    this.#streams.serveReadable();
    let wrote = this.#streams.serveWriters();
    if (wrote === 0 && this.#mayWait()) return false;
    for (;;) {
      left = this.#flush(left);
      if (wrote === 0 || left === 0) break;
      wrote = this.#streams.serveWriters();
    }
    this.#lastSent = PACKETS_PER_TURN - left;
    this.#heard = 0;
    this.#unanswered = 0;
    return left > 0;
  }

  /** Whether more packets are likely to come before there is a need to answer. */
  #mayWait(): boolean {
    const heard = this.#heard;
    this.#heard = 0;
    this.#unanswered += heard;
    return heard > 0 && this.#unanswered < PACKETS_PER_ACK && this.#lastSent <= SENDS_NO_DATA;
  }

  /** Once TLS is done: no stream is served before the other side's key is known to be the expected one. */
  #prove(): void {
    if (!this.#quic.isEstablished()) return;
    const key = provenKey(this.#quic.peerCertChain()?.[0]);
    const expected = decodeNKey('account', this.#options.peer);
    if (key === undefined || expected === undefined || Buffer.compare(key, expected) !== 0) {
      const message = 'The other end proved another key than the one that was dialled.';
      this.close('wrong-peer', new LinkError('wrong-peer', message));
      return;
    }
    if (Buffer.from(this.#quic.applicationProto()).toString('latin1') !== ALPN) {
      const message = 'The other end speaks another protocol.';
      this.close('protocol', new LinkError('link-protocol', message));
      return;
    }
    this.#proven = true;
    clearTimeout(this.#handshakeTimer);
    this.#streams.start();
    this.#established.resolve(undefined);
  }

  /**
   * Sends what quiche has, at most `limit` packets. Throws when quiche cannot go on.
   *
   * @returns how many more could have gone; 0: there may be more to send in the next turn
   */
  #flush(limit: number): number {
    let left = limit;
    while (left > 0 && this.#blockedSince === undefined) {
      const out = this.#outOf(this.#conn.maxDatagram);
      const sent = this.#quic.send(out);
      if (sent === null) return left;
      left -= 1;
      const length = sent[0];
      const taken = this.#conn.send(length === out.length ? out : out.subarray(0, length));
      if (!taken) this.#blockedSince = performance.now();
    }
    return left;
  }

  /** quiche makes no packet longer than what it may write into. */
  #outOf(maxDatagram: number): Buffer {
    if (this.#out.length !== maxDatagram) this.#out = this.#space.subarray(0, maxDatagram);
    return this.#out;
  }

  #isOver(): boolean {
    if (!this.#quic.isClosed() && !this.#quic.isDraining()) return false;
    this.#finish(closeReason(this.#quic));
    return true;
  }

  #finish(reason: LinkError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer.clear();
    clearInterval(this.#keepalive);
    clearTimeout(this.#handshakeTimer);
    if (this.#turn !== undefined) clearImmediate(this.#turn);
    this.#conn.onDatagram = null;
    this.#conn.onDrain = null;
    this.#conn.onDead = null;
    this.#conn.close();
    this.#streams.fail(reason);
    this.#established.reject(reason);
    this.#options.onClosed(reason);
  }
}
