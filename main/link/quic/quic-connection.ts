import { randomBytes } from 'node:crypto';
import { quiche, type Connection, type Host } from '@matrixai/quic/native/index.js';
import { decodeNKey } from '../../base/nkey.ts';
import type { PeerKey } from '../../identity/types.ts';
import { LinkError } from '../errors.ts';
import type { PacketConn } from '../types.ts';
import { ALPN, IDLE_TIMEOUT_MS, type QuicConfig } from './config.ts';
import { closeReason } from './close-reason.ts';
import { type Flushed, PACKETS_PER_TURN, PacketSender } from './packet-sender.ts';
import { provenKey } from './proven-key.ts';
import { StallProbe } from './stall-probe.ts';
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
/**
 * A side that only receives acknowledges every so many packets, or when no more come: an acknowledgement costs both
 * sides about as much as a packet of data. RFC 9000 section 13.2.2 lets the receiver choose.
 */
const PACKETS_PER_ACK = 64;
/** Who sends more at a time than acknowledgements and credit has data to send, which does not wait. */
const SENDS_NO_DATA = 2;
/** quiche's windows begin with 32 KiB: doubled so often they are as wide as they may. */
const WIDEN_TIMES = 9;
/** Garbage before the first good packet costs a server its state (quiche); so often it gets a new one. */
const MAX_FALSE_STARTS = 64;

export interface QuicOptions {
  readonly conn: PacketConn;
  readonly role: 'dialler' | 'acceptor';
  /** The key that the other side must prove. */
  readonly peer: PeerKey;
  readonly config: QuicConfig;
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
  readonly #sender: PacketSender;
  readonly #probe: StallProbe;
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

  constructor(options: QuicOptions) {
    this.#options = options;
    this.#conn = options.conn;
    this.#quic = this.#create();
    const common = { quic: () => this.#quic, wake: () => this.#wake() };
    this.#sender = new PacketSender({ conn: options.conn, ...common });
    this.#streams = new StreamTable(options.role, {
      ...common,
      maxUnsent: () => this.#sender.maxUnsent,
      onStream: options.onStream,
      onBroken: (message) => this.#refuse(message),
      maxHeld: options.maxHeld,
    });
    this.#probe = new StallProbe({
      rate: () => this.#sender.rate,
      streams: this.#streams,
      send: (packets) => this.#onStall(packets),
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
    this.#conn.onMoved = () => {
      if (this.#proven) this.#probe.moved();
    };
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
      rttMs: this.#sender.rate?.rttMs ?? path?.rtt ?? 0,
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
      this.#sender.flush(PACKETS_PER_TURN);
      this.#quic.close(true, 0, Buffer.from(reason));
    });
    this.#finish(error);
  }

  #create(): Connection {
    const scid = randomBytes(CONNECTION_ID_BYTES);
    const { role, config } = this.#options;
    return role === 'dialler'
      ? quiche.Connection.connect(null, scid, HERE, THERE, config.native)
      : quiche.Connection.accept(scid, null, HERE, THERE, config.native);
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
    this.#sender.received(datagram.byteLength);
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
    this.#sender.endLimit();
    try {
      close();
      this.#sender.flush(PACKETS_PER_TURN);
    } catch {
      // quiche cannot send any more; the other side learns it by its timeout.
    }
  }

  #onDrain(): void {
    if (this.#sender.blockedSince === undefined) return;
    this.#sender.blockedSince = undefined;
    this.#quic.onTimeout();
    this.#wake();
  }

  #onDeadline(): void {
    if (this.#closed) return;
    // While nothing can be sent, retransmission timers stand still: after the pause the first probe then
    // goes at once, instead of after a back-off as long as the pause. Only the end of patience counts.
    const { blockedSince } = this.#sender;
    if (blockedSince !== undefined) {
      const blockedMs = performance.now() - blockedSince;
      if (blockedMs < IDLE_TIMEOUT_MS) {
        this.#timer.set(Math.min(1000, IDLE_TIMEOUT_MS - blockedMs));
        return;
      }
    }
    this.#quic.onTimeout();
    this.#sender.allowFew();
    this.#wake();
  }

  /** Something may be lost, and nothing comes after it that would show it. */
  #onStall(packets: number): void {
    if (this.#closed) return;
    try {
      this.#sender.probe(packets);
    } catch (cause) {
      this.#finish(new LinkError('quic-failed', 'The encrypted connection failed.', { cause }));
    }
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
    if (!this.#proven) return this.#sender.flush(PACKETS_PER_TURN).how !== 'limit';
    this.#sender.hear();
    this.#streams.serveReadable();
    if (this.#streams.takeWidening()) this.#sender.widen(WIDEN_TIMES);
    const unsent = this.#streams.unsent;
    let wrote = this.#streams.serveWriters();
    const hasData = unsent > 0 || wrote > 0;
    if (!hasData && this.#mayWait()) return false;
    // Nobody waits for an answer because this side sends too fast.
    if (this.#unanswered + this.#heard > PACKETS_PER_ACK / 2) this.#sender.allowFew();
    let [left, total] = [PACKETS_PER_TURN, wrote];
    let flushed = this.#flush(left);
    while (flushed.how === 'done' && wrote > 0 && flushed.left > 0) {
      left = flushed.left;
      wrote = this.#streams.serveWriters();
      total += wrote;
      flushed = this.#flush(left);
    }
    this.#sender.mark(hasData, flushed.how === 'done');
    const sent = PACKETS_PER_TURN - flushed.left;
    this.#unanswered += this.#heard;
    this.#heard = 0;
    if (sent > 0) {
      this.#lastSent = sent;
      this.#unanswered = 0;
    }
    this.#probe.served(total);
    return flushed.how !== 'limit';
  }

  #flush(limit: number): { readonly how: Flushed; readonly left: number } {
    const flushed = this.#sender.flush(limit);
    this.#streams.sent(flushed.bytes, flushed.how === 'done');
    return flushed;
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
      this.#refuse('The other end speaks another protocol.');
      return;
    }
    if (this.#quic.dgramMaxWritableLen() === null) {
      this.#refuse('The other end takes no DATAGRAM frames.');
      return;
    }
    this.#proven = true;
    clearTimeout(this.#handshakeTimer);
    this.#streams.start();
    this.#sender.start(this.#options.config.control !== 'own');
    this.#established.resolve(undefined);
  }

  #refuse(message: string): void {
    this.close('protocol', new LinkError('link-protocol', message));
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
    this.#sender.stop();
    this.#probe.stop();
    if (this.#turn !== undefined) clearImmediate(this.#turn);
    this.#conn.onDatagram = null;
    this.#conn.onDrain = null;
    this.#conn.onMoved = null;
    this.#conn.onDead = null;
    this.#conn.close();
    this.#streams.fail(reason);
    this.#established.reject(reason);
    this.#options.onClosed(reason);
  }
}
