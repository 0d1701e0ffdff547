import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { PeerKey, Way } from '../../identity/types.ts';
import { LinkError } from '../errors.ts';
import type { EstablishedConn, PathSource, SessionCarrier } from '../path-source.ts';
import { ExpiringMap } from '../session/expiring-map.ts';
import type { Admission, PendingDial } from '../session/types.ts';
import type { PacketConn, SessionSecrets, Stream } from '../types.ts';
import { FrameReader } from './frame-reader.ts';
import { Leg } from './leg.ts';
import { isDirect, openThrough, type Opened, type RelayLinks } from './open-through.ts';
import { RelayConn } from './relay-conn.ts';
import { type RelaySession, RelaySessions } from './relay-sessions.ts';
import type { Route } from './routes.ts';
import { FIRST, TAG_BYTES, writeAnswer } from './wire.ts';

/** A session, or the right to join one, is there in so long, ms. */
const OPENING_MS = 10_000;
/** Both sides learn of a way at about the same time: the one with the greater key lets the other dial first, ms. */
const COURTESY_MS = 1_500;
/** A contact that could not open a stream is not asked again for the same session for so long, ms. */
const RETRY_MS = 10_000;
const MAX_FAILURES = 1_024;
const DIAL = Uint8Array.of(FIRST.dial);
const JOIN = Uint8Array.of(FIRST.join);

export interface RelaySourceOptions {
  readonly self: PeerKey;
  readonly links: RelayLinks;
  readonly admission: Admission;
  readonly createDial: (peer: PeerKey) => PendingDial;
  /** The ways to a peer, one for each contact in between, best first. */
  readonly routes: (to: PeerKey) => readonly Route[];
  readonly onStart: () => void;
  /** Called at the end, perhaps more than once. */
  readonly onClose: () => void;
  /** Milliseconds. */
  readonly now: () => number;
  readonly log: Log;
}

/** Sessions over the links to contacts: dialled and joined here, and answered. */
export class RelaySource implements PathSource {
  readonly kind = 'relay';
  onSession: PathSource['onSession'] = null;
  readonly #options: RelaySourceOptions;
  readonly #sessions = new RelaySessions();
  readonly #failures: ExpiringMap<true>;
  readonly #closing = new AbortController();

  constructor(options: RelaySourceOptions) {
    this.#options = options;
    this.#failures = new ExpiringMap(RETRY_MS, MAX_FAILURES);
  }

  start(): Promise<void> {
    this.#options.onStart();
    return Promise.resolve();
  }

  async dial(peer: PeerKey, way: Way, outer: AbortSignal): Promise<EstablishedConn> {
    const route = this.#routeBy(peer, way);
    if (route === undefined) {
      throw new LinkError('way-unusable', 'No contact in between is known for that peer.');
    }
    const { now, self } = this.#options;
    if (peer < self) await delay(COURTESY_MS, undefined, { signal: outer }).catch(() => undefined);
    outer.throwIfAborted();
    const limit = AbortSignal.timeout(OPENING_MS);
    const signal = AbortSignal.any([outer, this.#closing.signal, limit]);
    const pending = this.#options.createDial(peer);
    try {
      const opened = await this.#open(peer, route, Buffer.concat([DIAL, pending.bytes]), signal);
      try {
        const answer = await opened.reader.next(signal);
        if (answer?.[0] !== FIRST.dial) {
          throw new LinkError('no-answer', 'The peer behind the contact did not answer.');
        }
        const secrets = pending.complete(Buffer.from(answer.subarray(1)));
        const session = this.#sessions.of(secrets);
        const conn = this.#connOf(session, route.via);
        this.#attach(session, conn, opened, 'own');
        return { conn, secrets };
      } catch (error) {
        opened.stream.abort();
        throw error;
      }
    } catch (error) {
      outer.throwIfAborted();
      this.#failures.set(`${peer} ${route.via}`, true, now());
      if (limit.aborted) {
        throw new LinkError('no-answer', 'The peer behind the contact did not answer in time.');
      }
      throw error;
    } finally {
      pending.discard();
    }
  }

  carry(secrets: SessionSecrets, onNewcomer: (conn: PacketConn) => void): SessionCarrier {
    const session = this.#sessions.of(secrets);
    session.onNewcomer = onNewcomer;
    return {
      open: (way) => this.#join(session, way),
      close: () => {
        session.onNewcomer = null;
        for (const conn of [...session.conns.values()]) conn.close();
        this.#sessions.tidy(session);
      },
    };
  }

  /** None that means anything to others. */
  ways(): Way[] {
    return [];
  }

  close(): Promise<void> {
    const reason = new LinkError('way-unusable', 'The paths through contacts are being closed.');
    this.#options.onClose();
    this.#closing.abort(reason);
    for (const { conns } of this.#sessions.all()) {
      for (const conn of [...conns.values()]) conn.die(reason);
    }
    return Promise.resolve();
  }

  /** Serves a stream whose other end is a peer behind a contact; resolves when it is over. */
  async deliver(stream: Stream, from: PeerKey): Promise<void> {
    if (this.onSession === null || this.#closing.signal.aborted) {
      return writeAnswer(stream, 'relay-unknown');
    }
    await writeAnswer(stream);
    const opened = { stream, reader: new FrameReader(stream) };
    const first = await opened.reader.next(AbortSignal.timeout(OPENING_MS));
    if (first === undefined) return;
    const leg =
      first[0] === FIRST.dial
        ? this.#answer(opened, Buffer.from(first.subarray(1)), from)
        : this.#welcome(opened, first, from);
    await leg?.over;
  }

  #answer(opened: Opened, dial: Uint8Array, from: PeerKey): Leg | undefined {
    const { reply, session: secrets } = this.#options.admission.answer(dial, null);
    if (reply === null) return undefined;
    if (secrets === undefined || secrets.peer !== from || this.onSession === null) {
      const leg: Leg = this.#legOf(opened, undefined);
      leg.send(DIAL, reply);
      leg.close();
      return leg;
    }
    const session = this.#sessions.of(secrets);
    const conn = this.#connOf(session, opened.stream.peer);
    const leg = this.#attach(session, conn, opened, 'theirs');
    // Ahead of all datagrams: what comes after it is the session's.
    leg.send(DIAL, reply);
    this.onSession({ conn, secrets });
    return leg;
  }

  /** The other side opens one more path of a session: nothing is proven yet. */
  #welcome(opened: Opened, first: Uint8Array, from: PeerKey): Leg | undefined {
    const isJoin = first[0] === FIRST.join && first.length === 1 + TAG_BYTES;
    const session = isJoin ? this.#sessions.get(first.subarray(1)) : undefined;
    if (session === undefined || session.peer !== from || session.onNewcomer === null) {
      return undefined;
    }
    const via = opened.stream.peer;
    const isNew = !session.conns.has(via);
    if (isNew && session.isFull) return undefined;
    const conn = this.#connOf(session, via);
    const leg = this.#attach(session, conn, opened, 'theirs');
    if (isNew) session.onNewcomer(conn);
    return leg;
  }

