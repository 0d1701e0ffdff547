/** The router as somebody who publishes and subscribes in an account. It does not hear itself. */
import type { Account } from '../account/account.ts';
import { RouterOwn } from '../account/router-own.ts';
import type { Connection } from '../connection/connection.ts';
import { Message } from '../connection/message.ts';
import { Subscription } from '../connection/subscription.ts';
import { fromWire, toWire } from '../subject/wire.ts';

/** A message, copied: it is answered later. */
export interface Received {
  /** An ordinary string, as is `reply`; '' for none. */
  readonly subject: string;
  readonly reply: string;
  /** `NATS/1.0` and the lines after it; '' for none. */
  readonly headers: string;
  readonly payload: Buffer;
  readonly from: Connection | undefined;
}

type Handler = (received: Received) => void;

class SystemSubscription extends Subscription {
  readonly handle: Handler;

  constructor(client: SystemClient, subject: string, queue: string | undefined, handle: Handler) {
    super(client, subject, queue, String(client.nextSid()));
    this.handle = handle;
  }
}

export class SystemClient extends RouterOwn {
  readonly account: Account;
  readonly #subscriptions = new Set<SystemSubscription>();
  readonly #message = new Message();
  /** Who hears a publication in this process may cause the next one. */
  #publishing = false;
  #lastSid = 0;

  constructor(account: Account) {
    super();
    this.account = account;
  }

  nextSid(): number {
    return ++this.#lastSid;
  }

  /** @param handle called while the message is being delivered: it has to put off what takes time */
  subscribe(subject: string, handle: Handler, queue?: string): void {
    const wire = toWire(subject);
    const subscription = new SystemSubscription(
      this,
      wire,
      queue === undefined ? undefined : toWire(queue),
      handle,
    );
    if (this.account.subscribe(subscription)) this.#subscriptions.add(subscription);
  }

  deliver(subscription: Subscription, message: Message, from: Connection | undefined): boolean {
    if (from === this) return false;
    subscription.delivered++;
    const headerSize = Math.max(message.headerSize, 0);
    const bytes = Buffer.from(message.bodyBytes());
    (subscription as SystemSubscription).handle({
      subject: fromWire(message.subjectText()),
      reply: fromWire(message.replyText()),
      headers: bytes.toString('utf8', 0, headerSize),
      payload: bytes.subarray(headerSize),
      from,
    });
    return true;
  }

  /** @param headers lines without CR LF */
  publish(subject: string, body: string, headers: readonly string[] = []): void {
    this.publishBytes(subject, Buffer.from(body, 'utf8'), headers);
  }

  publishBytes(subject: string, body: Uint8Array, headers: readonly string[] = []): void {
    const nested = this.#publishing;
    const message = nested ? new Message() : this.#message;
    const head = headers.length === 0 ? '' : ['NATS/1.0', ...headers, '', ''].join('\r\n');
    const bytes = head === '' ? body : Buffer.concat([Buffer.from(head), body]);
    message.setSubject(toWire(subject));
    message.setForeign(bytes);
    message.setLine('', head === '' ? -1 : Buffer.byteLength(head), bytes.length);
    this.#publishing = true;
    try {
      this.account.deliver(message, this);
    } finally {
      this.#publishing = nested;
    }
  }

  /** Whether somebody else hears what is published there. */
  isHeard(subject: string): boolean {
    const { plain, leaves, groups } = this.account.index.matchText(toWire(subject));
    return (
      leaves.length > 0 ||
      groups.length > 0 ||
      plain.some((subscription) => subscription.connection !== this)
    );
  }

  close(): void {
    for (const subscription of this.#subscriptions) this.account.unsubscribe(subscription);
    this.#subscriptions.clear();
  }
}
