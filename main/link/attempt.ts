import type { PeerKey, Way } from '../identity/types.ts';
import { formatAddress } from './udp/addresses.ts';

/** How the last attempt to reach a contact by one way went. */
export interface Attempt {
  readonly way: Way;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** How long it took, ms. */
  readonly ms: number;
  /** Why it came to nothing; undefined: a link came up. */
  readonly error: unknown;
}

/** Ways of a contact that are remembered. */
const MOST = 32;

/** The last attempts to reach each contact, by way. */
export class Attempts {
  readonly #byPeer = new Map<PeerKey, Map<string, Attempt>>();

  note(peer: PeerKey, attempt: Attempt): void {
    const known = this.#byPeer.get(peer) ?? new Map<string, Attempt>();
    const key = wayText(attempt.way);
    known.delete(key);
    known.set(key, attempt);
    for (const oldest of known.keys()) {
      if (known.size <= MOST) break;
      known.delete(oldest);
    }
    this.#byPeer.set(peer, known);
  }

  of(peer: PeerKey): Attempt[] {
    return [...(this.#byPeer.get(peer)?.values() ?? [])];
  }

  forget(peer: PeerKey): void {
    this.#byPeer.delete(peer);
  }
}

/** For people: `udp 192.0.2.1:4711`, `nats nats://host:4222`. */
export function wayText(way: Way): string {
  if (way.kind === 'relay') return `relay ${way.via}`;
  return way.kind === 'nats' ? `nats ${way.server}` : `udp ${formatAddress(way.host, way.port)}`;
}
