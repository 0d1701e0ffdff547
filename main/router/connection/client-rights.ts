/** What a client may publish and subscribe, as it is asked on the way of each message. */
import { compilePermissions, type Permissions } from '../auth/permissions.ts';
import { ReplyTracker } from '../auth/reply-tracker.ts';
import type { PermissionOptions } from '../options.ts';
import { SubjectCache } from '../subject/subject-cache.ts';
import type { Message } from './message.ts';

/** Most clients publish to few subjects. */
const CACHED_AT_FIRST = 16;
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
  /** Of whom it was before: they withhold something from subscriptions that are still there. */
  #former: Permissions | undefined;
  /** What was asked lately, without regard to replies. */
  #publish: SubjectCache<boolean> | undefined;

  get permissions(): Permissions | undefined {
    return this.#permissions;
  }

  /**
   * Other permissions hold from now on; undefined: everything is allowed.
   *
   * @param stays it is somebody else now, with the subscriptions that it had: what was withheld from them first
   *              still is (nats-server does so)
   */
  use(options: PermissionOptions | undefined, stays = false): void {
    const permissions = options === undefined ? undefined : compilePermissions(options);
    if (permissions === undefined || !stays) this.#former = undefined;
    else if (this.filtersDelivery) this.#former ??= this.#permissions;
    this.#permissions = permissions;
    this.limitsPublish = permissions?.limitsPublish ?? false;
    this.#publish = this.limitsPublish ? new SubjectCache(CACHED_AT_FIRST) : undefined;
    this.filtersDelivery = this.#former !== undefined;
    this.replies =
      permissions?.responses === undefined ? undefined : new ReplyTracker(permissions.responses);
  }

  /** Counts replies that are allowed a number of times. */
  mayPublish(message: Message): boolean {
    const { subject, subjectAt, subjectLength } = message;
    const hash = message.hash();
    const known = this.#publish?.find(hash, subject.bytes, subjectAt, subjectLength, 0);
    if (known === true) return true;
    const text = message.subjectText();
    const may = known ?? this.#permissions?.mayPublish(text) ?? true;
    if (known === undefined) {
      this.#publish?.keep(hash, subject.bytes, subjectAt, subjectLength, 0, may);
    }
    return may || this.replies?.take(text) === true;
  }

  /** Wire strings, here and below. */
  maySubscribe(subject: string, queue: string | undefined): boolean {
    const verdict = this.#permissions?.maySubscribe(subject, queue) ?? 'allowed';
    if (verdict === 'denied' || queue === SYSTEM_QUEUE) return false;
    if (verdict === 'filtered') this.filtersDelivery = true;
    return true;
  }

  withholds(message: Message): boolean {
    const subject = message.subjectText();
    if (this.#permissions?.mayDeliver(subject) === false) return true;
    return this.#former?.mayDeliver(subject) === false;
  }

  /** A message with a reply subject was delivered. */
  rememberReply(message: Message): void {
    const reply = message.replyText();
    if (this.#permissions?.mayPublish(reply) !== true) this.replies?.remember(reply);
  }
}
