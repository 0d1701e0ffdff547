import { Subscription } from '../../connection/subscription.ts';
import { fromWire } from '../../subject/wire.ts';
import { hasWildcard } from '../../subject/tokens.ts';
import type { InProcessClient } from './client.ts';
import type { LocalMessage } from './local-message.ts';

/** Called for each message, at once and inside of the publication; what it throws or rejects with is logged. */
export type LocalCallback = (message: LocalMessage) => unknown;

/** A subscription of this process. `max` and `delivered` count as UNSUB's do. */
export class LocalSubscription extends Subscription {
  readonly callback: LocalCallback;
  /** The subject of everything it gets; undefined with wildcards. */
  readonly onlySubject: string | undefined;
  /** Called once when it ends: unsubscribed, its maximum reached, or the client closed. */
  readonly onEnd: (() => void) | undefined;
  /** Messages that wait for their callback, which has to come after those before them. */
  waiting = 0;
  ended = false;
  readonly #client: InProcessClient;

  constructor(
    client: InProcessClient,
    subject: string,
    queue: string | undefined,
    sid: string,
    callback: LocalCallback,
    onEnd: (() => void) | undefined,
  ) {
    super(client, subject, queue, sid);
    this.#client = client;
    this.callback = callback;
    this.onEnd = onEnd;
    this.onlySubject = hasWildcard(subject) ? undefined : fromWire(subject);
  }

  override get countsImported(): boolean {
    return true;
  }

  call(message: LocalMessage): void {
    this.#client.call(this, message);
  }

  /** Ends it now, or once `max` messages were delivered since it was made. */
  unsubscribe(max?: number): void {
    if (this.ended) return;
    if (max !== undefined && max > this.delivered) this.max = max;
    else this.#client.end(this);
  }
}
