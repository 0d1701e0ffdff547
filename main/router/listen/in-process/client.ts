/**
 * A client inside of this process: no protocol, no socket, no copy between its own kind. Publications are
 * delivered before `publish` returns, except for those made inside of a callback for a publication of the same
 * client, which follow it, so that every subscriber sees what one client publishes in its order.
 */
import type { Account } from '../../account/account.ts';
import { compilePermissions, type Permissions } from '../../auth/permissions.ts';
import type { CloseReason } from '../../connection/close-reason.ts';
import type { Connection } from '../../connection/connection.ts';
import type { Hub } from '../../connection/hub.ts';
import type { Message } from '../../connection/message.ts';
import type { Subscription } from '../../connection/subscription.ts';
import { RouterError } from '../../errors.ts';
import { messageOf } from '../../../base/errors.ts';
import type { PermissionOptions } from '../../options.ts';
import { isValidSubject } from '../../subject/match.ts';
import { fromWire, toWire } from '../../subject/wire.ts';
import { LocalMessage } from './local-message.ts';
import { type LocalCallback, LocalSubscription } from './local-subscription.ts';
import type { LocalTurn } from './local-turn.ts';
import { MessageQueue } from './message-queue.ts';
import { Requests } from './requests.ts';

const NOTHING = new Uint8Array(0);
const REQUEST_MS = 5_000;
const RESERVED_REPLY = '_R_.';
const SYSTEM_QUEUE = '_sys_';

export interface InProcessOptions {
  /** `$G` when absent. */
  readonly account?: string;
  /** For logs and monitoring. */
  readonly name?: string;
  /** Absent: everything. */
  readonly permissions?: PermissionOptions;
  /** Whether its own subscriptions get what it publishes (default true). */
  readonly echo?: boolean;
}

export interface PublishOptions {
  readonly reply?: string;
  /** In their wire form: see `encodeHeaders`. */
  readonly headers?: Uint8Array;
}

export interface SubscribeOptions {
  readonly queue?: string;
  /** Ends after so many messages. */
  readonly max?: number;
  /** Called once when it ends: unsubscribed, its maximum reached, or the client closed. */
  readonly onEnd?: () => void;
}

/** What is published while a publication of the same client is on its way; four entries each. */
type Later = (string | Uint8Array)[];

export class InProcessClient implements Connection {
  readonly id: number;
  readonly isLeaf = false;
  readonly name: string;
  readonly account: Account;
  readonly startedAt = Date.now();
  inMessages = 0;
  inBytes = 0;
  outMessages = 0;
  outBytes = 0;
  readonly #hub: Hub;
  readonly #turn: LocalTurn;
  readonly #permissions: Permissions | undefined;
  readonly #limitsPublish: boolean;
  readonly #echo: boolean;
  readonly #onClose: (reason: CloseReason) => void;
  readonly #subscriptions = new Set<LocalSubscription>();
  #requests: Requests | undefined;
  #filtersDelivery = false;
  #publishing = false;
  #later: Later = [];
  #lastSid = 0;
  #closed = false;
  /** The last subject that was checked, and its wire form. */
  #subject: string | undefined;
  #subjectWire = '';

  constructor(
    hub: Hub,
    turn: LocalTurn,
    account: Account,
    options: InProcessOptions,
    onClose: (reason: CloseReason) => void,
  ) {
    this.#hub = hub;
    this.#turn = turn;
    this.account = account;
    this.id = hub.nextConnectionId();
    this.name = options.name ?? '';
    this.#echo = options.echo ?? true;
    this.#permissions = options.permissions && compilePermissions(options.permissions);
    this.#limitsPublish = this.#permissions?.limitsPublish ?? false;
    this.#onClose = onClose;
    account.connections.add(this);
  }

  get closed(): boolean {
    return this.#closed;
  }

  get subscriptions(): ReadonlySet<LocalSubscription> {
    return this.#subscriptions;
  }

