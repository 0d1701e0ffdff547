import type { RemoteInfo } from 'node:dgram';
import { TokenBucket } from '../session/token-bucket.ts';
import { formatAddress } from './addresses.ts';
import { type Remote, TAG_BYTES, UdpConn } from './udp-conn.ts';
import type { UdpSocket } from './udp-socket.ts';

/** Conns of a session, opened ones and newcomers. */
const MAX_CONNS = 64;
/** Whoever saw a tag on the way can send with it from anywhere: so many new addresses a second are looked at. */
const NEWCOMERS_PER_SECOND = 10;

/** The datagrams of one session, by where they come from. */
export class UdpSession {
  readonly tag: Uint8Array;
  /** Hears of addresses that nobody opened; null: what comes from them is dropped. */
  onNewcomer: ((conn: UdpConn) => void) | null = null;
  /** It lives on without conns. */
  isCarried = false;
  readonly #conns = new Map<string, UdpConn>();
  readonly #newcomers: TokenBucket;
  readonly #now: () => number;
  readonly #onEnd: () => void;
  /** Where the last datagram came from; the next one mostly does too. */
  #latest: UdpConn | undefined;

  constructor(tag: Uint8Array, now: () => number, onEnd: () => void) {
    this.tag = tag;
    this.#now = now;
    this.#newcomers = new TokenBucket(NEWCOMERS_PER_SECOND, NEWCOMERS_PER_SECOND, now());
    this.#onEnd = onEnd;
  }

  /** The conn to an address; there is one for each. */
  open(remote: Remote): UdpConn {
    const key = formatAddress(remote.host, remote.port);
    const known = this.#conns.get(key);
    if (known !== undefined) return known;
    const conn: UdpConn = new UdpConn(this.tag, remote, () => this.#onClosed(key, conn));
    this.#conns.set(key, conn);
    return conn;
  }

  /** A datagram with this session's tag came. */
  receive(datagram: Buffer, from: RemoteInfo, socket: UdpSocket): void {
    const packet = datagram.subarray(TAG_BYTES);
    const conn =
      this.#latest?.isAt(from.address, from.port) === true
        ? this.#latest
        : (this.#conns.get(formatAddress(from.address, from.port)) ?? this.#welcome(from, socket));
    if (conn === undefined) return;
    this.#latest = conn;
    conn.onDatagram?.(packet);
  }

  /** Whether the other side seems to be on this machine. */
  get isHere(): boolean {
    return [...this.#conns.values()].some(({ isHere }) => isHere);
  }

  die(reason: Error): void {
    for (const conn of [...this.#conns.values()]) conn.die(reason);
    this.#conns.clear();
  }

  close(): void {
    this.onNewcomer = null;
    this.isCarried = false;
    for (const conn of [...this.#conns.values()]) conn.close();
    this.#onEnd();
  }

  #welcome(from: RemoteInfo, socket: UdpSocket): UdpConn | undefined {
    if (this.onNewcomer === null || !this.#newcomers.take(this.#now())) return undefined;
    if (this.#conns.size >= MAX_CONNS) return undefined;
    const conn = this.open({ socket, host: from.address, port: from.port });
    this.onNewcomer(conn);
    return conn;
  }

  #onClosed(key: string, conn: UdpConn): void {
    if (this.#conns.get(key) === conn) this.#conns.delete(key);
    if (this.#latest === conn) this.#latest = undefined;
    if (this.#conns.size === 0 && !this.isCarried) this.#onEnd();
  }
}
