import type { Connection } from '@matrixai/quic/native/index.js';
import { MOST_FRAGMENTS } from '../paths/fragments.ts';
import { decodeDelivery, MAX_DELIVERY_MESSAGE } from '../rate/delivery-wire.ts';
import { RateControl } from '../rate/rate-control.ts';
import type { PacketConn } from '../types.ts';
import { MAX_PACKET } from './config.ts';

/** Packets sent in one turn of the event loop: 1 MiB of the largest, about 3 ms. */
export const PACKETS_PER_TURN = 64;
/** Packets that may go beyond the rate: an acknowledgement and a report, or what a timer of QUIC wants sent. */
const FREE_PACKETS = 2;
/**
 * What may wait in QUIC to be sent, bytes: what is written later waits behind it. So many ms of the rate, and no more than
 * keeps the processor's cache, or than a turn sends of large packets: it costs less to send many at once.
 */
const UNSENT = { ms: 20, least: 64 * 1024, most: 256 * 1024 } as const;
/** Timers are no finer. */
const PAUSE_MS = 1;

/**
 * `done`: QUIC has nothing more to send; `limit`: as many packets as were asked for have gone; `paced`: more may go a
 * little later; `blocked`: the conn takes no more for now.
 */
export type Flushed = 'done' | 'limit' | 'paced' | 'blocked';

export interface PacketSenderOptions {
  readonly conn: PacketConn;
  readonly quic: () => Connection;
  /** Packets may be due. */
  readonly wake: () => void;
}

/** Takes packets from QUIC and gives them to the packet conn, as fast as rate/ says. */
export class PacketSender {
  readonly #options: PacketSenderOptions;
  readonly #space = Buffer.alloc(MAX_PACKET);
  /** As much of it as a packet may fill on the path of now. */
  #out: Buffer;
  /** Datagrams of a packet, where the path has parts. */
  #fragments = 1;
  readonly #heard = new Uint8Array(MAX_DELIVERY_MESSAGE);
  #rate: RateControl | undefined;
  /** It answers marks and makes none. */
  #isUnlimited = true;
  #remote: string;
  #pause: NodeJS.Timeout | undefined;
  /** Packets that may go although the rate does not allow any. */
  #free = FREE_PACKETS;
  /** When the packet conn said stop, ms of `performance.now`; undefined: it takes packets. */
  blockedSince: number | undefined;

  constructor(options: PacketSenderOptions) {
    this.#options = options;
    this.#out = this.#space.subarray(0, options.conn.maxDatagram);
    this.#remote = options.conn.remote;
  }

  get rate(): RateControl | undefined {
    return this.#rate;
  }

