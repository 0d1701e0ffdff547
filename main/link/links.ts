import { Emitter, type Unsubscribe } from '../base/emitter.ts';
import { codeOf, messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Identity, PeerKey, Way } from '../identity/types.ts';
import { type Attempt, Attempts, wayText } from './attempt.ts';
import { Backoff } from './backoff.ts';
import type { Hello } from './control.ts';
import { dialWays } from './dialler.ts';
import { LinkError } from './errors.ts';
import { Keeper } from './keeper.ts';
import { Link } from './link.ts';
import type { EstablishedConn, PathSource } from './path-source.ts';
import { type CongestionControl, createQuicConfig, type QuicConfig } from './quic/config.ts';
import { settle } from './settle.ts';
import { WaysWatch } from './ways-watch.ts';
import type {
  LinkContacts,
  LinkEvents,
  LinkInfo,
  Links,
  PathKind,
  Stream,
  StreamHandler,
} from './types.ts';

const LINK_WAIT_MS = 15_000;
/** Sessions of one peer that may be on their way to a link at once. */
const MAX_PENDING = 4;

export interface LinksOptions {
  readonly identity: Identity;
  /** This peer's display name now. */
  readonly name: () => string;
  /** This program's version. */
  readonly version: string;
  readonly contacts: LinkContacts;
  /** Started and closed by the links. */
  readonly sources: readonly PathSource[];
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** For tests: other delays. */
  readonly createBackoff?: () => Backoff;
}

export interface LinkManager extends Links {
  /** Starts the sources, then dials every wanted contact. What was started is closed on failure. */
  start(): Promise<void>;
  /** Takes all links down and refuses new ones until `resume`. */
  pause(): void;
  resume(): void;
  /** The host has been told of another network: looks at once, instead of within 3 s. */
  networkChanged(): void;
  /** How the last attempts to reach a contact went, way by way. */
  attempts(peer: PeerKey): Attempt[];
  /** What the path in use to a peer is; undefined: there is no link. */
  pathOf(peer: PeerKey): PathKind | undefined;
  /** Takes all links down and closes the sources. Idempotent. */
  stop(): Promise<void>;
  /**
   * Resolves when there is a link, dialling at once if there is none; joins an attempt that is under way.
   * Rejects with the LinkError of that attempt, or `not-linked` for a key no link is kept to.
   */
  connect(peer: PeerKey): Promise<void>;
}

export function createLinks(options: LinksOptions): LinkManager {
  return new Manager(options);
}

interface Entry {
  readonly keeper: Keeper;
  link: Link | undefined;
  /** Our own attempt has said hello, and the other side may count on it. */
  greeting: boolean;
  /** What dialling depends on, to tell a change that matters. */
  snapshot: string;
}

class Manager implements LinkManager {
  readonly #options: LinksOptions;
  readonly #configs: Readonly<Record<CongestionControl, QuicConfig>>;
  readonly #events = new Emitter<LinkEvents>();
  readonly #handlers = new Map<string, StreamHandler>();
  readonly #entries = new Map<PeerKey, Entry>();
  /** Sessions that others dialled and that are no links yet. */
  readonly #pending = new Set<Link>();
  #state: 'stopped' | 'running' | 'paused' = 'stopped';
  #unsubscribe: Unsubscribe | undefined;
  readonly #waysWatch: WaysWatch;
  readonly #attempts = new Attempts();

