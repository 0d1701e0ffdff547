import { createHash } from 'node:crypto';
import type { PeerKey } from '../../identity/types.ts';
import { cleanName } from '../../base/display-name.ts';
import { ExpiringMap } from '../session/expiring-map.ts';
import { TokenBucket } from '../session/token-bucket.ts';
import { familyOf } from '../udp/addresses.ts';
import { SourceLimit } from '../udp/source-limit.ts';
import {
  decodeBeacon,
  isSigned,
  MAX_BEACON_BYTES,
  unveil,
  type OpenBeacon,
  type VeiledBeacon,
} from './beacon.ts';
import type { Pair } from './pair-keys.ts';

/** How far a beacon's clock may be from ours, either way. */
export const MAX_SKEW_MS = 90_000;
/** A nonce is remembered as long as its beacon could count. */
const NONCE_MS = 2 * MAX_SKEW_MS;
/** Signatures checked a second, over all sources. */
const SIGNATURES_PER_SECOND = 100;
/** Veiled beacons compared with all contacts (256 HMACs at most) a second. */
const UNVEILED_PER_SECOND = 50;
/** Datagrams that are parsed at all, a second. */
const PARSED_PER_SECOND = 1000;
const MAX_OWN = 1024;

/** A beacon whose sender is proven. */
export interface Sighting {
  readonly key: PeerKey;
  /** Where it takes dials; the address that it came from first. */
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  /** Where it takes messages of discovery. */
  readonly back: { readonly host: string; readonly port: number };
  /** Absent when it keeps its name to itself. */
  readonly name: string | undefined;
  readonly ask: boolean;
  readonly bye: boolean;
}

export interface InspectorOptions {
  readonly self: PeerKey;
  /** Who may be behind a veiled beacon. */
  readonly pairs: () => ReadonlyMap<PeerKey, Pair>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What this peer spent on beacons so far. */
export interface Spent {
  parsed: number;
  signatures: number;
  unveiled: number;
}

/**
 * Decides which beacons count (docs/discovery.md): size, form, clock, replay, rates and only then the proof.
 * Contacts and strangers have a memory of nonces each, so that no crowd of strangers uses up that of the contacts.
 */
export class Inspector {
  readonly spent: Spent = { parsed: 0, signatures: 0, unveiled: 0 };
  readonly #options: InspectorOptions;
  readonly #sources = new SourceLimit();
  readonly #parsed: TokenBucket;
  readonly #signatures: TokenBucket;
  readonly #unveiled: TokenBucket;
  readonly #contactNonces = new ExpiringMap<true>(NONCE_MS, 8192);
  readonly #strangerNonces = new ExpiringMap<true>(NONCE_MS, 8192);
  readonly #own = new ExpiringMap<true>(NONCE_MS, MAX_OWN);

  constructor(options: InspectorOptions) {
    const now = options.now();
    this.#options = options;
    this.#parsed = new TokenBucket(PARSED_PER_SECOND, PARSED_PER_SECOND, now);
    this.#signatures = new TokenBucket(SIGNATURES_PER_SECOND, SIGNATURES_PER_SECOND, now);
    this.#unveiled = new TokenBucket(UNVEILED_PER_SECOND, UNVEILED_PER_SECOND, now);
  }

  /** This peer sends these bytes: they come back by multicast, and cost nothing then. */
  noteOwn(bytes: Uint8Array): void {
    this.#own.set(idOf(bytes), true, this.#options.now());
  }

  /** Whether one more datagram may be looked into now. Counts it. */
  mayParse(): boolean {
    if (!this.#parsed.take(this.#options.now())) return false;
    this.spent.parsed += 1;
    return true;
  }

  /**
   * Whether one more signature of this source may be checked now. Counts it; beacons and the messages of an
   * acquaintance have one budget.
   */
  mayVerify(host: string): boolean {
    const now = this.#options.now();
    if (!this.#sources.take(host, now) || !this.#signatures.take(now)) return false;
    this.spent.signatures += 1;
    return true;
  }

  /** @param host the address that the bytes came from, with a zone if it is link-local */
  inspect(bytes: Uint8Array, host: string): Sighting | undefined {
    const now = this.#options.now();
    if (bytes.length > MAX_BEACON_BYTES || !this.mayParse()) return undefined;
    if (this.#own.get(idOf(bytes), now) === true) return undefined;
    const beacon = decodeBeacon(bytes);
    if (beacon === undefined || Math.abs(beacon.ts - now) > MAX_SKEW_MS) return undefined;
    const key = 'key' in beacon ? this.#openSender(beacon, host) : this.#veiledSender(beacon, host);
    return key === undefined ? undefined : sighting(key, beacon, host);
  }

  #openSender(beacon: OpenBeacon, host: string): PeerKey | undefined {
    const { self, pairs, now } = this.#options;
    if (beacon.key === self) return undefined;
    const nonces = pairs().has(beacon.key) ? this.#contactNonces : this.#strangerNonces;
    const nonce = nonceOf(beacon.key, beacon);
    if (this.#isReplay(nonce) || !this.mayVerify(host) || !isSigned(beacon)) return undefined;
    return nonces.set(nonce, true, now()) ? beacon.key : undefined;
  }

  #veiledSender(beacon: VeiledBeacon, host: string): PeerKey | undefined {
    const { pairs, now } = this.#options;
    const candidates = pairs();
    if (candidates.size === 0 || !this.#sources.take(host, now())) return undefined;
    if (!this.#unveiled.take(now())) return undefined;
    this.spent.unveiled += 1;
    const sender = unveil(beacon, candidates.values());
    if (sender === undefined) return undefined;
    const nonce = nonceOf(sender.key, beacon);
    if (this.#isReplay(nonce)) return undefined;
    return this.#contactNonces.set(nonce, true, now()) ? sender.key : undefined;
  }

  #isReplay(nonce: string): boolean {
    const now = this.#options.now();
    return (
      this.#contactNonces.get(nonce, now) === true || this.#strangerNonces.get(nonce, now) === true
    );
  }
}

function sighting(key: PeerKey, beacon: OpenBeacon | VeiledBeacon, host: string): Sighting {
  const isHere = isLoopback(host);
  const told = beacon.at.filter((at) => familyOf(at) !== undefined && isHere === isLoopback(at));
  const name = 'name' in beacon ? cleanName(beacon.name ?? '') : '';
  return {
    key,
    addresses: [...new Set([host, ...told])].map((at) => ({ host: at, port: beacon.port })),
    back: { host, port: beacon.back },
    name: name === '' ? undefined : name,
    ask: beacon.ask === true,
    bye: beacon.bye === true,
  };
}

/** Nobody else can use up a nonce by repeating it under another key. */
function nonceOf(key: PeerKey, { nonce }: { nonce: Uint8Array }): string {
  return key + Buffer.from(nonce).toString('latin1');
}

function idOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}

function isLoopback(host: string): boolean {
  return /^(127\.|::1$)/.test(host);
}
