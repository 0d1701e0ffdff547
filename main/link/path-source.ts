import type { PeerKey, Way } from '../identity/types.ts';
import type { PacketConn, PathKind, SessionSecrets } from './types.ts';

/** A packet conn on which a session was established; QUIC comes next. */
export interface EstablishedConn {
  readonly conn: PacketConn;
  readonly secrets: SessionSecrets;
}

/** What one source does for one session, beside the conn that it was established on. */
export interface SessionCarrier {
  /** A path to there; undefined when this source has none. The other side opens its end by itself. */
  open(way: Way): PacketConn | undefined;
  /** Nothing more is opened, and newcomers are not heard. Idempotent. */
  close(): void;
}

/** One way of carrying datagrams, with its own rendezvous: a UDP endpoint, the NATS deployments, relays. */
export interface PathSource {
  readonly kind: PathKind;
  /**
   * Establishes a session with `peer` by `way` (of this kind). Rejects with LinkError: `no-answer`, `refused-…`
   * (typed refusal), `wrong-peer`, `way-unusable`, or the signal's reason. Nothing is left behind on rejection.
   */
  dial(peer: PeerKey, way: Way, signal: AbortSignal): Promise<EstablishedConn>;
  /**
   * More paths for a session that is there.
   *
   * @param onNewcomer the session's datagrams come from somewhere that nobody opened: nothing is proven yet,
   *   and whoever takes no interest closes the conn
   */
  carry(secrets: SessionSecrets, onNewcomer: (conn: PacketConn) => void): SessionCarrier;
  /** How the other side of a path sees this peer: a way for others perhaps. */
  noteObserved?(address: string): void;
  /** Called for each session a contact established by dialling us; null: nobody is to be answered. */
  onSession: ((established: EstablishedConn) => void) | null;
  /** Binds, subscribes. Throws LinkError `udp-bind` … */
  start(): Promise<void>;
  /** How others reach this peer by this source now; goes into invites and into the control stream's hello. */
  ways(): Way[];
  /** Unbinds; conns it gave out die with `onDead`. Idempotent. */
  close(): Promise<void>;
}
