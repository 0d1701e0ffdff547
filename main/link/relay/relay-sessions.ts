import type { PeerKey } from '../../identity/types.ts';
import type { PacketConn } from '../types.ts';
import type { RelayConn } from './relay-conn.ts';

/** Ways of one session through different contacts. */
const MAX_CONNS = 4;

/** What is known of one session: its conns, by the contact next to this peer. */
export class RelaySession {
  readonly peer: PeerKey;
  readonly role: 'dialler' | 'acceptor';
  readonly tag: Uint8Array;
  /** Null: nobody wants more conns. */
  onNewcomer: ((conn: PacketConn) => void) | null = null;
  readonly conns = new Map<PeerKey, RelayConn>();

  constructor(secrets: { peer: PeerKey; role: 'dialler' | 'acceptor'; tag: Uint8Array }) {
    this.peer = secrets.peer;
    this.role = secrets.role;
    this.tag = secrets.tag;
  }

  get isFull(): boolean {
    return this.conns.size >= MAX_CONNS;
  }
}

/** The sessions that streams can join, by their tag. */
export class RelaySessions {
  readonly #byTag = new Map<string, RelaySession>();

  get(tag: Uint8Array): RelaySession | undefined {
    return this.#byTag.get(nameOf(tag));
  }

  /** The session with that tag, which is remembered from now on. */
  of(secrets: { peer: PeerKey; role: 'dialler' | 'acceptor'; tag: Uint8Array }): RelaySession {
    const known = this.get(secrets.tag);
    if (known !== undefined) return known;
    const session = new RelaySession(secrets);
    this.#byTag.set(nameOf(secrets.tag), session);
    return session;
  }

  /** A session that is not carried and has no conn is forgotten. */
  tidy(session: RelaySession): void {
    if (session.onNewcomer !== null || session.conns.size > 0) return;
    this.#byTag.delete(nameOf(session.tag));
  }

  all(): RelaySession[] {
    return [...this.#byTag.values()];
  }
}

const nameOf = (tag: Uint8Array): string => Buffer.from(tag).toString('latin1');