  #join(session: RelaySession, way: Way): PacketConn | undefined {
    const { peer, tag } = session;
    const route = this.#closing.signal.aborted ? undefined : this.#routeBy(peer, way);
    if (route === undefined) return undefined;
    const known = session.conns.get(route.via);
    const name = `${peer} ${route.via}`;
    const hasFailed = this.#failures.get(name, this.#options.now()) === true;
    if (known !== undefined || hasFailed || session.isFull) return known;
    const conn = this.#connOf(session, route.via);
    conn.opening();
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(OPENING_MS)]);
    this.#open(peer, route, Buffer.concat([JOIN, tag]), signal).then(
      (opened) => this.#attach(session, conn, opened, 'own'),
      (error: unknown) => {
        const { log, now } = this.#options;
        log.debug({ peer, via: route.via, reason: messageOf(error) }, 'relay: not joined');
        this.#failures.set(name, true, now());
        conn.failed(error instanceof Error ? error : new Error(String(error)));
      },
    );
    return conn;
  }

  #routeBy(peer: PeerKey, way: Way): Route | undefined {
    if (way.kind !== 'relay') return undefined;
    return this.#options.routes(peer).find(({ via }) => via === way.via);
  }

  #open(to: PeerKey, route: Route, first: Uint8Array, signal: AbortSignal): Promise<Opened> {
    const { links, self } = this.#options;
    return openThrough(links, route.via, { from: self, to, hops: route.relays }, signal, first);
  }

  #connOf(session: RelaySession, via: PeerKey): RelayConn {
    const known = session.conns.get(via);
    if (known !== undefined) return known;
    const { links } = this.#options;
    const conn: RelayConn = new RelayConn({
      via,
      isUsable: () => isDirect(links, via),
      onClose: () => {
        if (session.conns.get(via) === conn) session.conns.delete(via);
        this.#sessions.tidy(session);
      },
    });
    session.conns.set(via, conn);
    return conn;
  }

  #attach(session: RelaySession, conn: RelayConn, opened: Opened, side: 'own' | 'theirs'): Leg {
    const leg = this.#legOf(opened, conn);
    conn.attach(leg, side);
    // Both have opened one: the dialler's stays.
    if (session.role === 'acceptor') conn.yieldToTheirs();
    return leg;
  }

  #legOf({ stream, reader }: Opened, conn: RelayConn | undefined): Leg {
    const leg: Leg = new Leg({
      stream,
      reader,
      onDatagram: (datagram) => conn?.received(datagram),
      onRoom: () => conn?.drained(),
      onOver: (reason) => conn?.detach(leg, reason),
    });
    return leg;
  }
}
