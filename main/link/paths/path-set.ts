/**
 * All paths of one link, as one packet conn: QUIC sends on the best of them and does not know which. Paths are
 * found, measured and given up by pings of our own (path-message.ts); each side chooses for what it sends, and
 * takes what comes on any (docs/link.md "Paths").
 */
import { performance } from 'node:perf_hooks';
import type { Way } from '../../identity/types.ts';
import { LinkError } from '../errors.ts';
import { formatAddress } from '../udp/addresses.ts';
import type { SessionCarrier } from '../path-source.ts';
import { DeadlineTimer } from '../deadline-timer.ts';
import type { PacketConn, PathInfo, PathKind, SessionSecrets } from '../types.ts';
import { BETTER_FOR_MS, choosePath } from './choice.ts';
import { Fragmenter, isFragment, Reassembly } from './fragments.ts';
import { Path, type Pace } from './path.ts';
import { isPathMessage, type PathMessage, PathMessages } from './path-message.ts';

/** Paths of a link, tried ones and newcomers included. */
const MAX_PATHS = 24;
/** QUIC's datagrams went either way so lately: the link is in use. */
const IN_USE_MS = 3_000;
const PACES = {
  current: {
    inUse: { liveMs: 1_000, deadMs: 500 },
    idle: { liveMs: 10_000, deadMs: 2_000 },
  },
  standby: {
    inUse: { liveMs: 2_000, deadMs: 2_000 },
    idle: { liveMs: 15_000, deadMs: 15_000 },
  },
} as const satisfies Record<string, Record<string, Pace>>;
/** While the link is in use: how often it is looked at whether anything comes back, ms. */
const WATCH_MS = 250;
/** While sending and hearing nothing: how often all are asked who is still there, at first and then, ms. */
const ALARM_MS = { first: 200, firstFor: 3_000, then: 1_000 } as const;
/** How often ways that could not be opened are tried again, ms. */
const REOPEN_MS = 5_000;
/** Two pings of an idle link and the time for their answers: after that it is no link any more, ms. */
const SILENT_MS = 25_000;
/** An answer to a ping is at most this often given, a second. */
const PONGS_PER_SECOND = 100;

export interface PathSetEvents {
  /** How the other side sees this one: `host:port` of a UDP path. */
  readonly observed?: (address: string) => void;
}

export class PathSet implements PacketConn {
  onDatagram: PacketConn['onDatagram'] = null;
  onDrain: (() => void) | null = null;
  onMoved: (() => void) | null = null;
  onDead: ((reason: Error) => void) | null = null;
  readonly #messages: PathMessages;
  readonly #events: PathSetEvents;
  readonly #paths = new Map<number, Path>();
  readonly #fragmenter = new Fragmenter();
  readonly #reassembly = new Reassembly();
  readonly #timer = new DeadlineTimer(() => this.#tick());
  #carriers: readonly SessionCarrier[] = [];
  #current: Path;
  readonly #startedAt = performance.now();
  /** QUIC's, both ways; and as many as there were when it was last looked at. */
  #datagrams = 0;
  #counted = 0;
  /** ms of `performance.now`; when QUIC last sent or heard something, as far as was looked at. */
  #usedAt = performance.now();
  /** When QUIC sent for the first time since it last heard something; undefined: nothing is awaited. */
  #unheardSince: number | undefined;
  /** Since when all are asked who is still there. */
  #alarmAt: number | undefined;
  /** Since when some other path has been better: two that are much alike may take turns at being the best. */
  #betterSince: number | undefined;
  #offered: readonly Way[] = [];
  #openedAt = 0;
  #pongs = { count: 0, since: 0 };
  #isBlocked = false;
  /** The timer goes off soon. */
  #isWatched = false;
  #closed = false;

  /** @param first what the session was established over */
  constructor(first: PacketConn, secrets: SessionSecrets, events: PathSetEvents = {}) {
    this.#messages = new PathMessages(secrets.pathKeys, secrets.role);
    this.#events = events;
    this.#current = this.#adopt(new Path(first, { believed: true, isNewcomer: false }));
  }

