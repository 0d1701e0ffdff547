/** More open replies than this on one connection, and the oldest are forgotten. */
const MAX_REPLIES = 65_536;

interface Grant {
  left: number;
  readonly until: number;
}

/**
 * The reply subjects that one connection may publish to because it received them (`allow_responses`). Times
 * are looked at when something happens; there are no timers. Subjects are wire strings.
 */
export class ReplyTracker {
  /** In the order of their ends: all grants last equally long. */
  readonly #grants = new Map<string, Grant>();
  readonly #max: number;
  readonly #expires: number;
  readonly #now: () => number;

  /**
   * @param responses max: messages per reply subject, negative for any number; expires: ms, 0 or negative for
   * ever
   * @param now monotonic ms
   */
  constructor(
    responses: { readonly max: number; readonly expires: number },
    now: () => number = () => performance.now(),
  ) {
    this.#max = responses.max < 0 ? Infinity : responses.max;
    this.#expires = responses.expires <= 0 ? Infinity : responses.expires;
    this.#now = now;
  }

  /** For tests and monitoring. */
  get size(): number {
    return this.#grants.size;
  }

  /** A message with this reply subject was delivered, and the permissions do not allow to publish to it. */
  remember(reply: string): void {
    const now = this.#now();
    this.#forgetExpired(now);
    // Deleted first, so that it stands at the end again.
    this.#grants.delete(reply);
    if (this.#grants.size >= MAX_REPLIES) {
      const [oldest] = this.#grants.keys();
      if (oldest !== undefined) this.#grants.delete(oldest);
    }
    this.#grants.set(reply, { left: this.#max, until: now + this.#expires });
  }

  /** Whether this message may be published; counts it. */
  take(subject: string): boolean {
    const grant = this.#grants.get(subject);
    if (grant === undefined) return false;
    if (grant.until < this.#now()) {
      this.#grants.delete(subject);
      return false;
    }
    grant.left -= 1;
    if (grant.left <= 0) this.#grants.delete(subject);
    return true;
  }

  #forgetExpired(now: number): void {
    for (const [reply, grant] of this.#grants) {
      if (grant.until >= now) return;
      this.#grants.delete(reply);
    }
  }
}
