/**
 * The answers of an account's services on their way to the accounts that asked: each request has been given a
 * reply subject of its own below `_R_`, to which the service answers without knowing who asks.
 */
import type { Connection } from '../connection/connection.ts';
import type { Message } from '../connection/message.ts';
import { Subscription } from '../connection/subscription.ts';
import { defaults } from '../defaults.ts';
import type { Account } from './account.ts';
import type { ExchangeContext } from './exchange.ts';
import type { ServiceExport } from './exports.ts';
import { type Failure, sendFailure, sendSuccess, type SampledRequest } from './latency.ts';
import { hasPassed } from './passage.ts';
import type { PendingReplies } from './pending-replies.ts';
import { randomToken } from './random-token.ts';
import { ResponseImport, ResponseQueue } from './response-import.ts';
import { RouterOwn } from './router-own.ts';
import { passOn } from './pass-on.ts';

/** More requests than this under way to one account, and the oldest are given up. */
const MOST_PENDING = 262_144;
const TOKEN_LENGTH = 6;

export interface Request {
  readonly reply: string;
  readonly requester: PendingReplies;
  readonly service: ServiceExport | undefined;
  readonly share: boolean;
  readonly sample: SampledRequest | undefined;
}

export class Responses extends RouterOwn {
  readonly account: Account;
  /** Where answers to requests of this account itself wait; for answers that want to be answered. */
  readonly #replies: PendingReplies;
  readonly #context: ExchangeContext;
  readonly #pending = new Map<string, ResponseImport>();
  readonly #queues = new Map<ServiceExport | undefined, ResponseQueue>();
  #prefix: string | undefined;
  #subscription: Subscription | undefined;

  constructor(account: Account, replies: PendingReplies, context: ExchangeContext) {
    super();
    this.account = account;
    this.#replies = replies;
    this.#context = context;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** Makes the way back for the answers to a request. */
  add({ reply, requester, service, share, sample }: Request): ResponseImport {
    if (this.#pending.size >= MOST_PENDING) {
      const oldest = this.#pending.values().next().value;
      if (oldest !== undefined) this.#fail(oldest, 'timeout');
    }
    const subject = this.#newSubject(sample !== undefined);
    const now = performance.now();
    const response = new ResponseImport(
      subject,
      reply,
      requester,
      this,
      service,
      share,
      sample,
      now,
    );
    this.#pending.set(subject, response);
    let queue = this.#queues.get(service);
    if (queue === undefined) this.#queues.set(service, (queue = new ResponseQueue()));
    queue.add(response);
    requester.add(response);
    this.#context.sweep.watch(this, now + threshold(service));
    return response;
  }

  /** An answer. */
  deliver(_: Subscription, message: Message, from: Connection | undefined): boolean {
    const response = this.#pending.get(message.subjectText());
    // One that comes too late is taken all the same.
    if (response === undefined || hasPassed(message.via, response.service)) return true;
    const { requester, service, share, sample } = response;
    if (sample !== undefined && !response.answered) {
      response.answered = true;
      sendSuccess(this.account, sample, from, this.#context.serverName());
    }
    let reply = '';
    if (message.replyLength > 0) {
      const next = {
        reply: message.replyText(),
        requester: this.#replies,
        service,
        share,
        sample: undefined,
      };
      reply = this.#context.responsesOf(requester.account).add(next).subject;
    }
    const delivered = passOn(message, from, requester.account, response.reply, reply, {
      service,
      share,
      previous: message.via,
    });
    const type = service?.options.responseType ?? 'singleton';
    if (delivered === 0 || type === 'singleton' || message.size === 0) this.forget(response);
    else this.#touch(response);
    return true;
  }

  /** The request reached nobody. */
  undelivered(response: ResponseImport): void {
    this.#fail(response, 'no-responders');
  }

  /** Nobody waits for the answer any more. */
  lost(response: ResponseImport): void {
    this.#fail(response, 'interest-lost');
  }

  forget(response: ResponseImport): void {
    if (!this.#pending.delete(response.subject)) return;
    const queue = this.#queues.get(response.service);
    queue?.remove(response);
    if (queue?.oldest === undefined) this.#queues.delete(response.service);
    response.requester.remove(response);
  }

  /**
   * Ends what has not been answered in time.
   *
   * @param most how many at most
   * @returns when the next one is due; Infinity: there is none
   */
  expire(now: number, most: number): number {
    let next = Infinity;
    for (const [service, queue] of this.#queues) {
      const limit = threshold(service);
      let oldest = queue.oldest;
      for (; oldest !== undefined && oldest.touchedAt + limit <= now && most > 0; most--) {
        this.#fail(oldest, 'timeout');
        oldest = queue.oldest;
      }
      if (oldest !== undefined) next = Math.min(next, oldest.touchedAt + limit);
    }
    return next;
  }

  close(): void {
    for (const response of [...this.#pending.values()]) this.forget(response);
    if (this.#subscription !== undefined) this.account.unsubscribe(this.#subscription);
    this.#subscription = this.#prefix = undefined;
  }

  #fail(response: ResponseImport, failure: Failure): void {
    const { sample } = response;
    this.forget(response);
    if (sample === undefined || response.answered) return;
    response.answered = true;
    sendFailure(this.account, sample, failure, this.#context.serverName());
  }

  #touch(response: ResponseImport): void {
    const queue = this.#queues.get(response.service);
    if (queue === undefined || !this.#pending.has(response.subject)) return;
    response.touchedAt = performance.now();
    queue.remove(response);
    queue.add(response);
  }

  /** `_R_.xxxxxx.yyyyyy`; sampled ones end like those of nats-server in a mark. */
  #newSubject(sampled: boolean): string {
    const prefix = (this.#prefix ??= this.#subscribe());
    let subject: string;
    do subject = prefix + randomToken(TOKEN_LENGTH);
    while (this.#pending.has(subject));
    return sampled ? `${subject}.${this.#context.serverMark}.T` : subject;
  }

  #subscribe(): string {
    const prefix = `_R_.${randomToken(TOKEN_LENGTH)}.`;
    this.#subscription = new Subscription(this, `${prefix}>`, undefined, '1');
    this.account.subscribe(this.#subscription);
    return prefix;
  }
}

/** How long a service may take, ms. */
function threshold(service: ServiceExport | undefined): number {
  return service?.options.responseThreshold ?? defaults.responseThreshold;
}
