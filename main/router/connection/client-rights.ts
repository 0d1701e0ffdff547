/** What a client may publish and subscribe, as it is asked on the way of each message. */
import { compilePermissions, type Permissions } from '../auth/permissions.ts';
import { ReplyTracker } from '../auth/reply-tracker.ts';
import type { PermissionOptions } from '../options.ts';
import type { Message } from './message.ts';

/** The queue of the router's own services. */
const SYSTEM_QUEUE = '_sys_';

export class ClientRights {
  /** False: it may publish everything, and need not be asked. */
  limitsPublish = false;
  /** Some of what matches its subscriptions has to be withheld. */
  filtersDelivery = false;
  /** Replies that it may send to what it received. */
  replies: ReplyTracker | undefined;
  #permissions: Permissions | undefined;

  get permissions(): Permissions | undefined {
    return this.#permissions;
  }

  /** Other permissions hold from now on; undefined: everything is allowed. */
  use(options: PermissionOptions | undefined): void {
    const permissions = options === undefined ? undefined : compilePermissions(options);
    this.#permissions = permissions;
    this.limitsPublish = permissions?.limitsPublish ?? false;
    this.filtersDelivery = false;
    this.replies =
      permissions?.responses === undefined ? undefined : new ReplyTracker(permissions.responses);
  }

  /** Wire strings, here and below. Counts replies that are allowed a number of times. */
  mayPublish(subject: string): boolean {
    return (
      this.#permissions === undefined ||
      this.#permissions.mayPublish(subject) ||
      this.replies?.take(subject) === true
    );
  }

  maySubscribe(subject: string, queue: string | undefined): boolean {
    const verdict = this.#permissions?.maySubscribe(subject, queue) ?? 'allowed';
    if (verdict === 'denied' || queue === SYSTEM_QUEUE) return false;
    if (verdict === 'filtered') this.filtersDelivery = true;
    return true;
  }

  withholds(message: Message): boolean {
    return !(this.#permissions?.mayDeliver(message.subjectText()) ?? true);
  }

  /** A message with a reply subject was delivered. */
  rememberReply(message: Message): void {
    const reply = message.replyText();
    if (this.#permissions?.mayPublish(reply) !== true) this.replies?.remember(reply);
  }
}
