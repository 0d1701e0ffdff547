import { codeOf, messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { PeerKey, Way } from '../identity/types.ts';
import { CONTROL_PROTOCOL, ControlChannel, type Hello } from './control.ts';
import { LinkError } from './errors.ts';
import { acceptStream, LinkStream, readOpening, refuseStream, sendOpening } from './opening.ts';
import type { EstablishedConn, SessionCarrier } from './path-source.ts';
import { PathSet } from './paths/path-set.ts';
import type { QuicConfig } from './quic/config.ts';
import { QuicConnection } from './quic/quic-connection.ts';
import type { QuicStream } from './quic/quic-stream.ts';
import type { LinkInfo, PacketConn, PathKind, Stream, StreamHandler } from './types.ts';

/** For the hello, and for the header of a stream. */
const OPENING_TIMEOUT_MS = 10_000;

export interface LinkOptions {
  readonly established: EstablishedConn;
  readonly self: PeerKey;
  readonly config: QuicConfig;
  /** More paths than the first, by whoever hears of newcomers. */
  readonly carry: (onNewcomer: (conn: PacketConn) => void) => SessionCarrier[];
  /** How the other side sees this one. */
  readonly onObserved: (address: string) => void;
  /** What this side says of itself; an acceptor's names the link that this one will take the place of. */
  readonly hello: () => Hello;
  readonly handlerOf: (protocol: string) => StreamHandler | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
  readonly onAnnouncement: (topic: string, body: unknown) => void;
  /** The link is over; called once, also when it never came up. */
  readonly onClosed: (reason: LinkError) => void;
}

/**
 * One link: its paths, QUIC over the best of them, the control stream, and the streams of the features. A dialler calls `greet`
 * when it wants the link; an acceptor's comes up by itself. Both are up when `up` resolves.
 */
export class Link {
  readonly peer: PeerKey;
  /** Who dialled. */
  readonly dialler: PeerKey;
  readonly #options: LinkOptions;
  readonly #paths: PathSet;
  readonly #quic: QuicConnection;
  readonly #up = Promise.withResolvers<Hello>();
  /** Resolves when this is the link to its peer. */
  readonly #served = Promise.withResolvers<undefined>();
  #control: ControlChannel | undefined;
  #upAt: number | undefined;
  #saidBye = false;
  /** To the other side: as it says itself, and through contacts. */
  #ways: { readonly told: readonly Way[]; readonly relays: readonly Way[] } = {
    told: [],
    relays: [],
  };

  constructor(options: LinkOptions) {
    const { conn, secrets } = options.established;
    this.#options = options;
    this.peer = secrets.peer;
    this.dialler = secrets.role === 'dialler' ? options.self : secrets.peer;
    // `onClosed` tells the same.
    this.#up.promise.catch(() => undefined);
    this.#served.promise.catch(() => undefined);
    this.#paths = new PathSet(conn, secrets, { observed: options.onObserved });
    this.#paths.use(options.carry((newcomer) => this.#paths.newcomer(newcomer)));
    this.#quic = new QuicConnection({
      conn: this.#paths,
      role: secrets.role,
      peer: secrets.peer,
      config: options.config,
      onStream: (raw) => void this.#onStream(raw),
      onClosed: (reason) => this.#onClosed(reason),
    });
    if (secrets.role === 'acceptor') void this.#limitWaiting();
  }

  /** Resolves when the other side's key is proven. Rejects with LinkError `wrong-peer`, `no-answer`, … */
  get proven(): Promise<void> {
    return this.#quic.established;
  }

  /** Resolves with the other side's hello when the link is up. */
  get up(): Promise<Hello> {
    return this.#up.promise;
  }

  /** Names the session, to both sides alike. */
  get id(): string {
    return this.#options.established.secrets.id;
  }

  get isOpen(): boolean {
    return !this.#quic.isClosed;
  }

  /** What the path in use is. */
  get path(): PathKind {
    return this.#paths.kind;
  }

  get info(): LinkInfo {
    const { rttMs, sentBytes, receivedBytes, streams } = this.#quic.stats();
    return {
      peer: this.peer,
      path: this.#paths.kind,
      remote: this.#paths.remote,
      paths: this.#paths.list(),
      rttMs,
      since: this.#upAt ?? this.#options.now(),
      sentBytes,
      receivedBytes,
      streams,
    };
  }

  /** The dialler's half of the control stream; after `proven`. */
  async greet(): Promise<Hello> {
    const signal = AbortSignal.timeout(OPENING_TIMEOUT_MS);
    try {
      const stream = await sendOpening(this.#quic.open(), this.peer, CONTROL_PROTOCOL, {}, signal);
      await this.#shakeHands(stream, signal);
    } catch (error) {
      this.#break(error);
    }
    return this.up;
  }

  /** This link is the one to its peer: from now on streams and announcements are taken. */
  serve(): void {
    if (this.#control === undefined) return;
    this.#served.resolve(undefined);
    void this.#readControl(this.#control);
  }

  /** Opens a stream. Throws LinkError `stream-refused`, `link-limit`, `link-down`; the signal's reason. */
  async openStream(
    protocol: string,
    header: Readonly<Record<string, unknown>>,
    signal: AbortSignal | undefined,
  ): Promise<Stream> {
    signal?.throwIfAborted();
    return sendOpening(this.#quic.open(), this.peer, protocol, header, signal);
  }

  /** What ways there are to the other side now, as it says. */
  offer(ways: readonly Way[]): void {
    this.#ways = { ...this.#ways, told: ways };
    this.#offerAll();
  }

  /** Through whom the other side can be reached now, as this peer knows itself. */
  offerRelays(ways: readonly Way[]): void {
    this.#ways = { ...this.#ways, relays: ways };
    this.#offerAll();
  }

  /** Tells the other side what ways there are to this one now. */
  tellWays(ways: readonly Way[]): void {
    if (this.#upAt !== undefined) this.#control?.tellWays(ways);
  }

  /** The network may have changed: asks at once which paths there are. */
  probe(): void {
    this.#paths.probe();
  }

  /** See `ControlChannel.announce`; nothing happens before the link is up. */
  announce(topic: string, body: unknown): void {
    if (this.#upAt !== undefined) this.#control?.announce(topic, body);
  }

  /** @param reason kebab-case; the other side reads it */
  close(reason: string): void {
    if (this.#quic.isClosed) return;
    this.#control?.bye(reason);
    this.#quic.close(reason, new LinkError('link-down', `The link was closed here: ${reason}.`));
  }

  /** An acceptor's peer must say hello in time. */
  async #limitWaiting(): Promise<void> {
    try {
      await this.proven;
    } catch {
      return; // `onClosed` has been called.
    }
    const timer = setTimeout(() => this.close('no-hello'), OPENING_TIMEOUT_MS);
    await this.up.catch(() => undefined);
    clearTimeout(timer);
  }

  async #onStream(raw: QuicStream): Promise<void> {
    const { log } = this.#options;
    try {
      const { protocol, header } = await readOpening(raw, AbortSignal.timeout(OPENING_TIMEOUT_MS));
      const stream = new LinkStream(this.peer, protocol, header, raw);
      if (protocol === CONTROL_PROTOCOL) await this.#acceptControl(raw, stream);
      else await this.#serve(raw, stream);
    } catch (error) {
      raw.abort();
      const isOrdinary = codeOf(error) === 'link-down' || codeOf(error) === 'stream-reset';
      if (!isOrdinary) log.debug({ peer: this.peer, reason: messageOf(error) }, 'stream ended');
    }
  }

  async #serve(raw: QuicStream, stream: Stream): Promise<void> {
    await this.#served.promise;
    const handler = this.#options.handlerOf(stream.protocol);
    if (handler === undefined) {
      await refuseStream(raw, 'unknown-protocol');
      return;
    }
    await acceptStream(raw);
    await handler(stream);
    raw.release();
  }

  async #acceptControl(raw: QuicStream, stream: Stream): Promise<void> {
    const isDialler = this.dialler !== this.peer;
    if (isDialler || this.#control !== undefined) {
      await refuseStream(raw, 'control-exists');
      return;
    }
    try {
      await acceptStream(raw);
      await this.#shakeHands(stream, AbortSignal.timeout(OPENING_TIMEOUT_MS));
    } catch (error) {
      this.#break(error);
    }
  }

  async #shakeHands(stream: Stream, signal: AbortSignal): Promise<void> {
    const control = new ControlChannel(stream, this.#options.now);
    this.#control = control;
    // The dialler speaks first: an acceptor is up only for a peer that wants this link.
    const isDialler = this.dialler !== this.peer;
    if (isDialler) await control.sendHello(this.#options.hello());
    const hello = await control.readHello(signal);
    // Said and done in one turn, so that no other link comes in between.
    const said = isDialler ? undefined : control.sendHello(this.#options.hello());
    if (!this.#quic.isClosed) {
      this.#upAt = this.#options.now();
      this.#up.resolve(hello);
    }
    await said;
  }

  async #readControl(control: ControlChannel): Promise<void> {
    try {
      await control.readAll({
        onAnnouncement: this.#options.onAnnouncement,
        onWays: (ways) => this.offer(ways),
        // The reason comes with QUIC's close as well, even when this is lost.
        onBye: () => (this.#saidBye = true),
      });
      if (!this.#saidBye) this.close('control-ended');
    } catch (error) {
      this.#break(error);
    }
  }

  #offerAll(): void {
    this.#paths.offer([...this.#ways.told, ...this.#ways.relays]);
  }

  /** Without its control stream a link is of no use. */
  #break(error: unknown): void {
    if (this.#quic.isClosed) return;
    const message = `The control stream failed: ${messageOf(error)}`;
    this.#quic.close('control-failed', new LinkError('link-protocol', message, { cause: error }));
  }

  #onClosed(reason: LinkError): void {
    this.#control?.close();
    this.#up.reject(reason);
    this.#served.reject(reason);
    this.#options.onClosed(reason);
  }
}
