/** Session establishment without any transport: bytes in, bytes and secrets out (PROTOCOL). */
import type { PeerKey, Signer, Way } from '../../identity/types.ts';
import type { LinkContacts, SessionSecrets } from '../types.ts';

/** A dial that was made and waits for its ack. The ephemeral key is wiped by `complete` and `discard`. */
export interface PendingDial {
  /** The signed dial message, at most 1,000 bytes; send it again as it is until answered. */
  readonly bytes: Uint8Array;
  /**
   * Checks an answer. Returns the session, or throws LinkError: `refused-unknown-peer`, `refused-blocked`,
   * `refused-busy`, `refused-clock-skew`, `refused-version` (all signed by the dialled peer),
   * or `bad-answer` for anything not signed by the dialled peer over this very dial: keep waiting after that one.
   */
  complete(answer: Uint8Array): SessionSecrets;
  discard(): void;
}

export type CreateDial = (options: {
  signer: Signer;
  name: string;
  to: PeerKey;
  contacts: LinkContacts;
  now: number;
}) => PendingDial;

export interface DialAnswer {
  /** Signed ack or refusal, never longer than 1,000 bytes; null: say nothing (malformed, replayed, over the rate). */
  readonly reply: Uint8Array | null;
  /** Set when this dial opened a session; absent for refusals and for the repeated answer to a repeated dial. */
  readonly session?: SessionSecrets;
}

/** Decides on dials: signature, clock window, replay, rate, contact state, invites. Bounded memory. */
export interface Admission {
  /** @param way how the dialler could be dialled back, if the transport knows (a UDP source address) */
  answer(dial: Uint8Array, way: Way | null): DialAnswer;
}

export interface AdmissionOptions {
  readonly signer: Signer;
  /** This peer's display name. */
  readonly name: () => string;
  readonly contacts: LinkContacts;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Stateless proof that a source address is real: HMAC over address, port and a time slot. */
export interface CookieJar {
  make(host: string, port: number): Uint8Array;
  /** True for a cookie of the running or the last slot (2 × 60 s). */
  check(cookie: Uint8Array, host: string, port: number): boolean;
}
