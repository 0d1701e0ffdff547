/** One imported stream: the subscriptions that it puts into the exporting account, and how they deliver. */
import type { Connection } from '../connection/connection.ts';
import type { Message } from '../connection/message.ts';
import { Subscription } from '../connection/subscription.ts';
import { intersection } from '../subject/intersection.ts';
import type { Account } from './account.ts';
import type { CompiledImport } from './imports.ts';
import { withCopy } from './message-pool.ts';

/** Stands in the exporting account for a subscription of the importing one. */
export class ShadowSubscription extends Subscription {
  readonly stream: StreamImport;
  readonly origin: Subscription;

  constructor(stream: StreamImport, receiver: Connection, subject: string, origin: Subscription) {
    super(receiver, subject, origin.queue, origin.sid);
    this.stream = stream;
    this.origin = origin;
  }

  override get weight(): number {
    return this.origin.weight;
  }
}

export class StreamImport {
  readonly compiled: CompiledImport;
  readonly exporter: Account;
  readonly #clients: Receiver;
  /** Leaf nodes get a message once for each import, so each has a receiver of its own. */
  readonly #leaves = new Map<Connection, Receiver>();

  constructor(compiled: CompiledImport, importer: Account, exporter: Account) {
    this.compiled = compiled;
    this.exporter = exporter;
    this.#clients = new Receiver(importer);
  }

  /** The shadow of a subscription that something of this stream may come to; undefined for others. */
  shadow(origin: Subscription): ShadowSubscription | undefined {
    const subject = this.#remote(origin.subject);
    if (subject === undefined) return undefined;
    const shadow = new ShadowSubscription(this, this.#receiver(origin), subject, origin);
    return this.exporter.subscribe(shadow) ? shadow : undefined;
  }

  /** Ends a shadow that this import made. */
  end(shadow: ShadowSubscription): void {
    this.exporter.unsubscribe(shadow);
    const { connection } = shadow.origin;
    const receiver = this.#leaves.get(connection);
    if (receiver !== undefined && --receiver.uses === 0) this.#leaves.delete(connection);
  }

  /** What something published in the exporting account is called in the importing one. */
  localSubject(subject: string): string {
    const { same, toLocal, local } = this.compiled;
    return same ? subject : (toLocal?.apply(subject) ?? local);
  }

  #remote(subscribed: string): string | undefined {
    const { same, toRemote, local, remote } = this.compiled;
    const common = subscribed === local ? local : intersection(subscribed, local);
    if (common === undefined || same) return common;
    return toRemote === undefined || common === local ? remote : toRemote.apply(common);
  }

  #receiver({ connection }: Subscription): Receiver {
    if (!connection.isLeaf) return this.#clients;
    let receiver = this.#leaves.get(connection);
    if (receiver === undefined) {
      receiver = new Receiver(this.#clients.account, connection);
      this.#leaves.set(connection, receiver);
    }
    receiver.uses++;
    return receiver;
  }
}

/** Gets what matches the shadows, and hands it to whom they stand for. */
class Receiver implements Connection {
  readonly id = 0;
  readonly isLeaf: boolean;
  readonly account: Account;
  readonly cluster: string;
  /** Shadows that deliver to it. */
  uses = 0;

  /** @param leaf the leaf node that it stands for; undefined: clients */
  constructor(importer: Account, leaf?: Connection) {
    this.account = importer;
    this.isLeaf = leaf !== undefined;
    this.cluster = leaf?.cluster ?? '';
  }

  deliver(
    subscription: Subscription,
    message: Message,
    from: Connection | undefined,
    queues?: readonly string[],
  ): boolean {
    // What came through a service is not exported again as a stream.
    if (message.via !== undefined || !(subscription instanceof ShadowSubscription)) return false;
    const { stream, origin } = subscription;
    const { connection } = origin;
    if (connection.isLeaf && connection === from) return false;
    const receiving = origin.countsImported ? origin : subscription;
    if (stream.compiled.same) return connection.deliver(receiving, message, from, queues);
    return withCopy(message, (mapped) => {
      mapped.setSubject(stream.localSubject(message.subjectText()));
      return connection.deliver(receiving, mapped, from, queues);
    });
  }
}
