import { Emitter, type Unsubscribe } from '../../base/emitter.ts';
import type { Log } from '../../base/log.ts';
import type { Identity, PeerKey, Way } from '../../identity/types.ts';
import { ExpiringMap } from '../session/expiring-map.ts';
import { TokenBucket } from '../session/token-bucket.ts';
import { ACQUAINTANCE_BYTE } from './acquaintance-wire.ts';
import { Acquaintances } from './acquaintances.ts';
import type { Fingerprint } from './fingerprint.ts';
import { Inspector, type Spent } from './inspector.ts';
import { listNetworks, networksText, type Network } from './interfaces.ts';
import { Mdns } from './mdns.ts';
import { Multicast, type Source } from './multicast.ts';
import { NearbyTable, type NearbyPeer } from './nearby-table.ts';
import { PairKeys } from './pair-keys.ts';
import { Voice, type Visibility } from './voice.ts';

const ANNOUNCE_MS = 30_000;
/** Up to a fifth is taken off at random: peers that came at one moment do not speak at one moment for ever. */
const JITTER = 0.2;
/** When a peer that has just come asks who is here, ms; more than once, because datagrams get lost. */
const ASK_AT_MS = [0, 300, 1000];
/** How often the networks are looked at, ms. */
const LOOK_MS = 3000;
/** Answers to those who ask: a key once a second, and so many a second in all. */
const ANSWER_EACH_MS = 1000;
const ANSWERS_PER_SECOND = 20;
/** An answer waits up to so long, so that a full room does not answer in one moment, ms. */
const ANSWER_SPREAD_MS = 100;

/** Ways that are known for now only: tried first, never stored. */
export interface TransientWays {
  waysOf(key: PeerKey): Way[];
  /** Called when a way has come for this peer, or it has just started. */
  onSeen(listener: (key: PeerKey) => void): Unsubscribe;
}

export type DiscoveryEvents = {
  /** A peer is here, or something about it is new; a newcomer has just started, or come to this network. */
  seen: [peer: NearbyPeer, isNewcomer: boolean];
  gone: [key: PeerKey];
  fingerprint: [key: PeerKey];
};

export interface DiscoveryOptions {
  readonly identity: Pick<Identity, 'key' | 'sign' | 'agree'>;
  /** The UDP port that takes dials; 0: none, and nothing is announced. */
  readonly port: () => number;
  /** This peer's display name. */
  readonly name: () => string;
  readonly visibility: () => Visibility;
  /** Those to whom this peer always shows itself. */
  readonly contacts: () => readonly PeerKey[];
  /** Whether this key may know that this peer is here, whoever else may not. */
  readonly isKnown: (key: PeerKey) => boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
  /** For tests. Default: all networks but loopback, and the usual ports. 0 leaves one of the two out. */
  readonly networks?: () => Network[];
  readonly ports?: { readonly beacon: number; readonly mdns: number };
}