  get kind(): PathKind {
    return this.#current.conn.kind;
  }

  get remote(): string {
    return this.#current.conn.remote;
  }

  get maxDatagram(): number {
    return this.#current.maxDatagram;
  }

  get fragmentBytes(): number | undefined {
    return this.#current.fragmentBytes;
  }

  get rttMs(): number | undefined {
    return this.#current.measuredRttMs;
  }

  /** When the link was last proven to carry something, ms of `performance.now`; undefined: not yet. */
  get lastAnswerAt(): number | undefined {
    let last: number | undefined;
    for (const { lastAnswerAt } of this.#paths.values()) {
      if (lastAnswerAt !== undefined && (last === undefined || lastAnswerAt > last)) {
        last = lastAnswerAt;
      }
    }
    return last;
  }

  list(): PathInfo[] {
    return [...this.#paths.values()].map((path) => ({
      kind: path.conn.kind,
      remote: path.conn.remote,
      rttMs: path.rttMs,
      loss: path.loss,
      isNarrow: path.isNarrow,
      state: path === this.#current ? 'current' : path.live ? 'standby' : 'silent',
    }));
  }

  /** Where more paths may come from. */
  use(carriers: readonly SessionCarrier[]): void {
    this.#carriers = carriers;
  }

  /** The ways that the other side says it has now: each is tried, and both sides do so at about the same time. */
  offer(ways: readonly Way[]): void {
    if (this.#closed) return;
    this.#offered = ways;
    const named = new Set(ways.map(nameOfWay));
    for (const path of [...this.#paths.values()]) {
      const isWanted = path.live || path.isNewcomer || path === this.#current;
      if (!isWanted && !named.has(nameOf(path.conn))) this.#forget(path);
    }
    this.#openOffered();
    this.#schedule();
  }

  /** Some could not be opened before: a server that was away, a family of addresses that was not there. */
  #openOffered(): void {
    this.#openedAt = performance.now();
    const open = new Set([...this.#paths.values()].map(({ conn }) => nameOf(conn)));
    for (const way of this.#offered) {
      if (open.has(nameOfWay(way))) continue;
      for (const carrier of this.#carriers) {
        const conn = carrier.open(way);
        if (conn === undefined) continue;
        this.#add(conn, false);
        break;
      }
    }
  }

  /** Datagrams of this session came from somewhere that nobody named. */
  newcomer(conn: PacketConn): void {
    conn.onDatagram = (datagram) => {
      if (isPathMessage(datagram)) {
        const message = this.#messages.open(datagram);
        if (message === undefined) return;
        const path = this.#add(conn, true);
        if (path !== undefined) this.#onMessage(path, message);
      } else {
        this.onDatagram?.(datagram, () => this.#moved(conn));
      }
    };
    conn.onDead = () => conn.close();
  }

  /** Everything is asked at once: the computer woke, or its network is another one. */
  probe(): void {
    if (this.#closed) return;
    this.#alarmAt ??= performance.now();
    for (const path of this.#paths.values()) this.#ping(path);
    this.#schedule();
  }

  send(datagram: Uint8Array): boolean {
    const path = this.#current;
    this.#datagrams += 1;
    if (this.#unheardSince === undefined) {
      this.#unheardSince = performance.now();
      if (!this.#isWatched) this.#watch();
    }
    if (path.send(datagram, this.#fragmenter)) return true;
    path.blocked = true;
    this.#isBlocked = true;
    return false;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer.clear();
    for (const path of this.#paths.values()) this.#release(path);
    this.#paths.clear();
    for (const carrier of this.#carriers) carrier.close();
  }

  #adopt(path: Path): Path {
    const { conn } = path;
    conn.onDatagram = (datagram) => this.#received(path, datagram);
    conn.onDrain = () => this.#drained(path);
    conn.onDead = (reason) => this.#died(path, reason);
    this.#paths.set(path.id, path);
    return path;
  }

  #add(conn: PacketConn, isNewcomer: boolean): Path | undefined {
    for (const path of this.#paths.values()) {
      if (path.conn === conn) return path;
      if (path.conn.kind !== conn.kind || path.conn.remote !== conn.remote) continue;
      conn.close();
      return path;
    }
    if (this.#paths.size >= MAX_PATHS && !this.#makeRoom()) {
      conn.close();
      return undefined;
    }
    const path = this.#adopt(new Path(conn, { believed: false, isNewcomer }));
    this.#ping(path);
    this.#schedule();
    return path;
  }

  /** QUIC has authenticated a packet from an address that was not known: the other side has moved there. */
  #moved(conn: PacketConn): void {
    const path = this.#add(conn, true);
    if (path === undefined) return;
    path.believe();
    if (path.conn.kind === this.#current.conn.kind) this.#change(path);
  }

  #makeRoom(): boolean {
    for (const path of this.#paths.values()) {
      if (path === this.#current || path.live || !path.isNewcomer) continue;
      this.#forget(path);
      return true;
    }
    return false;
  }

  #received(path: Path, datagram: Uint8Array): void {
    if (isFragment(datagram)) {
      const packet = this.#reassembly.add(datagram);
      if (packet !== undefined) this.#receivedPacket(path, packet);
      return;
    }
    if (isPathMessage(datagram)) {
      const message = this.#messages.open(datagram);
      if (message !== undefined) this.#onMessage(path, message);
      return;
    }
    this.#receivedPacket(path, datagram);
  }

  #receivedPacket(path: Path, packet: Uint8Array): void {
    this.#datagrams += 1;
    if (path === this.#current) {
      this.#unheardSince = undefined;
      this.#alarmAt = undefined;
    }
    this.onDatagram?.(packet);
  }

  #onMessage(path: Path, message: PathMessage): void {
    if (message.type === 'ping') {
      if (this.#mayAnswer()) path.conn.send(this.#messages.pong(message.counter, path.conn.remote));
      // They use it: it is worth a try at once, because their ping may have opened what kept ours out.
      if (!path.live) this.#ping(path);
      return;
    }
    if (!path.answered(message.answers)) return;
    if (path.conn.kind === 'udp' && message.from !== '') this.#events.observed?.(message.from);
    if (path === this.#current) {
      // The other side may well send on another one.
      this.#unheardSince = undefined;
      this.#alarmAt = undefined;
    }
    this.#decide();
    this.#schedule();
  }

  #mayAnswer(): boolean {
    const now = performance.now();
    if (now - this.#pongs.since > 1_000) this.#pongs = { count: 0, since: now };
    this.#pongs.count += 1;
    return this.#pongs.count <= PONGS_PER_SECOND;
  }

  #ping(path: Path): void {
    const { datagram, counter } = this.#messages.ping(path.pingBytes);
    path.pinged(counter, datagram.length);
    if (!path.conn.send(datagram)) path.blocked = true;
    const bytes = path.probeBytes();
    if (bytes === undefined || path.blocked) return;
    const probe = this.#messages.ping(bytes);
    path.probed(probe.counter, bytes);
    if (!path.conn.send(probe.datagram)) path.blocked = true;
  }

  #tick(): void {
    if (this.#closed) return;
    const now = performance.now();
    if (this.#datagrams !== this.#counted) this.#usedAt = now;
    this.#counted = this.#datagrams;
    let lost = false;
    for (const path of [...this.#paths.values()]) {
      if (path.countLost(now) && path === this.#current) lost = true;
      if (path.hopeless && path !== this.#current) this.#forget(path);
    }
    if (lost || this.#isStalled(now)) this.#alarmAt ??= now;
    if (now - (this.lastAnswerAt ?? this.#startedAt) > SILENT_MS) {
      this.onDead?.(new LinkError('link-down', 'The other peer answers on no path any more.'));
      return;
    }
    this.#giveUpCurrent(now);
    if (now - this.#openedAt > REOPEN_MS) this.#openOffered();
    for (const path of this.#paths.values()) if (this.#dueAt(path, now) <= now) this.#ping(path);
    this.#decide();
    this.#schedule();
  }

  /** QUIC has sent, and heard nothing for longer than an answer takes. */
  #isStalled(now: number): boolean {
    if (this.#unheardSince === undefined) return false;
    return now - this.#unheardSince > this.#patience();
  }

  /** Time enough for two answers and the delay of an acknowledgement. */
  #patience(): number {
    return Math.max(250, this.#current.rttMs * 2 + 100);
  }

  /** Others have answered since the alarm, and the current one has not. */
  #giveUpCurrent(now: number): void {
    const { lastAnswerAt, live } = this.#current;
    const alarmAt = this.#alarmAt;
    if (alarmAt === undefined || !live || now - alarmAt < this.#patience()) return;
    if (lastAnswerAt !== undefined && lastAnswerAt > alarmAt) return;
    const isElsewhere = [...this.#paths.values()].some(
      (path) => path !== this.#current && path.live && (path.lastAnswerAt ?? 0) > alarmAt,
    );
    if (isElsewhere) this.#current.giveUp();
  }

  #decide(): void {
    const facts = [...this.#paths.values()].map((path) => path.facts);
    const choice = choosePath(facts, this.#current.id);
    if (choice === undefined) {
      this.#betterSince = undefined;
      return;
    }
    const now = performance.now();
    this.#betterSince ??= now;
    if (!choice.atOnce && now - this.#betterSince < BETTER_FOR_MS) return;
    const path = this.#paths.get(choice.id);
    if (path !== undefined) this.#change(path);
  }

  #change(path: Path): void {
    this.#betterSince = undefined;
    this.#current = path;
    this.#alarmAt = undefined;
    this.#unheardSince = undefined;
    // What waited for the old one goes here; and what was lost there is sent again the sooner.
    if (!path.blocked) this.#goOn();
    this.onMoved?.();
  }

  #goOn(): void {
    if (!this.#isBlocked) return;
    this.#isBlocked = false;
    this.onDrain?.();
  }

  #drained(path: Path): void {
    path.blocked = false;
    // What was asked while nothing could be sent is lost.
    if (!path.live) this.#ping(path);
    if (path === this.#current) this.#goOn();
  }

  #died(path: Path, reason: Error): void {
    this.#forget(path);
    if (path !== this.#current) return;
    const [next] = [...this.#paths.values()].toSorted((a, b) => Number(b.live) - Number(a.live));
    if (next !== undefined) this.#change(next);
    else this.onDead?.(reason);
  }

  #forget(path: Path): void {
    this.#paths.delete(path.id);
    this.#release(path);
  }

  #release({ conn }: Path): void {
    conn.onDatagram = null;
    conn.onDrain = null;
    conn.onDead = null;
    conn.close();
  }

  #dueAt(path: Path, now: number): number {
    const paces = path === this.#current ? PACES.current : PACES.standby;
    const inUse = now - this.#usedAt < IN_USE_MS;
    const due = path.dueAt(inUse ? paces.inUse : paces.idle);
    if (this.#alarmAt === undefined) return due;
    const everyMs = now - this.#alarmAt < ALARM_MS.firstFor ? ALARM_MS.first : ALARM_MS.then;
    return Math.min(due, path.dueAt({ liveMs: everyMs, deadMs: everyMs }));
  }

  #watch(): void {
    this.#usedAt = performance.now();
    this.#schedule();
  }

  #schedule(): void {
    if (this.#closed) return;
    const now = performance.now();
    this.#isWatched = now - this.#usedAt < IN_USE_MS;
    let at = this.#isWatched ? now + WATCH_MS : Infinity;
    if (this.#betterSince !== undefined) at = Math.min(at, this.#betterSince + BETTER_FOR_MS);
    for (const path of this.#paths.values()) {
      at = Math.min(at, this.#dueAt(path, now), path.lostAt());
    }
    this.#timer.set(Math.max(at - now, 1));
  }
}

const nameOf = ({ kind, remote }: PacketConn): string => `${kind} ${remote}`;

function nameOfWay(way: Way): string {
  if (way.kind === 'relay') return `relay ${way.via}`;
  return way.kind === 'nats' ? `nats ${way.server}` : `udp ${formatAddress(way.host, way.port)}`;
}
