import type { PeerKey } from '../../identity/types.ts';

/** Contacts that find each other on the local network, at most; the first ones count. */
const MAX_CONTACTS = 256;
/** Key agreements in one turn of the event loop; each takes about 0.6 ms. */
const PER_TURN = 8;

export interface Pair {
  readonly key: PeerKey;
  readonly pairKey: Uint8Array;
}

/** The keys that this peer shares with each of its contacts, computed once and a few at a time. */
export class PairKeys {
  readonly #agree: (peer: PeerKey) => Uint8Array | undefined;
  #pairs = new Map<PeerKey, Pair>();

  constructor(agree: (peer: PeerKey) => Uint8Array | undefined) {
    this.#agree = agree;
  }

  /** Those of the last `follow` that are computed. */
  get all(): ReadonlyMap<PeerKey, Pair> {
    return this.#pairs;
  }

  /** Keeps the keys of these contacts and forgets all others. Resolves when all are there. */
  async follow(contacts: readonly PeerKey[]): Promise<void> {
    const known = this.#pairs;
    const pairs = new Map<PeerKey, Pair>();
    this.#pairs = pairs;
    let computed = 0;
    for (const key of contacts.slice(0, MAX_CONTACTS)) {
      const pair = known.get(key);
      if (pair !== undefined) pairs.set(key, pair);
    }
    for (const key of contacts.slice(0, MAX_CONTACTS)) {
      if (pairs.has(key)) continue;
      const pairKey = this.#agree(key);
      if (pairKey === undefined) continue;
      pairs.set(key, { key, pairKey });
      computed += 1;
      if (computed % PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
      if (this.#pairs !== pairs) return;
    }
  }
}