  constructor(options: LinksOptions) {
    this.#options = options;
    const { tls } = options.identity;
    this.#configs = { cubic: createQuicConfig(tls, 'cubic'), own: createQuicConfig(tls, 'own') };
    this.#waysWatch = new WaysWatch(
      () => waysOf(options.sources),
      (ways) => this.#onWaysChanged(ways),
    );
  }

  async start(): Promise<void> {
    const { sources, contacts } = this.#options;
    const started: PathSource[] = [];
    try {
      for (const source of sources) {
        await source.start();
        started.push(source);
      }
    } catch (error) {
      await Promise.all(started.map((source) => source.close()));
      throw error;
    }
    this.#unsubscribe = contacts.onChange((key) => this.#onContactChange(key));
    this.#waysWatch.start();
    this.resume();
  }

  pause(): void {
    if (this.#state !== 'running') return;
    this.#state = 'paused';
    this.#listen(null);
    this.#dropAll('paused');
  }

  resume(): void {
    if (this.#state === 'running') return;
    this.#state = 'running';
    this.#listen((established) => this.#onSession(established));
    for (const key of this.#options.contacts.wanted()) this.#want(key);
  }

  async stop(): Promise<void> {
    if (this.#state === 'stopped') return;
    this.#state = 'stopped';
    this.#unsubscribe?.();
    this.#waysWatch.stop();
    this.#listen(null);
    this.#dropAll('stopped');
    await Promise.all(this.#options.sources.map((source) => source.close()));
  }

  list(): LinkInfo[] {
    return [...this.#entries.values()].flatMap(({ link }) =>
      link === undefined ? [] : [link.info],
    );
  }

  get(peer: PeerKey): LinkInfo | undefined {
    return this.#entries.get(peer)?.link?.info;
  }

  pathOf(peer: PeerKey): PathKind | undefined {
    return this.#entries.get(peer)?.link?.path;
  }

  attempts(peer: PeerKey): Attempt[] {
    return this.#attempts.of(peer);
  }

  networkChanged(): void {
    if (this.#state === 'running') this.#waysWatch.look();
  }

  async connect(peer: PeerKey): Promise<void> {
    const entry = this.#entryOf(peer);
    if (entry === undefined) throw notLinked();
    await entry.keeper.dialNow();
    if (entry.link === undefined)
      throw (entry.keeper.lastError as Error | undefined) ?? notLinked();
  }

  async openStream(
    peer: PeerKey,
    protocol: string,
    options: { header?: Record<string, unknown>; signal?: AbortSignal; timeoutMs?: number } = {},
  ): Promise<Stream> {
    const { header = {}, signal, timeoutMs = LINK_WAIT_MS } = options;
    const waitEndsAt = performance.now() + timeoutMs;
    for (;;) {
      signal?.throwIfAborted();
      const link =
        this.#entries.get(peer)?.link ??
        (await this.#awaitLink(peer, Math.max(waitEndsAt - performance.now(), 0), signal));
      try {
        return await link.openStream(protocol, header, signal);
      } catch (error) {
        // A link that came up beside this one has taken its place: nothing was said yet that would be lost.
        const isOver = codeOf(error) === 'link-down' && performance.now() < waitEndsAt;
        if (!isOver) throw error;
      }
    }
  }

  handle(protocol: string, handler: StreamHandler): () => void {
    if (this.#handlers.has(protocol)) throw new TypeError(`${protocol} is served already`);
    this.#handlers.set(protocol, handler);
    return () => {
      if (this.#handlers.get(protocol) === handler) this.#handlers.delete(protocol);
    };
  }

  announce(peer: PeerKey, topic: string, body: unknown): void {
    try {
      this.#entries.get(peer)?.link?.announce(topic, body);
    } catch (error) {
      this.#options.log.warn({ peer, topic, reason: messageOf(error) }, 'announcement dropped');
    }
  }

  on<Name extends keyof LinkEvents & string>(
    name: Name,
    listener: (...args: LinkEvents[Name]) => void,
  ): () => void {
    return this.#events.on(name, listener);
  }

  /** Waits for a link that may come up any way: this attempt, the next one, or the other side's. */
  async #awaitLink(
    peer: PeerKey,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<Link> {
    const entry = this.#entryOf(peer);
    if (entry === undefined) throw notLinked();
    const { promise, resolve, reject } = Promise.withResolvers<Link>();
    const off = this.#events.on('up', (key) => {
      if (key === peer && entry.link !== undefined) resolve(entry.link);
    });
    const timer = setTimeout(() => reject(notLinked(entry.keeper.lastError)), timeoutMs);
    const onAbort = (): void => reject(signal?.reason as Error);
    signal?.addEventListener('abort', onAbort, { once: true });
    void entry.keeper.dialNow();
    try {
      return await promise;
    } finally {
      off();
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** The network is another one, or the computer woke: everything is tried at once. */
  #onWaysChanged(ways: readonly Way[]): void {
    if (this.#state !== 'running') return;
    for (const { link, keeper } of this.#entries.values()) {
      if (link === undefined) void keeper.dialNow();
      link?.tellWays(ways);
      link?.probe();
    }
  }

  #listen(onSession: PathSource['onSession']): void {
    for (const source of this.#options.sources) source.onSession = onSession;
  }

  #isWanted(peer: PeerKey): boolean {
    const state = this.#options.contacts.stateOf(peer);
    return this.#state === 'running' && (state === 'accepted' || state === 'invited');
  }

  #entryOf(peer: PeerKey): Entry | undefined {
    if (!this.#isWanted(peer)) return undefined;
    let entry = this.#entries.get(peer);
    if (entry === undefined) {
      const { now, createBackoff = () => new Backoff() } = this.#options;
      const keeper = new Keeper({
        dial: (signal) => this.#dial(peer, signal),
        backoff: createBackoff(),
        now,
        onFailed: (error, retryMs) => this.#onDialFailed(peer, error, retryMs),
      });
      entry = { keeper, link: undefined, greeting: false, snapshot: '' };
      this.#entries.set(peer, entry);
    }
    return entry;
  }

  #want(peer: PeerKey): void {
    const { contacts } = this.#options;
    const entry = this.#entryOf(peer);
    if (entry === undefined) return;
    const snapshot = JSON.stringify([contacts.stateOf(peer), contacts.waysOf(peer)]);
    if (snapshot === entry.snapshot) return;
    entry.snapshot = snapshot;
    entry.link?.offerRelays(this.#relaysTo(peer));
    void entry.keeper.dialNow();
  }

  #onContactChange(peer: PeerKey): void {
    if (this.#state !== 'running') return;
    if (this.#isWanted(peer)) this.#want(peer);
    else this.#drop(peer, 'removed');
  }

  async #dial(peer: PeerKey, signal: AbortSignal): Promise<void> {
    const entry = this.#entries.get(peer);
    if (entry === undefined) return;
    const { sources } = this.#options;
    try {
      const { link, way } = await dialWays({
        peer,
        ways: this.#waysTo(peer),
        sources,
        createLink: (established) => this.#createLink(established),
        onGreeting: () => (entry.greeting = true),
        onOutcome: (way, ms, error) => {
          this.#attempts.note(peer, { way, at: this.#options.now(), ms, error });
        },
        signal,
      });
      this.#adopt(link, await link.up, way);
    } catch (error) {
      // Another link came up meanwhile: nothing is missing.
      if (entry.link === undefined || signal.aborted) throw error;
      entry.keeper.noteUp();
    } finally {
      entry.greeting = false;
    }
  }

  /** What is known of the peer; and this peer's own servers, where it may be as well. */
  #waysTo(peer: PeerKey): Way[] {
    const known = this.#options.contacts.waysOf(peer);
    const isNamed = new Set(known.map(wayText));
    const servers = waysOf(this.#options.sources).filter(({ kind }) => kind === 'nats');
    return [...known, ...servers.filter((way) => !isNamed.has(wayText(way)))];
  }

  /** Somebody dialled us and was admitted. */
  #onSession(established: EstablishedConn): void {
    const { log } = this.#options;
    const { peer } = established.secrets;
    const isCrowded = [...this.#pending].filter((link) => link.peer === peer).length >= MAX_PENDING;
    if (!this.#isWanted(peer) || isCrowded) {
      established.conn.close();
      return;
    }
    const link = this.#createLink(established);
    this.#pending.add(link);
    link.up
      .then((hello) => this.#adopt(link, hello, undefined))
      .catch((error: unknown) => {
        log.debug({ peer, reason: messageOf(error) }, 'a session came to nothing');
      })
      .finally(() => this.#pending.delete(link));
  }

  #createLink(established: EstablishedConn): Link {
    const { identity, now, log, sources } = this.#options;
    const { peer } = established.secrets;
    const link: Link = new Link({
      established,
      self: identity.key,
      config: this.#configs[established.conn.isHere === true ? 'cubic' : 'own'],
      carry: (onNewcomer) => sources.map((one) => one.carry(established.secrets, onNewcomer)),
      onObserved: (address) => {
        for (const source of sources) source.noteObserved?.(address);
      },
      hello: () => this.#helloTo(peer, established.secrets.role),
      handlerOf: (protocol) => this.#handlers.get(protocol),
      now,
      log,
      onAnnouncement: (topic, body) => this.#events.emit('announcement', peer, topic, body),
      onClosed: (reason) => this.#onClosed(link, reason),
    });
    return link;
  }

  #helloTo(peer: PeerKey, role: 'dialler' | 'acceptor'): Hello {
    const { name, version, sources } = this.#options;
    const ways = waysOf(sources);
    const replaces = role === 'acceptor' ? this.#entries.get(peer)?.link?.id : undefined;
    return { name: name(), version, ways, replaces };
  }

  /**
   * A link has come up: it stays, or gives way to the one that is there. Throws LinkError `link-down` when it
   * can do neither.
   */
  #adopt(link: Link, hello: Hello, way: Way | undefined): void {
    const { identity, log } = this.#options;
    const { peer, dialler } = link;
    const entry = this.#entryOf(peer);
    if (entry === undefined || !link.isOpen) {
      link.close('not-wanted');
      throw new LinkError('link-down', 'The link went down as it came up.');
    }
    const held = entry.link;
    const fresh = { dialler, replaces: hello.replaces };
    const loses = held !== undefined && settle(held, fresh, identity.key) === 'held';
    if (!loses) entry.link = link;
    // A greeting of our own that is not answered yet is settled when the answer comes.
    if (dialler === identity.key || !entry.greeting) entry.keeper.noteUp();
    if (loses) {
      link.close('duplicate');
      return;
    }
    if (held !== undefined) {
      held.close('replaced');
      this.#events.emit('down', peer, 'A newer link took its place.');
    }
    this.#noteLinked(peer, hello, way);
    log.info({ peer, path: link.info.path, remote: link.info.remote }, 'link up');
    link.serve();
    link.offer(hello.ways);
    link.offerRelays(this.#relaysTo(peer));
    this.#events.emit('up', peer);
  }

  #noteLinked(peer: PeerKey, hello: Hello, way: Way | undefined): void {
    const { contacts, log } = this.#options;
    const isKept = way !== undefined && way.kind !== 'relay';
    const ways = isKept ? [way, ...hello.ways] : hello.ways;
    try {
      contacts.noteLinked(peer, hello.name, ways);
    } catch (error) {
      // The link is good all the same; the contact is noted the next time.
      log.error({ peer, reason: messageOf(error) }, 'the contact could not be stored');
    }
  }

  #relaysTo(peer: PeerKey): Way[] {
    return this.#options.contacts.waysOf(peer).filter(({ kind }) => kind === 'relay');
  }

  #onClosed(link: Link, reason: LinkError): void {
    const { peer } = link;
    const entry = this.#entries.get(peer);
    if (entry?.link !== link) return;
    entry.link = undefined;
    this.#options.log.info({ peer, reason: reason.message }, 'link down');
    entry.keeper.noteDown();
    this.#events.emit('down', peer, reason.message);
  }

  #onDialFailed(peer: PeerKey, error: unknown, retryMs: number): void {
    const { log } = this.#options;
    const level = codeOf(error) === 'refused-clock-skew' ? 'warn' : 'debug';
    const reason = messageOf(error);
    log[level]({ peer, code: codeOf(error), reason, retryMs: Math.round(retryMs) }, 'dial failed');
  }

  #drop(peer: PeerKey, reason: string): void {
    const entry = this.#entries.get(peer);
    entry?.keeper.rest(new LinkError('not-linked', `No link is wanted: ${reason}.`));
    entry?.link?.close(reason);
    this.#entries.delete(peer);
    this.#attempts.forget(peer);
    for (const link of [...this.#pending]) if (link.peer === peer) link.close(reason);
  }

  #dropAll(reason: string): void {
    for (const peer of [...this.#entries.keys()]) this.#drop(peer, reason);
    for (const link of [...this.#pending]) link.close(reason);
  }
}

const waysOf = (sources: readonly PathSource[]): Way[] => sources.flatMap((one) => one.ways());

function notLinked(cause?: unknown): LinkError {
  const message =
    cause === undefined
      ? 'There is no link to that peer.'
      : `There is no link to that peer: ${messageOf(cause)}`;
  return new LinkError('not-linked', message, { cause });
}