  /**
   * Publishes. The payload is handed to subscribers of this process as it is: it must not change afterwards.
   *
   * @throws RouterError 'router-subject', 'router-payload', 'router-denied', 'router-closed'
   */
  publish(subject: string, payload: Uint8Array = NOTHING, options?: PublishOptions): void {
    const reply = options?.reply ?? '';
    const headers = options?.headers ?? NOTHING;
    if (subject !== this.#subject) this.#check(subject);
    if (reply !== '' || this.#limitsPublish) this.#checkRights(subject, reply);
    if (this.#closed) throw closed();
    if (payload.length + headers.length > this.#hub.limits.maxPayload) throw tooLarge();
    if (this.#publishing) {
      this.#later.push(this.#subjectWire, reply, payload, headers);
      return;
    }
    this.#send(this.#subjectWire, reply, payload, headers);
  }

  /**
   * Calls back for every message. See `messages` for a loop over them.
   *
   * @throws RouterError 'router-subject', 'router-denied', 'router-closed'
   */
  subscribe(
    subject: string,
    callback: LocalCallback,
    options: SubscribeOptions = {},
  ): LocalSubscription {
    if (this.#closed) throw closed();
    const wire = toWire(subject);
    const queue = options.queue === undefined ? undefined : toWire(options.queue);
    const badQueue = queue !== undefined && (queue === '' || /[\s]/.test(queue));
    if (!isValidSubject(wire) || badQueue) {
      throw new RouterError('router-subject', `Nobody can subscribe to "${subject}".`);
    }
    const verdict = this.#permissions?.maySubscribe(wire, queue) ?? 'allowed';
    if (verdict === 'denied' || queue === SYSTEM_QUEUE) {
      throw new RouterError('router-denied', `This client may not subscribe to "${subject}".`);
    }
    if (verdict === 'filtered') this.#filtersDelivery = true;
    return this.#add(wire, queue, callback, options);
  }

  /** The messages of a subscription, one after the other, until it ends or the loop is left. */
  messages(
    subject: string,
    options: Omit<SubscribeOptions, 'onEnd'> & { readonly limit?: number } = {},
  ): MessageQueue {
    return new MessageQueue(
      (push, end) => this.subscribe(subject, push, { ...options, onEnd: end }),
      options.limit,
    );
  }

  /**
   * Asks, and waits for the first answer.
   *
   * @param options.timeout ms; default 5 s
   * @throws RouterError 'router-timeout', 'router-no-responders', 'router-closed', what `publish` throws
   */
  async request(
    subject: string,
    payload: Uint8Array = NOTHING,
    options: { readonly timeout?: number; readonly headers?: Uint8Array } = {},
  ): Promise<LocalMessage> {
    const requests = this.#inbox();
    const { reply, answer } = requests.open(subject, options.timeout ?? REQUEST_MS);
    try {
      this.publish(subject, payload, {
        reply,
        ...(options.headers !== undefined && { headers: options.headers }),
      });
    } catch (error) {
      requests.forget(reply);
      throw error;
    }
    return await answer;
  }

  /**
   * Ends all subscriptions; nothing is delivered after it.
   *
   * @param reason for monitoring
   */
  close(reason: CloseReason = 'Client Closed'): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#later = [];
    this.account.connections.delete(this);
    for (const subscription of this.#subscriptions) this.#leave(subscription);
    // What it was subscribed to can still be listed.
    this.#onClose(reason);
    const ended = [...this.#subscriptions];
    this.#subscriptions.clear();
    for (const { onEnd } of ended) onEnd?.();
    this.#requests?.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Ends a subscription of this client now. */
  end(subscription: LocalSubscription): void {
    if (this.#closed || !this.#subscriptions.delete(subscription)) return;
    this.#leave(subscription);
    subscription.onEnd?.();
  }

  // --- Connection ---------------------------------------------------------------------------------

  deliver(subscription: Subscription, message: Message, from: Connection | undefined): boolean {
    // Whatever names this connection was made by `subscribe`.
    const own = subscription as LocalSubscription;
    if (own.ended || (from === this && !this.#echo)) return false;
    if (this.#filtersDelivery && this.#permissions?.mayDeliver(message.subjectText()) === false)
      return false;
    own.delivered++;
    const { size } = message;
    const { traffic } = this.#hub;
    this.outMessages++;
    this.outBytes += size;
    traffic.outMessages++;
    traffic.outBytes += size;
    const handed = this.#handOut(own, message);
    if (own.max > 0 && own.delivered >= own.max) this.end(own);
    if (own.waiting > 0 || this.#turn.tooDeep) this.#turn.later(own, handed);
    else this.call(own, handed);
    return true;
  }

  /** Calls a subscription's callback, whatever that does. */
  call(subscription: LocalSubscription, message: LocalMessage): void {
    if (this.#closed) return;
    try {
      const result = subscription.callback(message);
      if (result instanceof Promise) result.catch((error: unknown) => this.#failed(error, message));
    } catch (error) {
      this.#failed(error, message);
    }
  }

  // ------------------------------------------------------------------------------------------------

  #send(subject: string, reply: string, payload: Uint8Array, headers: Uint8Array): void {
    this.#publishing = true;
    try {
      this.#deliver(subject, reply, payload, headers);
      if (this.#later.length > 0) this.#sendLater();
    } finally {
      this.#publishing = false;
    }
  }

  #sendLater(): void {
    // What these callbacks publish comes behind.
    const later = this.#later;
    for (let i = 0; i < later.length && !this.#closed; i += 4) {
      this.#deliver(
        later[i] as string,
        later[i + 1] as string,
        later[i + 2] as Uint8Array,
        later[i + 3] as Uint8Array,
      );
    }
    this.#later = [];
  }

  #deliver(subject: string, reply: string, payload: Uint8Array, headers: Uint8Array): void {
    const hub = this.#hub;
    const turn = this.#turn;
    const { account } = this;
    const headerSize = headers.length === 0 ? -1 : headers.length;
    const body = headerSize < 0 ? payload : Buffer.concat([headers, payload]);
    const size = body.length;
    this.inMessages++;
    this.inBytes += size;
    hub.traffic.inMessages++;
    hub.traffic.inBytes += size;
    const message = turn.enter();
    let delivered: number;
    try {
      message.setSubject(account.mapper?.map(subject) ?? subject);
      message.foreign = body;
      message.setLine(toWire(reply), headerSize, size);
      delivered = account.deliver(message, this);
    } finally {
      turn.leave();
    }
    hub.turn.spend(delivered + 1);
    if (delivered === 0 && reply !== '') this.#requests?.unheard(reply);
  }

  #handOut(subscription: LocalSubscription, message: Message): LocalMessage {
    const { foreign, headerSize, replyLength, size } = message;
    const subject = subscription.onlySubject ?? fromWire(message.subjectText());
    const reply = replyLength === 0 ? '' : fromWire(message.replyText());
    let body = foreign;
    if (body === undefined) {
      // The bytes belong to a socket's buffer, which is used again.
      body = Buffer.allocUnsafe(size);
      const from = message.bodyAt;
      body.set(message.body.bytes.subarray(from, from + size));
    }
    return headerSize < 0
      ? new LocalMessage(this, subject, reply, body, undefined)
      : new LocalMessage(
          this,
          subject,
          reply,
          body.subarray(headerSize),
          body.subarray(0, headerSize),
        );
  }

  #add(
    wire: string,
    queue: string | undefined,
    callback: LocalCallback,
    { max = 0, onEnd }: SubscribeOptions,
  ): LocalSubscription {
    const sid = String(++this.#lastSid);
    const subscription = new LocalSubscription(this, wire, queue, sid, callback, onEnd);
    subscription.max = max;
    this.#subscriptions.add(subscription);
    this.account.subscribe(subscription);
    return subscription;
  }

  #leave(subscription: LocalSubscription): void {
    subscription.ended = true;
    this.account.unsubscribe(subscription);
  }

  /** The inbox of this client's requests; made for the first of them. */
  #inbox(): Requests {
    if (this.#closed) throw closed();
    if (this.#requests === undefined) {
      const requests = (this.#requests = new Requests());
      // Its own answers reach it whatever it may subscribe to.
      this.#add(`${requests.prefix}*`, undefined, (message) => requests.settle(message), {});
    }
    return this.#requests;
  }

  /** A subject stands in lines to sockets: it must not end them. */
  #check(subject: string): void {
    const wire = toWire(subject);
    if (!isPublishable(wire)) {
      throw new RouterError('router-subject', `Nothing can be published to "${subject}".`);
    }
    this.#subject = subject;
    this.#subjectWire = wire;
  }

  #checkRights(subject: string, reply: string): void {
    if (this.#limitsPublish && this.#permissions?.mayPublish(this.#subjectWire) !== true) {
      throw new RouterError('router-denied', `This client may not publish to "${subject}".`);
    }
    if (reply === '') return;
    if (reply.startsWith(RESERVED_REPLY) || !isPublishable(toWire(reply))) {
      throw new RouterError('router-subject', `"${reply}" is no subject for answers.`);
    }
  }

  #failed(error: unknown, message: LocalMessage): void {
    this.#hub.log.error(
      `cid:${String(this.id)} - a callback for "${message.subject}" failed: ${messageOf(error)}`,
    );
  }
}

function isPublishable(wire: string): boolean {
  for (let i = 0; i < wire.length; i++) {
    const code = wire.charCodeAt(i);
    if (code <= 32 || code === 127) return false;
  }
  return wire !== '';
}

function closed(): RouterError {
  return new RouterError('router-closed', 'This client has been closed.');
}

function tooLarge(): RouterError {
  return new RouterError('router-payload', 'The message is larger than the router takes.');
}
