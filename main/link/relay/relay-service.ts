import { codeOf, messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { PeerKey } from '../../identity/types.ts';
import { TokenBucket } from '../session/token-bucket.ts';
import type { Stream } from '../types.ts';
import { FrameReader } from './frame-reader.ts';
import { isDirect, openThrough, type Opened, type RelayLinks } from './open-through.ts';
import type { Route } from './routes.ts';
import { splice, type Splice, type SpliceSide } from './splice.ts';
import { RelayHeader, type RelayRefusal, writeAnswer } from './wire.ts';

/** The next stream, and all behind it, have so long to open, ms. */
const OPENING_MS = 8_000;
/** Streams that a contact may ask for, a second and at once. */
const OPENINGS_PER_SECOND = 10;
const OPENINGS_BURST = 40;
/** What a contact may send at once, as a part of what it may send in a second. */
const BURST_PART = 1 / 8;
const LEAST_BURST = 64 * 1024;

export interface RelayLimits {
  /** Connections that are carried for one contact, and in all. */
  readonly perContact: number;
  readonly total: number;
  /** What one contact may have carried. */
  readonly bytesPerSecond: number;
}

export interface RelayServiceOptions {
  readonly self: PeerKey;
  readonly links: RelayLinks;
  /** Whether this peer relays for a contact, and that contact for this peer. */
  readonly allows: (peer: PeerKey) => boolean;
  readonly next: (to: PeerKey, mostRelays: number, except: PeerKey) => Route | undefined;
  /** Serves a stream that ends here; resolves when it is over. */
  readonly deliver: (stream: Stream, from: PeerKey) => Promise<void>;
  readonly limits: RelayLimits;
  /** Milliseconds. */
  readonly now: () => number;
  readonly log: Log;
}

interface Carried {
  readonly ends: readonly [PeerKey, PeerKey];
  /** Undefined while the second stream is being opened. */
  splice: Splice | undefined;
}

/** Carries datagrams between contacts of this peer that both may (docs/link.md "Relays"). */
export class RelayService {
  readonly #options: RelayServiceOptions;
  readonly #carried = new Set<Carried>();
  /** Streams that end here, by the contact that opened them. */
  readonly #delivered = new Map<Stream, PeerKey>();
  readonly #rates = new Map<PeerKey, { bytes: TokenBucket; openings: TokenBucket }>();
  readonly #closing = new AbortController();

  constructor(options: RelayServiceOptions) {
    this.#options = options;
  }

  /** Connections that are carried now. */
  get carried(): number {
    return this.#carried.size;
  }

  /** Serves one stream; see `StreamHandler`. */
  async serve(stream: Stream): Promise<void> {
    const header = RelayHeader.safeParse(stream.header);
    if (!this.#options.allows(stream.peer)) return writeAnswer(stream, 'relay-off');
    if (!header.success) return writeAnswer(stream, 'relay-unknown');
    if (!this.#ratesOf(stream.peer).openings.take(this.#options.now())) {
      return writeAnswer(stream, 'relay-busy');
    }
    return header.data.to === this.#options.self
      ? this.#deliver(stream, header.data)
      : this.#relay(stream, header.data);
  }

  /** Ends what is carried for contacts for whom this peer relays no more. */
  review(): void {
    const { allows } = this.#options;
    for (const { ends, splice: running } of this.#carried) {
      if (!ends.every(allows)) running?.abort();
    }
    for (const [stream, peer] of this.#delivered) if (!allows(peer)) stream.abort();
    for (const peer of this.#rates.keys()) if (!allows(peer)) this.#rates.delete(peer);
  }

  /** Ends everything, and carries nothing any more. Idempotent. */
  close(): void {
    this.#closing.abort();
    for (const { splice: running } of this.#carried) running?.abort();
    for (const stream of this.#delivered.keys()) stream.abort();
  }

  async #deliver(stream: Stream, { from }: RelayHeader): Promise<void> {
    const { deliver, limits } = this.#options;
    const open = [...this.#delivered.values()].filter((peer) => peer === stream.peer).length;
    if (open >= limits.perContact) return writeAnswer(stream, 'relay-busy');
    this.#delivered.set(stream, stream.peer);
    try {
      await deliver(stream, from);
    } finally {
      this.#delivered.delete(stream);
    }
  }

  async #relay(stream: Stream, header: RelayHeader): Promise<void> {
    const { limits, next, self, log } = this.#options;
    const { from, to, hops } = header;
    // What says nothing about `to` comes first.
    if (hops < 1) return writeAnswer(stream, 'relay-too-far');
    if (this.#isFull(stream.peer, limits)) return writeAnswer(stream, 'relay-busy');
    const route = next(to, hops - 1, stream.peer);
    const isCircle = from === self || from === to;
    if (route === undefined || isCircle) return writeAnswer(stream, 'relay-unknown');
    if (this.#isFull(route.via, limits)) return writeAnswer(stream, 'relay-busy');
    const carried: Carried = { ends: [stream.peer, route.via], splice: undefined };
    this.#carried.add(carried);
    try {
      const opened = await this.#open(route, header);
      if (typeof opened === 'string') return await writeAnswer(stream, opened);
      await this.#carry(stream, opened, carried);
    } catch (error) {
      log.debug({ peer: stream.peer, reason: messageOf(error) }, 'relay: ended');
      throw error;
    } finally {
      this.#carried.delete(carried);
    }
  }

  async #open(route: Route, { from, to }: RelayHeader): Promise<Opened | RelayRefusal> {
    const { links } = this.#options;
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(OPENING_MS)]);
    try {
      return await openThrough(links, route.via, { from, to, hops: route.relays }, signal);
    } catch (error) {
      // What one further on thinks of this peer is nobody else's business.
      return codeOf(error) === 'relay-busy' ? 'relay-busy' : 'relay-unknown';
    }
  }

  async #carry(stream: Stream, opened: Opened, carried: Carried): Promise<void> {
    const { links, allows, now } = this.#options;
    const side = (end: Opened, peer: PeerKey): SpliceSide => ({
      ...end,
      rate: this.#ratesOf(peer).bytes,
      isUsable: () => isDirect(links, peer),
    });
    const [near, far] = carried.ends;
    if (!carried.ends.every(allows) || this.#closing.signal.aborted) {
      opened.stream.abort();
      return writeAnswer(stream, 'relay-off');
    }
    try {
      await writeAnswer(stream);
    } catch (error) {
      opened.stream.abort();
      throw error;
    }
    const here = { stream, reader: new FrameReader(stream) };
    carried.splice = splice(side(here, near), side(opened, far), now);
    await carried.splice.over;
  }

  #isFull(peer: PeerKey, { perContact, total }: RelayLimits): boolean {
    if (this.#carried.size >= total) return true;
    let count = 0;
    for (const { ends } of this.#carried) if (ends.includes(peer)) count += 1;
    return count >= perContact;
  }

  #ratesOf(peer: PeerKey): { bytes: TokenBucket; openings: TokenBucket } {
    const known = this.#rates.get(peer);
    if (known !== undefined) return known;
    const now = this.#options.now();
    const { bytesPerSecond } = this.#options.limits;
    const rates = {
      bytes: new TokenBucket(
        bytesPerSecond,
        Math.max(LEAST_BURST, bytesPerSecond * BURST_PART),
        now,
      ),
      openings: new TokenBucket(OPENINGS_PER_SECOND, OPENINGS_BURST, now),
    };
    this.#rates.set(peer, rates);
    return rates;
  }
}
