/** One path of a link: what is known of it from the pings that it answered. */
import { performance } from 'node:perf_hooks';
import type { PacketConn } from '../types.ts';
import type { PathFacts, PathReach } from './choice.ts';
import { type Fragmenter, fragmentBytes } from './fragments.ts';
import { PathSize } from './path-size.ts';

/** Weight of a new sample (RFC 6298 has 1/8 for the round trip). */
const RTT_WEIGHT = 1 / 8;
const LOSS_WEIGHT = 1 / 16;
/** One round trip says little: so many are taken soon after the first. */
const SETTLING = { samples: 5, pauseMs: 200 } as const;
/** Round trips of which the shortest counts when paths are compared. */
const LATELY = 8;
/** Before anything was measured. */
const RTT_UNKNOWN_MS = 500;
/** How long an answer is waited for. */
const PATIENCE_MS = { least: 500, most: 3_000 } as const;
/** So many pings in a row without an answer, and the path is dead. */
const UNANSWERED = 2;
/** Pauses of a path that has never answered: quick at first, because both sides open their ways together. */
const OPENING_MS = [150, 150, 300, 600, 1_000, 1_500, 2_500, 2_500, 5_000];
const LONGEST_OPENING_MS = 10_000;

let lastId = 0;

/** How often a path is pinged, ms. */
export interface Pace {
  readonly liveMs: number;
  readonly deadMs: number;
}

interface Ping {
  readonly sentAt: number;
  readonly bytes: number;
  /** Whether datagrams of this length arrive is not known: without an answer nothing is lost. */
  readonly isProbe: boolean;
}

export class Path {
  readonly id = ++lastId;
  readonly conn: PacketConn;
  readonly reach: PathReach;
  /** Somebody who was not expected: forgotten when it never answers. */
  readonly isNewcomer: boolean;
  /** ms of `performance.now`. */
  lastAnswerAt: number | undefined;
  /** The conn does not take datagrams for now. */
  blocked = false;
  #rttMs: number | undefined;
  /** The last round trips, ms. */
  readonly #lately: number[] = [];
  /** Answers since it came to life. */
  #samples = 0;
  #loss = 0;
  /** What it was before answers stayed out. */
  #lossBefore = 0;
  #unanswered = 0;
  #attempts = 0;
  #lastPingAt = -Infinity;
  readonly #outstanding = new Map<number, Ping>();
  readonly #size: PathSize;
  /** Of QUIC's datagrams since the last ping, bytes. */
  #longestSent = 0;
  #believed: boolean;

  /** @param believed the session was established over it: it counts as live until it fails */
  constructor(conn: PacketConn, options: { believed: boolean; isNewcomer: boolean }) {
    this.conn = conn;
    this.reach = conn.isNear === true ? 'lan' : 'wide';
    this.#size = new PathSize(conn.baseDatagram ?? conn.maxDatagram, conn.maxDatagram);
    this.#believed = options.believed;
    this.isNewcomer = options.isNewcomer;
  }

  get rttMs(): number {
    return this.#rttMs ?? RTT_UNKNOWN_MS;
  }

  /** Undefined: it has not answered yet. */
  get measuredRttMs(): number | undefined {
    return this.#rttMs;
  }

  get live(): boolean {
    return this.#believed && this.#unanswered < UNANSWERED;
  }

  /** The longest datagram that arrives, as far as is known, bytes. */
  get maxDatagram(): number {
    return this.#size.bytes;
  }

  get isNarrow(): boolean {
    return this.#size.isNarrow;
  }

