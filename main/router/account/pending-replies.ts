/**
 * What an account's clients have asked of other accounts' services, by their reply subjects: a request whose
 * asker listens no more is forgotten.
 */
import type { Subscription } from '../connection/subscription.ts';
import { hasWildcard } from '../subject/tokens.ts';
import type { Account, InterestListener } from './account.ts';
import type { ResponseImport } from './response-import.ts';
import type { ResponseSweep } from './response-sweep.ts';

export class PendingReplies implements InterestListener {
  readonly account: Account;
  readonly #sweep: ResponseSweep;
  /** A lone one stands for itself: most replies belong to one request. */
  readonly #byReply = new Map<string, ResponseImport | Set<ResponseImport>>();
  #stopListening: (() => void) | undefined;

  constructor(account: Account, sweep: ResponseSweep) {
    this.account = account;
    this.#sweep = sweep;
  }

  add(response: ResponseImport): void {
    this.#stopListening ??= this.account.listen(this);
    const known = this.#byReply.get(response.reply);
    if (known === undefined) this.#byReply.set(response.reply, response);
    else if (known instanceof Set) known.add(response);
    else this.#byReply.set(response.reply, new Set([known, response]));
  }

  remove(response: ResponseImport): void {
    const known = this.#byReply.get(response.reply);
    if (known instanceof Set) {
      known.delete(response);
      if (known.size > 0) return;
    } else if (known !== response) {
      return;
    }
    this.#byReply.delete(response.reply);
  }

  /** All reply subjects; they may be removed meanwhile. */
  subjects(): IterableIterator<string> {
    return this.#byReply.keys();
  }

  /** Forgets the requests with this reply subject if nobody listens to it. */
  check(reply: string): void {
    if (!this.account.index.matchText(reply).empty) return;
    const known = this.#byReply.get(reply);
    if (known === undefined) return;
    const responses = known instanceof Set ? [...known] : [known];
    for (const response of responses) response.responder.lost(response);
  }

  /** New interest changes nothing. */
  subscribed(): void {}

  unsubscribed({ subject }: Subscription): void {
    if (this.#byReply.size === 0) return;
    if (hasWildcard(subject)) this.#sweep.check(this);
    else this.check(subject);
  }

  close(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
    for (const known of this.#byReply.values()) {
      const responses = known instanceof Set ? [...known] : [known];
      for (const response of responses) response.responder.forget(response);
    }
  }
}
