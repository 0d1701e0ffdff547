import { setTimeout } from 'node:timers/promises';
import { Emitter } from '../base/emitter.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { PeerKey } from '../identity/types.ts';
import type { Links } from '../link/types.ts';
import { Background } from './background.ts';
import { SourceStream } from './pull/source-stream.ts';
import { Throttle } from './throttle.ts';
import type { Offer } from './types.ts';
import { isLinkTrouble } from './wire-errors.ts';
import { Offers, SHARES_TOPIC, type WireOffer } from './wire.ts';

/** One contact is asked for its offers at most this often, however often it says they changed. */
const ASK_GAP_MS = 250;
/** A contact that does not answer is let be until its next announcement. */
const ANSWER_MS = 30_000;

const RETRY_MS = 2_000;
const MAX_FAILURES = 5;

export type RemoteOfferEvents = {
  offer: [peer: PeerKey, id: string, offer: Offer | undefined];
};

/** What contacts offer: asked for when a link comes up and when they say it changed; kept while they are away. */
export class RemoteOffers implements AsyncDisposable {
  readonly events = new Emitter<RemoteOfferEvents>();
  readonly #links: Links;
  readonly #isAccepted: (peer: PeerKey) => boolean;
  readonly #log: Log;
  readonly #offers = new Map<PeerKey, Map<string, WireOffer>>();
  readonly #asking = new Set<PeerKey>();
  /** Questions in a row that broke off, of each contact. */
  readonly #failures = new Map<PeerKey, number>();
  readonly #asks: Throttle<PeerKey>;
  readonly #background: Background;
  readonly #closed = new AbortController();
  readonly #off: (() => void)[];

  constructor(links: Links, isAccepted: (peer: PeerKey) => boolean, log: Log) {
    this.#links = links;
    this.#isAccepted = isAccepted;
    this.#log = log;
    this.#background = new Background(log);
    this.#asks = new Throttle(ASK_GAP_MS, (peer) => this.#ask(peer));
    this.#off = [
      links.on('up', (peer) => {
        this.#failures.delete(peer);
        this.#asks.call(peer);
      }),
      links.on('announcement', (peer, topic) => {
        if (topic === SHARES_TOPIC && this.#isAccepted(peer)) this.#asks.call(peer);
      }),
    ];
    for (const { peer } of links.list()) this.#asks.call(peer);
  }

  list(): Offer[] {
    return [...this.#offers].flatMap(([peer, offers]) =>
      [...offers.values()].map((offer) => ({ peer, ...offer })),
    );
  }

  get(peer: PeerKey, id: string): WireOffer | undefined {
    return this.#offers.get(peer)?.get(id);
  }

  /** The peer is no contact any more. */
  forget(peer: PeerKey): void {
    this.#take(peer, []);
    this.#offers.delete(peer);
    this.#failures.delete(peer);
  }

  #ask(peer: PeerKey): void {
    if (this.#asking.has(peer)) {
      // What changed since the running question needs another one.
      this.#asks.call(peer);
      return;
    }
    this.#asking.add(peer);
    this.#background.run('asking for offers', async () => {
      try {
        this.#take(peer, await this.#fetch(peer));
        this.#failures.delete(peer);
      } catch (error) {
        if (isLinkTrouble(error)) this.#askLater(peer);
        else if (!this.#closed.signal.aborted) {
          this.#log.warn({ peer }, `a contact's offers cannot be read: ${messageOf(error)}`);
        }
      } finally {
        this.#asking.delete(peer);
      }
    });
  }

  /** The link is there, but the stream was not: the other side may be starting or stopping. */
  #askLater(peer: PeerKey): void {
    const failures = (this.#failures.get(peer) ?? 0) + 1;
    this.#failures.set(peer, failures);
    if (failures > MAX_FAILURES) return;
    this.#background.run('asking for offers again', async () => {
      const { signal } = this.#closed;
      await setTimeout(RETRY_MS, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted && this.#links.get(peer) !== undefined) this.#asks.call(peer);
    });
  }

  async #fetch(peer: PeerKey): Promise<WireOffer[]> {
    const signal = AbortSignal.any([this.#closed.signal, AbortSignal.timeout(ANSWER_MS)]);
    const stream = await SourceStream.open(this.#links, peer, signal);
    const onAbort = (): void => stream.abort();
    signal.addEventListener('abort', onAbort);
    try {
      return await stream.message({ do: 'offers' }, Offers);
    } finally {
      signal.removeEventListener('abort', onAbort);
      await stream.close();
    }
  }

  #take(peer: PeerKey, offers: readonly WireOffer[]): void {
    const accepted = this.#isAccepted(peer);
    const before = this.#offers.get(peer) ?? new Map<string, WireOffer>();
    const after = new Map(accepted ? offers.map((offer) => [offer.id, offer]) : []);
    this.#offers.set(peer, after);
    for (const id of before.keys()) {
      if (!after.has(id)) this.events.emit('offer', peer, id, undefined);
    }
    for (const [id, offer] of after) {
      if (!isSame(before.get(id), offer)) this.events.emit('offer', peer, id, { peer, ...offer });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const off of this.#off) off();
    this.#asks.dispose();
    this.#closed.abort(new Error('closed'));
    await this.#background.idle();
  }
}

function isSame(a: WireOffer | undefined, b: WireOffer): boolean {
  return (
    a !== undefined &&
    a.name === b.name &&
    a.kind === b.kind &&
    a.state === b.state &&
    a.files === b.files &&
    a.bytes === b.bytes &&
    a.hashedBytes === b.hashedBytes
  );
}
