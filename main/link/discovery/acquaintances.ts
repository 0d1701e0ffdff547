import { randomBytes } from 'node:crypto';
import type { PeerKey, Signer } from '../../identity/types.ts';
import { ExpiringMap } from '../session/expiring-map.ts';
import {
  commitment,
  decodeAcquaintance,
  encodeAcquaintance,
  isSignedAcquaintance,
  type AcquaintanceMessage,
} from './acquaintance-wire.ts';
import { fingerprint, type Fingerprint } from './fingerprint.ts';
import { MAX_SKEW_MS } from './inspector.ts';
import type { Source } from './multicast.ts';

/** When a message that nobody answered is sent again, ms after the first time. */
const RETRIES_MS = [250, 600, 1200, 2500];
/** An acquaintance that takes longer is none, ms. */
const GIVE_UP_MS = 5000;
/** How long, and how many, that others began are waited for. */
const PENDING_MS = 30_000;
const MAX_PENDING = 64;
/** Fingerprints kept, the newest. */
const MAX_KNOWN = 256;

export interface AcquaintancesOptions {
  readonly signer: Signer;
  readonly send: (bytes: Uint8Array, to: Source) => void;
  /** Whether this peer admits to this stranger that it is here. */
  readonly admits: (peer: PeerKey) => boolean;
  /** Whether one more signature of this source may be checked now. */
  readonly mayVerify: (host: string) => boolean;
  /** There is a new fingerprint for this peer. */
  readonly onFingerprint: (peer: PeerKey) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

interface Asking {
  readonly peer: PeerKey;
  readonly to: Source;
  readonly nonce: Uint8Array;
  readonly finish: () => void;
  send: (kind: 'commit' | 'reveal', data: Uint8Array) => void;
  isRevealed: boolean;
}

/**
 * Acquaintances: two strangers on one network draw a fingerprint together, so that two people can compare it
 * before one of them accepts the other.
 */
export class Acquaintances {
  readonly #options: AcquaintancesOptions;
  /** What this peer asks, by the acquaintance's id. */
  readonly #asking = new Map<string, Asking>();
  /** What others ask, by their key and the id. */
  readonly #asked = new ExpiringMap<{ commit: Uint8Array; nonce: Uint8Array }>(
    PENDING_MS,
    MAX_PENDING,
  );
  readonly #asAsker = new Map<PeerKey, Fingerprint>();
  readonly #asAsked = new Map<PeerKey, Fingerprint>();

  constructor(options: AcquaintancesOptions) {
    this.#options = options;
  }

  /** The fingerprint to compare with this peer's. When both have asked, that of the smaller key's question. */
  fingerprintOf(peer: PeerKey): Fingerprint | undefined {
    const own = this.#asAsker.get(peer);
    const theirs = this.#asAsked.get(peer);
    return this.#options.signer.key < peer ? (own ?? theirs) : (theirs ?? own);
  }

