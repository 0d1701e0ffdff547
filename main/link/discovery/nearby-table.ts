import type { PeerKey, Way } from '../../identity/types.ts';
import type { Sighting } from './inspector.ts';
import type { Source } from './multicast.ts';

const MAX_PEERS = 256;
const MAX_ADDRESSES = 8;
/** Three beacons that did not come. */
export const EXPIRY_MS = 100_000;

/** A peer that is on the local network now, and has proven its key. */
export interface NearbyPeer {
  readonly key: PeerKey;
  /** Absent when it keeps its name to itself. Cleaned, untrusted. */
  readonly name: string | undefined;
  /** Where it takes dials, those heard of first in front, link-local ones last. */
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  /** Where it takes messages of discovery; undefined when it takes none. */
  readonly back: Source | undefined;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly seenAt: number;
}

interface Entry {
  name: string | undefined;
  readonly ports: Map<string, { port: number; seenAt: number }>;
  back: Source | undefined;
  readonly since: number;
  seenAt: number;
  isContact: boolean;
}

/** Who is here, by what was heard lately. Never more than 256; strangers give way to contacts. */
export class NearbyTable {
  readonly #entries = new Map<PeerKey, Entry>();

  /**
   * @param now milliseconds since 1970
   * @returns whether anything is new (the peer, its name, or its addresses), and who had to go for it
   */
  note(
    sighting: Sighting,
    isContact: boolean,
    now: number,
  ): { readonly isNews: boolean; readonly evicted?: PeerKey | undefined } {
    const { key, name, addresses, back } = sighting;
    let entry = this.#entries.get(key);
    const before = entry === undefined ? undefined : textOf(entry);
    let evicted: PeerKey | undefined;
    if (entry === undefined) {
      if (this.#entries.size >= MAX_PEERS) {
        evicted = isContact ? this.#oldestStranger() : undefined;
        if (evicted === undefined) return { isNews: false };
        this.#entries.delete(evicted);
      }
      entry = { name, ports: new Map(), back: undefined, since: now, seenAt: now, isContact };
      this.#entries.set(key, entry);
    }
    entry.seenAt = now;
    entry.isContact = isContact;
    entry.name = name;
    if (back.port !== 0) entry.back = back;
    for (const { host, port } of addresses) entry.ports.set(host, { port, seenAt: now });
    dropOld(entry, now);
    return { isNews: textOf(entry) !== before, evicted };
  }

  /** @returns whether it was there */
  remove(key: PeerKey): boolean {
    return this.#entries.delete(key);
  }

  get(key: PeerKey): NearbyPeer | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined ? undefined : peerOf(key, entry);
  }

  list(): NearbyPeer[] {
    return [...this.#entries].map(([key, entry]) => peerOf(key, entry));
  }

  waysOf(key: PeerKey): Way[] {
    return (this.get(key)?.addresses ?? []).map((address) => ({ kind: 'udp', ...address }));
  }

  /** Forgets who was not heard for long. @returns them */
  expire(now: number): PeerKey[] {
    const gone: PeerKey[] = [];
    for (const [key, entry] of this.#entries) {
      if (now - entry.seenAt < EXPIRY_MS) continue;
      this.#entries.delete(key);
      gone.push(key);
    }
    return gone;
  }

  /** Forgets all. @returns them */
  clear(): PeerKey[] {
    const gone = [...this.#entries.keys()];
    this.#entries.clear();
    return gone;
  }

  #oldestStranger(): PeerKey | undefined {
    for (const [key, { isContact }] of this.#entries) if (!isContact) return key;
    return undefined;
  }
}

/** Addresses not heard of for long, and the oldest beyond what is kept. */
function dropOld({ ports }: Entry, now: number): void {
  for (const [host, { seenAt }] of ports) if (now - seenAt >= EXPIRY_MS) ports.delete(host);
  const oldestFirst = [...ports].sort(([, a], [, b]) => a.seenAt - b.seenAt);
  for (const [host] of oldestFirst.slice(0, Math.max(0, ports.size - MAX_ADDRESSES))) {
    ports.delete(host);
  }
}

function peerOf(key: PeerKey, { name, ports, back, since, seenAt }: Entry): NearbyPeer {
  const addresses = [...ports].map(([host, { port }]) => ({ host, port }));
  const isLinkLocal = ({ host }: { host: string }): boolean => host.includes('%');
  const ordered = [
    ...addresses.filter((address) => !isLinkLocal(address)),
    ...addresses.filter(isLinkLocal),
  ];
  return { key, name, addresses: ordered, back, since, seenAt };
}

function textOf({ name, ports }: Entry): string {
  return JSON.stringify([name, [...ports].map(([host, { port }]) => [host, port])]);
}
