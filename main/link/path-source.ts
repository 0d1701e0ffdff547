import type { PeerKey, Way } from '../identity/types.ts';
import type { PacketConn, PathKind, SessionSecrets } from './types.ts';

/** A packet conn on which a session was established; QUIC comes next. */
export interface EstablishedConn {
  readonly conn: PacketConn;
  readonly secrets: SessionSecrets;
}

/** One way of carrying datagrams, with its own rendezvous: a UDP endpoint, the NATS deployments, relays. */
export interface PathSource {
  readonly kind: PathKind;
  /**
   * Establishes a session with `peer` by `way` (of this kind). Rejects with LinkError: `no-answer`, `refused-…`
   * (typed refusal), `wrong-peer`, `way-unusable`, or the signal's reason. Nothing is left behind on rejection.
   */
  dial(peer: PeerKey, way: Way, signal: AbortSignal): Promise<EstablishedConn>;
  /** Called for each session a contact established by dialling us; null: nobody is to be answered. */
  onSession: ((established: EstablishedConn) => void) | null;
  /** Binds, subscribes. Throws LinkError `udp-bind` … */
  start(): Promise<void>;
  /** How others reach this peer by this source now; goes into invites and into the control stream's hello. */
  ways(): Way[];
  /** Unbinds; conns it gave out die with `onDead`. Idempotent. */
  close(): Promise<void>;
}