  get facts(): PathFacts {
    const { id, conn, reach, live } = this;
    // The shortest of the last ones: the others waited for a busy processor, here or there.
    const rttMs = this.#lately.length === 0 ? this.rttMs : Math.min(...this.#lately);
    return { id, kind: conn.kind, reach, rttMs, loss: this.#loss, live, metered: false };
  }

  get loss(): number {
    return this.#loss;
  }

  /** It never answered, for as long as it is worth trying for a newcomer. */
  get hopeless(): boolean {
    return this.isNewcomer && this.lastAnswerAt === undefined && this.#attempts > OPENING_MS.length;
  }

  /** ms of `performance.now`. */
  dueAt({ liveMs, deadMs }: Pace): number {
    const isSettling = this.#samples > 0 && this.#samples < SETTLING.samples;
    if (this.live) return this.#lastPingAt + (isSettling ? SETTLING.pauseMs : liveMs);
    if (this.lastAnswerAt !== undefined) return this.#lastPingAt + deadMs;
    if (this.#attempts === 0) return this.#lastPingAt;
    return this.#lastPingAt + (OPENING_MS[this.#attempts - 1] ?? LONGEST_OPENING_MS);
  }

  /** When the oldest ping counts as lost; Infinity: none is waited for. */
  lostAt(): number {
    const [first] = this.#outstanding.values();
    return first === undefined ? Infinity : first.sentAt + this.patienceMs;
  }

  get patienceMs(): number {
    return Math.min(Math.max(this.rttMs * 3, PATIENCE_MS.least), PATIENCE_MS.most);
  }

  /** Undefined: packets do not go in parts here. */
  get fragmentBytes(): number | undefined {
    return this.conn.baseDatagram === undefined ? undefined : fragmentBytes(this.#size.bytes);
  }

  /** Sends a packet of QUIC's, in parts if it is too long for one datagram. */
  send(packet: Uint8Array, fragmenter: Fragmenter): boolean {
    const { bytes } = this.#size;
    if (packet.length <= bytes) {
      if (packet.length > this.#longestSent) this.#longestSent = packet.length;
      return this.conn.send(packet);
    }
    // It was made for another path.
    if (this.conn.baseDatagram === undefined) return true;
    this.#longestSent = bytes;
    let isTaken = true;
    fragmenter.split(packet, bytes, (datagram) => {
      if (!this.conn.send(datagram)) isTaken = false;
    });
    return isTaken;
  }

  /**
   * How long the next ping has to be, bytes: as long as what was sent, for a short answer says nothing of long datagrams;
   * before anything is known, as long as the packets that QUIC cannot do without (RFC 9000 section 8.2.1).
   */
  get pingBytes(): number {
    if (this.conn.baseDatagram === undefined) return 0;
    if (!this.live || this.#rttMs === undefined) return this.#size.base;
    return Math.min(this.#longestSent, this.#size.bytes);
  }

  pinged(counter: number, bytes: number): void {
    this.#attempts += 1;
    this.#lastPingAt = performance.now();
    this.#longestSent = 0;
    this.#outstanding.set(counter, { sentAt: this.#lastPingAt, bytes, isProbe: false });
  }

  /** Length of a second ping that goes with one; undefined: there is nothing to try. */
  probeBytes(): number | undefined {
    return this.live ? this.#size.probe(performance.now()) : undefined;
  }

  probed(counter: number, bytes: number): void {
    this.#outstanding.set(counter, { sentAt: performance.now(), bytes, isProbe: true });
  }

  /** False for an answer to no ping of this path. */
  answered(counter: number): boolean {
    const ping = this.#outstanding.get(counter);
    if (ping === undefined) return false;
    for (const [older, { bytes }] of [...this.#outstanding]) {
      if (older <= counter && bytes <= ping.bytes) this.#outstanding.delete(older);
    }
    this.#size.carried(ping.bytes);
    const now = performance.now();
    if (!ping.isProbe) this.#measured(now - ping.sentAt);
    this.#unanswered = 0;
    this.#attempts = 0;
    this.#believed = true;
    this.lastAnswerAt = now;
    return true;
  }

  #measured(sample: number): void {
    if (!this.live) {
      this.#samples = 0;
      this.#lately.length = 0;
      this.#size.restart();
    }
    this.#samples += 1;
    const weight = Math.max(1 / this.#samples, RTT_WEIGHT);
    this.#rttMs = this.rttMs + (sample - this.rttMs) * weight;
    this.#lately.push(sample);
    if (this.#lately.length > LATELY) this.#lately.shift();
    this.#loss -= this.#loss * LOSS_WEIGHT;
  }

  /** Counts what was waited for too long. Returns whether something was. */
  countLost(now: number): boolean {
    let lost = false;
    for (const [counter, { sentAt, bytes, isProbe }] of [...this.#outstanding]) {
      if (sentAt + this.patienceMs > now) break;
      this.#outstanding.delete(counter);
      if (isProbe) continue;
      lost = true;
      this.#size.missed(bytes);
      // Before the first answer nobody may be there at all.
      if (!this.#believed) continue;
      if (this.#unanswered === 0) this.#lossBefore = this.#loss;
      this.#unanswered += 1;
      this.#loss += (1 - this.#loss) * LOSS_WEIGHT;
      // An outage is no loss: once it is over the path is as good as it was.
      if (this.#unanswered >= UNANSWERED) this.#loss = this.#lossBefore;
    }
    return lost;
  }

  /** It carries nothing, as far as can be told. */
  giveUp(): void {
    this.#unanswered = UNANSWERED;
  }

  /** Something authentic came from there: worth sending to, until a ping says otherwise. */
  believe(): void {
    this.#believed = true;
    this.#unanswered = 0;
  }
}