/** Finds peers on the local network, and is found there (docs/discovery.md). */
export class Discovery implements TransientWays {
  readonly #options: DiscoveryOptions;
  readonly #events = new Emitter<DiscoveryEvents & { way: [key: PeerKey] }>();
  readonly #table = new NearbyTable();
  readonly #pairs: PairKeys;
  readonly #inspector: Inspector;
  readonly #acquaintances: Acquaintances;
  readonly #voice: Voice;
  readonly #answered = new ExpiringMap<true>(ANSWER_EACH_MS, 256);
  readonly #answers: TokenBucket;
  #multicast: Multicast | undefined;
  #mdns: Mdns | undefined;
  #isStarted = false;
  /** What was entered last, to tell a change. */
  #entered = '';
  /** Entering and leaving, one after the other. */
  #turn: Promise<void> = Promise.resolve();
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(options: DiscoveryOptions) {
    const { identity, now } = options;
    this.#options = options;
    this.#pairs = new PairKeys((peer) => identity.agree(peer, 'beacon'));
    const pairs = () => this.#pairs.all;
    this.#inspector = new Inspector({ self: identity.key, pairs, now });
    this.#voice = new Voice({ ...options, pairs, onSaid: (said) => this.#inspector.noteOwn(said) });
    this.#answers = new TokenBucket(ANSWERS_PER_SECOND, ANSWERS_PER_SECOND, now());
    this.#acquaintances = new Acquaintances({
      signer: identity,
      send: (bytes, to) => this.#multicast?.tell(to, () => [bytes]),
      admits: (key) => options.visibility().lan === 'everyone' || options.isKnown(key),
      mayVerify: (host) => this.#inspector.mayVerify(host),
      onFingerprint: (key) => this.#events.emit('fingerprint', key),
      now,
    });
  }

  /** What was spent on what others sent, so far. */
  get spent(): Readonly<Spent> {
    return this.#inspector.spent;
  }

  /** Opens sockets, says that it is here, and goes on saying so. What cannot be opened is logged. */
  async start(): Promise<void> {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#every(LOOK_MS, () => this.#look());
    this.#announceLater();
    await this.#pairs.follow(this.#options.contacts());
    await this.refresh();
  }

  /** Says goodbye and closes all sockets. Idempotent. */
  async stop(): Promise<void> {
    if (!this.#isStarted) return this.#turn;
    this.#isStarted = false;
    this.#entered = '';
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#acquaintances.close();
    this.#say({ bye: true });
    await this.#inTurn(() => this.#leave());
    for (const key of this.#table.clear()) this.#events.emit('gone', key);
  }

  /** The machine woke, or has other networks: everything is said anew. */
  networkChanged(): void {
    this.#entered = '';
    this.#look();
  }

  /** Visibility, name or port are other ones. Resolves when the networks know. */
  async refresh(): Promise<void> {
    if (!this.#isStarted) return;
    this.#entered = '';
    await this.#enter();
  }

  /** Contacts came or went. */
  async contactsChanged(): Promise<void> {
    const before = this.#pairs.all;
    await this.#pairs.follow(this.#options.contacts());
    const isNew = [...this.#pairs.all.keys()].some((key) => !before.has(key));
    if (isNew && this.#isStarted) this.#say({ ask: true });
  }

  list(): NearbyPeer[] {
    return this.#table.list();
  }

  get(key: PeerKey): NearbyPeer | undefined {
    return this.#table.get(key);
  }

  waysOf(key: PeerKey): Way[] {
    return this.#table.waysOf(key);
  }

  onSeen(listener: (key: PeerKey) => void): Unsubscribe {
    return this.#events.on('way', listener);
  }

  on<Name extends keyof DiscoveryEvents>(
    name: Name,
    listener: (...args: DiscoveryEvents[Name]) => void,
  ): Unsubscribe {
    return this.#events.on(name, listener as never);
  }

  /** Draws a fingerprint with a peer that is here. Resolves when that is over, with or without one. */
  async acquaint(key: PeerKey): Promise<void> {
    const back = this.#table.get(key)?.back;
    if (back !== undefined) await this.#acquaintances.ask(key, back);
  }

  fingerprintOf(key: PeerKey): Fingerprint | undefined {
    return this.#acquaintances.fingerprintOf(key);
  }

  /** Those with whom a fingerprint was drawn. */
  acquainted(): PeerKey[] {
    return this.#acquaintances.peers();
  }

  /** Forgets a fingerprint. */
  forget(key: PeerKey): void {
    this.#acquaintances.forget(key);
  }

  /** The networks changed under us? */
  #look(): void {
    for (const key of this.#table.expire(this.#options.now())) this.#events.emit('gone', key);
    if (this.#situation() !== this.#entered) void this.#enter();
  }

  #networks(): Network[] {
    const { networks = listNetworks, visibility, port } = this.#options;
    return visibility().lan === 'off' || port() === 0 ? [] : networks();
  }

  #situation(): string {
    return `${this.#options.port()} ${networksText(this.#networks())}`;
  }

  #enter(): Promise<void> {
    const networks = this.#networks();
    this.#entered = this.#situation();
    return this.#inTurn(async () => {
      if (!this.#isStarted) return;
      const { log, now, port, ports } = this.#options;
      if (networks.length === 0) {
        await this.#leave();
        for (const key of this.#table.clear()) this.#events.emit('gone', key);
        return;
      }
      this.#voice.networks = networks;
      if (ports?.beacon !== 0) {
        this.#multicast ??= new Multicast({
          ...(ports !== undefined && { port: ports.beacon }),
          log,
          onDatagram: (bytes, from) => this.#onDatagram(bytes, from),
        });
        await this.#multicast.enter(networks);
        for (const ms of ASK_AT_MS) this.#after(ms, () => this.#say({ ask: true }));
      }
      if (ports?.mdns !== 0) {
        this.#mdns ??= new Mdns({
          ...(ports !== undefined && { port: ports.mdns }),
          log,
          now,
          onBeacon: (bytes, from) => this.#onBeacon(bytes, from),
        });
        await this.#mdns.enter(networks, port(), (network) =>
          this.#voice.brief(network, this.#multicast?.backOf(network) ?? 0),
        );
      }
    });
  }

  async #leave(): Promise<void> {
    const [multicast, mdns] = [this.#multicast, this.#mdns];
    this.#multicast = undefined;
    this.#mdns = undefined;
    await Promise.all([multicast?.close(), mdns?.close()]);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(work).catch((error: unknown) => {
      this.#options.log.warn({ err: error }, 'discovery: the networks could not be entered');
    });
    return this.#turn;
  }

  #say(manner: { ask?: boolean; bye?: boolean }): void {
    this.#multicast?.announce((network, back) => this.#voice.beacons(network, back, manner));
  }

  #onDatagram(bytes: Uint8Array, from: Source): void {
    if (bytes[0] !== ACQUAINTANCE_BYTE) this.#onBeacon(bytes, from);
    else if (this.#inspector.mayParse()) this.#acquaintances.receive(bytes, from);
  }

  #onBeacon(bytes: Uint8Array, from: Source): void {
    const sighting = this.#inspector.inspect(bytes, from.host);
    if (sighting === undefined || !this.#isStarted) return;
    const { key, ask, bye } = sighting;
    if (bye) {
      if (this.#table.remove(key)) this.#events.emit('gone', key);
      return;
    }
    const isContact = this.#pairs.all.has(key);
    const { isNews, evicted } = this.#table.note(sighting, isContact, this.#options.now());
    if (evicted !== undefined) this.#events.emit('gone', evicted);
    const peer = this.#table.get(key);
    if (peer === undefined) return;
    if (isNews || ask) {
      this.#events.emit('seen', peer, ask);
      this.#events.emit('way', key);
    }
    if (ask) this.#answer(key, sighting.back);
  }

  /** Tells who asks that this peer is here, if it may know. */
  #answer(key: PeerKey, back: Source): void {
    const now = this.#options.now();
    if (back.port === 0 || this.#answered.get(key, now) === true) return;
    if (!this.#answers.take(now) || !this.#answered.set(key, true, now)) return;
    this.#after(Math.random() * ANSWER_SPREAD_MS, () => {
      this.#multicast?.tell(back, (network, port) => this.#voice.answer(key, network, port));
    });
  }

  #announceLater(): void {
    this.#after(ANNOUNCE_MS * (1 - Math.random() * JITTER), () => {
      this.#say({});
      this.#mdns?.refresh();
      this.#announceLater();
    });
  }

  #after(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    timer.unref();
    this.#timers.add(timer);
  }

  #every(ms: number, work: () => void): void {
    const timer = setInterval(work, ms);
    timer.unref();
    this.#timers.add(timer);
  }
}
