/**
 * What links look like to the features that stand on them, and to the parts of link/ among themselves.
 */
import type { PeerKey, Way } from '../identity/types.ts';

export type PathKind = 'udp' | 'nats' | 'relay';

/** Anything that carries datagrams both ways between two peers; QUIC runs on top and knows no more. */
export interface PacketConn {
  readonly kind: PathKind;
  /** For people: `192.0.2.1:4711`, `nats://host:4222`. */
  readonly remote: string;
  /** The largest datagram `send` takes, bytes; it may change when another path is taken. */
  readonly maxDatagram: number;
  /** Longer packets go in parts, so many bytes of them in each datagram; undefined: they do not. */
  readonly fragmentBytes?: number | undefined;
  /** Longer ones may disappear on the way, bytes: whether they do has to be tried. Default: none does. */
  readonly baseDatagram?: number | undefined;
  /** The round trip as far as it was measured, ms. */
  readonly rttMs?: number | undefined;
  /** The other end is on this machine or on its network. */
  readonly isNear?: boolean;
  /** The other end is on this machine. */
  readonly isHere?: boolean;
  /**
   * Sends one datagram; it may be lost. The bytes are copied or sent before this returns.
   * Returns false when the conn is congested locally, or cut off for now: stop and wait for `onDrain`. The
   * datagram itself may have been sent or not. QUIC's timers stand still until `onDrain`.
   */
  send(datagram: Uint8Array): boolean;
  /**
   * Called for each datagram that belongs to this session. Set once, before the first send. A conn that got
   * the datagram from elsewhere than its remote gives `proven`, which is called before this returns if QUIC
   * authenticated the datagram: only then may the conn follow. The bytes are valid until this returns: a conn
   * may receive into one buffer for ever.
   */
  onDatagram: ((datagram: Uint8Array, proven?: () => void) => void) | null;
  /** Called when `send` may be called again after it returned false. */
  onDrain: (() => void) | null;
  /** Called when datagrams go another way from now on: what was under way may be lost. */
  onMoved?: (() => void) | null;
  /** Called at most once, when the conn can carry nothing any more (socket closed, credentials refused). */
  onDead: ((reason: Error) => void) | null;
  /** Unsubscribes or unregisters; idempotent. */
  close(): void;
}

/** What both ends know after a session was established (PROTOCOL "Session establishment"). */
export interface SessionSecrets {
  readonly peer: PeerKey;
  /** The other side's display name, untrusted text, already cleaned and bounded. */
  readonly peerName: string;
  readonly role: 'dialler' | 'acceptor';
  /** 16 bytes in base32, lower case: names the session's NATS subjects. */
  readonly id: string;
  /** 8 bytes in front of every datagram of the session on udp and relay. */
  readonly tag: Uint8Array;
  readonly pathKeys: PathKeys;
}

/** What each side seals its messages about paths with, 32 bytes each. */
export interface PathKeys {
  readonly dialler: Uint8Array;
  readonly acceptor: Uint8Array;
}

export interface PathInfo {
  readonly kind: PathKind;
  /** For people: `192.0.2.1:4711`, `nats://host:4222`. */
  readonly remote: string;
  /** Smoothed, ms. */
  readonly rttMs: number;
  /** Part of the probes that were not answered, 0 to 1. */
  readonly loss: number;
  /** Packets of the usual length disappear on it: shorter ones are sent. */
  readonly isNarrow: boolean;
  /** `silent`: it does not answer, or not yet. */
  readonly state: 'current' | 'standby' | 'silent';
}

/** One bidirectional byte stream of a link. */
export interface Stream {
  readonly peer: PeerKey;
  readonly protocol: string;
  /** What the opener sent besides the protocol. Untrusted until the feature has checked it. */
  readonly header: Readonly<Record<string, unknown>>;
  /**
   * Reads into `target` what is there, at least one byte; 0 means the other side ended its direction.
   * One reader at a time. Throws LinkError `stream-reset`, `link-down` or the signal's reason.
   */
  read(target: Uint8Array, signal?: AbortSignal): Promise<number>;
  /**
   * Hands bytes to the link; resolves when all of them are inside the send window (back pressure).
   * One writer at a time. The bytes must not change until it resolves.
   */
  write(bytes: Uint8Array, signal?: AbortSignal): Promise<void>;
  /** Ends this side's direction; the other side reads what was written, then 0. */
  end(): Promise<void>;
  /** Gives up both directions at once; pending reads and writes fail. Idempotent. */
  abort(): void;
}

export interface LinkInfo {
  readonly peer: PeerKey;
  readonly path: PathKind;
  readonly remote: string;
  /** Every way that is known of, the one in use among them. */
  readonly paths: readonly PathInfo[];
  /** Smoothed round trip, milliseconds. */
  readonly rttMs: number;
  /** Milliseconds since 1970 when the link came up. */
  readonly since: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly streams: number;
}

/** Serves one accepted stream; when the promise settles the stream is ended (or aborted on rejection). */
export type StreamHandler = (stream: Stream) => Promise<void>;

export type LinkEvents = {
  up: [peer: PeerKey];
  down: [peer: PeerKey, reason: string];
  /** A feature's message from the other side of the control stream. */
  announcement: [peer: PeerKey, topic: string, body: unknown];
};

/** The links of this peer, as features see them. */
export interface Links {
  list(): LinkInfo[];
  get(peer: PeerKey): LinkInfo | undefined;
  /**
   * Opens a stream on the live link to `peer`; waits at most `timeoutMs` (default 15 s) for a link if there is none.
   * Throws LinkError `not-linked`, or `stream-refused` with the other side's code.
   */
  openStream(
    peer: PeerKey,
    protocol: string,
    options?: {
      header?: Record<string, unknown>;
      signal?: AbortSignal;
      timeoutMs?: number;
    },
  ): Promise<Stream>;
  /** Serves a protocol; only accepted contacts ever reach it. Returns the end of serving. */
  handle(protocol: string, handler: StreamHandler): () => void;
  /** Tells the other side something small on the control stream (≤ 16 KiB CBOR); dropped when not linked. */
  announce(peer: PeerKey, topic: string, body: unknown): void;
  on<Name extends keyof LinkEvents & string>(
    name: Name,
    listener: (...args: LinkEvents[Name]) => void,
  ): () => void;
}

/** What link/ asks about keys; identity answers, peer/ wires. */
export interface LinkContacts {
  /** The stored state, or undefined for a stranger. */
  stateOf(key: PeerKey): 'requested' | 'invited' | 'accepted' | 'blocked' | undefined;
  waysOf(key: PeerKey): readonly Way[];
  /** Every key that a link should be kept to (accepted or invited). */
  wanted(): PeerKey[];
  /** A stranger asked without a (valid) invite: remember it as `requested`, with the way it came by. */
  noteRequest(key: PeerKey, name: string, way: Way | null): void;
  /** The session with `key` is up: an `invited` contact becomes `accepted`; name and ways are refreshed. */
  noteLinked(key: PeerKey, name: string, ways: readonly Way[]): void;
  /** See `Invites.redeem`. */
  redeem(id: Uint8Array, proof: Uint8Array, message: Uint8Array, by: PeerKey, now: number): boolean;
  /** The proof to send along when dialling `key`, while an unused invite of theirs is at hand. */
  inviteProof(key: PeerKey, message: Uint8Array): { id: Uint8Array; proof: Uint8Array } | undefined;
  onChange(listener: (key: PeerKey) => void): () => void;
}