  get maxUnsent(): number {
    const most = Math.max(UNSENT.most, this.#options.conn.maxDatagram * PACKETS_PER_TURN);
    const rate = this.#limit;
    if (rate === undefined) return most;
    return Math.min(Math.max(rate.bytesPerMs * UNSENT.ms, UNSENT.least), most);
  }

  /** The handshake is over. @param isUnlimited QUIC's own congestion control is enough */
  start(isUnlimited: boolean): void {
    this.#isUnlimited = isUnlimited;
    this.#rate = new RateControl(performance.now(), this.#knownRttMs(), MOST_FRAGMENTS);
  }

  /** What goes now is the last. */
  endLimit(): void {
    this.#isUnlimited = true;
  }

  stop(): void {
    clearTimeout(this.#pause);
  }

  /** A datagram came. */
  received(bytes: number): void {
    this.#rate?.received(bytes);
  }

  /** Looks for marks and reports; a report that is due goes with the next flush. */
  hear(): void {
    const rate = this.#rate;
    const quic = this.#options.quic();
    if (rate === undefined || quic.dgramRecvQueueLen() === 0) return;
    const now = performance.now();
    for (let length = this.#next(quic); length !== null; length = this.#next(quic)) {
      const message = decodeDelivery(this.#heard.subarray(0, length));
      if (message !== undefined) rate.onMessage(message, now);
    }
    const report = rate.report(now);
    if (report === undefined) return;
    quic.dgramSend(report);
    this.allowFew();
  }

  /** A few packets may go in any case with the next flush. */
  allowFew(): void {
    this.#free = FREE_PACKETS;
  }

  /** Packets that ask for an answer, and a mark: beyond the rate, because something may be lost. */
  probe(count: number): void {
    const quic = this.#options.quic();
    const mark = this.#limit?.forceMark(performance.now());
    if (mark !== undefined) quic.dgramSend(mark);
    for (let sent = 0; sent < count && this.blockedSince === undefined; sent += 1) {
      quic.sendAckEliciting();
      if (!this.#sendOne()) return;
    }
  }

  /** Sends what QUIC has, at most `limit` packets. Throws when QUIC cannot go on. */
  flush(limit: number): { how: Flushed; left: number; bytes: number } {
    const rate = this.#limit;
    if (rate !== undefined) this.#lookAtPath(rate);
    this.#fragments = rate?.fragments ?? 1;
    let budget = rate === undefined ? Infinity : rate.budget(performance.now());
    let bytes = 0;
    for (let left = limit; left > 0; left -= 1) {
      if (this.blockedSince !== undefined) return { how: 'blocked', left, bytes };
      if (budget < 1) {
        if (this.#free <= 0) {
          if (rate?.isPaced === true) this.#pauseABit();
          return { how: 'paced', left, bytes };
        }
        this.#free -= 1;
      }
      const length = this.#sendOne();
      if (length === 0) return { how: 'done', left, bytes };
      budget -= length;
      bytes += length;
    }
    rate?.noteSpare();
    return { how: 'limit', left: 0, bytes };
  }

  /**
   * A mark goes after what was sent, if one is due.
   *
   * @param isIdle nothing more waits to be sent
   */
  mark(hasData: boolean, isIdle: boolean): void {
    const rate = this.#limit;
    const mark = rate?.mark(performance.now(), hasData);
    if (isIdle) rate?.idle();
    if (mark === undefined || this.blockedSince !== undefined) return;
    this.#options.quic().dgramSend(mark);
    this.#sendOne();
  }

  /**
   * Has QUIC double the windows of the streams whose windows it is about to move (docs/link.md "Windows"): it does so
   * with each packet that it tries to make, also when there is no room in it to say so.
   */
  widen(times: number): void {
    const quic = this.#options.quic();
    const space = this.#space.subarray(0, this.#leastPacket(quic));
    for (let time = 0; time < times; time += 1) {
      const sent = quic.send(space);
      if (sent === null) continue;
      this.#give(space.subarray(0, sent[0]));
    }
  }

  /** A packet with room for four bytes: too little for any frame that is of use. */
  #leastPacket(quic: Connection): number {
    const sent = quic.stats().sent;
    const numberBytes = sent < 2 ** 8 ? 1 : sent < 2 ** 16 ? 2 : sent < 2 ** 24 ? 3 : 4;
    return 1 + quic.destinationId().length + numberBytes + 16 + 4;
  }

  /** Bytes of the packet; 0: there is none. */
  #sendOne(): number {
    const out = this.#outOf(this.#packetBytes);
    const sent = this.#options.quic().send(out);
    if (sent === null) return 0;
    const length = sent[0];
    this.#give(length === out.length ? out : out.subarray(0, length));
    return length;
  }

  #give(packet: Buffer): void {
    if (!this.#options.conn.send(packet)) this.blockedSince = performance.now();
    this.#rate?.sent(packet.length);
  }

  get #packetBytes(): number {
    const { maxDatagram, fragmentBytes } = this.#options.conn;
    if (this.#fragments === 1 || fragmentBytes === undefined) return maxDatagram;
    return this.#fragments * fragmentBytes;
  }

  get #limit(): RateControl | undefined {
    return this.#isUnlimited ? undefined : this.#rate;
  }

  #lookAtPath(rate: RateControl): void {
    const { remote } = this.#options.conn;
    if (remote === this.#remote) return;
    this.#remote = remote;
    rate.restart(performance.now(), this.#knownRttMs());
  }

  #knownRttMs(): number {
    return this.#options.conn.rttMs ?? this.#options.quic().pathStats()[0]?.rtt ?? 100;
  }

  #pauseABit(): void {
    this.#pause ??= setTimeout(() => {
      this.#pause = undefined;
      this.#options.wake();
    }, PAUSE_MS);
  }

  /** Bytes of the next message; 0: it is longer than any that is known; null: there is none. */
  #next(quic: Connection): number | null {
    try {
      return quic.dgramRecv(this.#heard);
    } catch {
      return 0;
    }
  }

  /** quiche makes no packet longer than what it may write into. */
  #outOf(bytes: number): Buffer {
    if (this.#out.length !== bytes) this.#out = this.#space.subarray(0, bytes);
    return this.#out;
  }
}
