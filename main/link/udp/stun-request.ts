import { randomBytes } from 'node:crypto';
import { encodeBindingRequest, TRANSACTION_BYTES } from './stun.ts';

/** RFC 8489 section 6.2.1: RTO, Rc and Rm. */
const RETRANSMIT_MS = 500;
const MAX_REQUESTS = 7;
const LAST_WAIT_MS = 16 * RETRANSMIT_MS;

export type StunOutcome =
  /** @property seenAs `host:port` */
  { readonly state: 'answers'; readonly seenAs: string } | { readonly state: 'silent' | 'refuses' };

/** One transaction: sent again with longer and longer waits until it is answered; 39.5 s at most. */
export class StunRequest {
  readonly transaction: Uint8Array = randomBytes(TRANSACTION_BYTES);
  readonly ended: Promise<StunOutcome>;
  readonly #send: () => void;
  readonly #resolve: (outcome: StunOutcome) => void;
  #timer: NodeJS.Timeout | undefined;

  /** Sends the first one. */
  constructor(send: (datagram: Uint8Array) => void) {
    const { promise, resolve } = Promise.withResolvers<StunOutcome>();
    this.ended = promise;
    this.#resolve = resolve;
    const datagram = encodeBindingRequest(this.transaction);
    this.#send = () => send(datagram);
    this.#sendOnce(1);
  }

  /** Only the first outcome counts. */
  end(outcome: StunOutcome): void {
    clearTimeout(this.#timer);
    this.#resolve(outcome);
  }

  #sendOnce(count: number): void {
    this.#send();
    this.#timer =
      count < MAX_REQUESTS
        ? setTimeout(() => this.#sendOnce(count + 1), RETRANSMIT_MS * 2 ** (count - 1))
        : setTimeout(() => this.end({ state: 'silent' }), LAST_WAIT_MS);
  }
}
