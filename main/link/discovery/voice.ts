import type { Identity, PeerKey } from '../../identity/types.ts';
import {
  encodeOpen,
  encodeVeiled,
  MARK_STEP,
  MAX_ADDRESSES,
  MAX_MARKS,
  type BeaconFacts,
} from './beacon.ts';
import type { Network } from './interfaces.ts';
import type { Pair } from './pair-keys.ts';

/** Who may find this peer on the local network, and whether strangers read its name. */
export interface Visibility {
  readonly lan: 'everyone' | 'contacts' | 'off';
  readonly name: boolean;
}

/** In a DNS record everything has to fit into one packet: so many contacts find this peer by it. */
const BRIEF_MARKS = 3 * MARK_STEP;

export interface VoiceOptions {
  readonly identity: Pick<Identity, 'key' | 'sign'>;
  readonly port: () => number;
  readonly name: () => string;
  readonly visibility: () => Visibility;
  /** The contacts, and what is shared with each. */
  readonly pairs: () => ReadonlyMap<PeerKey, Pair>;
  readonly now: () => number;
  /** Called with everything that is said: it comes back by multicast. */
  readonly onSaid: (bytes: Uint8Array) => void;
}

interface Manner {
  readonly ask?: boolean;
  readonly bye?: boolean;
}

/** What this peer says about itself: openly, or only for its contacts. */
export class Voice {
  /** The networks that this peer is in. */
  networks: readonly Network[] = [];
  readonly #options: VoiceOptions;

  constructor(options: VoiceOptions) {
    this.#options = options;
  }

  /** @param back the port that takes messages of discovery in this network; 0: none */
  beacons(network: Network, back: number, manner: Manner): Uint8Array[] {
    const { visibility, pairs } = this.#options;
    const facts = { ...this.#facts(network, back), ...manner };
    if (visibility().lan === 'everyone') return [this.#open(facts)];
    const all = [...pairs().values()];
    const beacons: Uint8Array[] = [];
    for (let at = 0; at < all.length; at += MAX_MARKS) {
      beacons.push(this.#veiled(facts, all.slice(at, at + MAX_MARKS)));
    }
    return beacons;
  }

  /** One short beacon, for a DNS record; undefined when there is nobody to find this peer. */
  brief(network: Network, back: number): Uint8Array | undefined {
    const { visibility, pairs } = this.#options;
    const facts = this.#facts(network, back);
    if (visibility().lan === 'everyone') return this.#open(facts);
    const first = [...pairs().values()].slice(0, BRIEF_MARKS);
    return first.length === 0 ? undefined : this.#veiled(facts, first);
  }

  /** For one peer, who asked; nothing when it may not know. */
  answer(to: PeerKey, network: Network, back: number): Uint8Array[] {
    const { visibility, pairs } = this.#options;
    const facts = this.#facts(network, back);
    if (visibility().lan === 'everyone') return [this.#open(facts)];
    const pair = pairs().get(to);
    return pair === undefined ? [] : [this.#veiled(facts, [pair])];
  }

  /** Only addresses of this network's interface: what other networks this machine is in is nobody's business. */
  #facts(network: Network, back: number): BeaconFacts {
    const at = this.networks
      .filter(({ name }) => name === network.name)
      .flatMap(({ addresses }) => addresses)
      .slice(0, MAX_ADDRESSES);
    return { port: this.#options.port(), back, at, ts: this.#options.now() };
  }

  #open(facts: BeaconFacts): Uint8Array {
    const { identity, name, visibility, onSaid } = this.#options;
    const said = encodeOpen({ ...facts, ...(visibility().name && { name: name() }) }, identity);
    onSaid(said);
    return said;
  }

  #veiled(facts: BeaconFacts, pairs: readonly Pair[]): Uint8Array {
    const said = encodeVeiled(facts, this.#options.identity.key, pairs);
    this.#options.onSaid(said);
    return said;
  }
}