  /** Those with a fingerprint. */
  peers(): PeerKey[] {
    return [...new Set([...this.#asAsker.keys(), ...this.#asAsked.keys()])];
  }

  /** Asks. Resolves when both have the fingerprint, or the other side did not take part for 5 s. */
  async ask(peer: PeerKey, to: Source): Promise<void> {
    if ([...this.#asking.values()].some((asking) => asking.peer === peer)) return;
    const { signer, now } = this.#options;
    const id = new Uint8Array(randomBytes(16));
    const nonce = new Uint8Array(randomBytes(32));
    const { promise, resolve } = Promise.withResolvers<void>();
    let timers: NodeJS.Timeout[] = [];
    const stop = (): void => {
      for (const timer of timers) clearTimeout(timer);
      timers = [];
    };
    const send = (kind: 'commit' | 'reveal', data: Uint8Array): void => {
      stop();
      const say = (): void => {
        const message = encodeAcquaintance({ kind, to: peer, id, data, ts: now() }, signer);
        this.#options.send(message, to);
      };
      say();
      timers = RETRIES_MS.map((ms) => setTimeout(say, ms));
    };
    const giveUp = setTimeout(resolve, GIVE_UP_MS);
    const name = nameOf(id);
    this.#asking.set(name, { peer, to, nonce, finish: resolve, send, isRevealed: false });
    send('commit', commitment(signer.key, peer, id, nonce));
    try {
      await promise;
    } finally {
      stop();
      clearTimeout(giveUp);
      this.#asking.delete(name);
    }
  }

  /** A datagram that begins with `ACQUAINTANCE_BYTE`. */
  receive(bytes: Uint8Array, from: Source): void {
    const { signer, now, mayVerify } = this.#options;
    const message = decodeAcquaintance(bytes);
    if (message === undefined || message.to !== signer.key || message.from === signer.key) return;
    if (Math.abs(message.ts - now()) > MAX_SKEW_MS || !this.#isExpected(message)) return;
    if (!mayVerify(from.host) || !isSignedAcquaintance(message)) return;
    if (message.kind === 'commit') this.#onCommit(message, from);
    else if (message.kind === 'nonce') this.#onNonce(message);
    else if (message.kind === 'reveal') this.#onReveal(message, from);
    else this.#asking.get(nameOf(message.id))?.finish();
  }

  /** Forgets what was drawn with this peer. */
  forget(peer: PeerKey): void {
    this.#asAsker.delete(peer);
    this.#asAsked.delete(peer);
  }

  /** Gives up what is under way. */
  close(): void {
    for (const { finish } of this.#asking.values()) finish();
  }

  /** Costs no signature: what nobody waits for is dropped. */
  #isExpected({ kind, from, id }: AcquaintanceMessage): boolean {
    if (kind === 'commit') return this.#options.admits(from);
    if (kind === 'reveal')
      return this.#asked.get(from + nameOf(id), this.#options.now()) !== undefined;
    return this.#asking.get(nameOf(id))?.peer === from;
  }

  #onCommit({ from, id, data }: AcquaintanceMessage, source: Source): void {
    const { now } = this.#options;
    const name = from + nameOf(id);
    let pending = this.#asked.get(name, now());
    if (pending === undefined) {
      pending = { commit: data, nonce: new Uint8Array(randomBytes(32)) };
      if (!this.#asked.set(name, pending, now())) return;
    }
    // Bound to the first commitment: another one under the same id gets no answer.
    if (Buffer.compare(pending.commit, data) !== 0) return;
    this.#reply('nonce', from, id, pending.nonce, source);
  }

  #onNonce({ from, id, data }: AcquaintanceMessage): void {
    const asking = this.#asking.get(nameOf(id));
    // The first one counts: a nonce chosen after this peer's was revealed would be worth nothing.
    if (asking === undefined || asking.isRevealed) return;
    asking.isRevealed = true;
    const asker = { key: this.#options.signer.key, nonce: asking.nonce };
    keep(this.#asAsker, from, fingerprint(asker, { key: from, nonce: data }));
    this.#options.onFingerprint(from);
    asking.send('reveal', asking.nonce);
  }

  #onReveal({ from, id, data }: AcquaintanceMessage, source: Source): void {
    const { signer, now, onFingerprint } = this.#options;
    const pending = this.#asked.get(from + nameOf(id), now());
    if (pending === undefined) return;
    if (Buffer.compare(commitment(from, signer.key, id, data), pending.commit) !== 0) return;
    const asked = { key: signer.key, nonce: pending.nonce };
    keep(this.#asAsked, from, fingerprint({ key: from, nonce: data }, asked));
    onFingerprint(from);
    this.#reply('done', from, id, pending.commit, source);
  }

  #reply(
    kind: 'nonce' | 'done',
    to: PeerKey,
    id: Uint8Array,
    data: Uint8Array,
    source: Source,
  ): void {
    const { signer, send, now } = this.#options;
    send(encodeAcquaintance({ kind, to, id, data, ts: now() }, signer), source);
  }
}

function nameOf(id: Uint8Array): string {
  return Buffer.from(id).toString('latin1');
}

function keep(known: Map<PeerKey, Fingerprint>, peer: PeerKey, made: Fingerprint): void {
  known.delete(peer);
  known.set(peer, made);
  for (const oldest of known.keys()) {
    if (known.size <= MAX_KNOWN) break;
    known.delete(oldest);
  }
}
