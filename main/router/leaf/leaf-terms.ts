import { compilePermissions, type Permissions } from '../auth/permissions.ts';
import type { SubjectPermissionOptions } from '../options.ts';
import { isLiteral } from '../subject/match.ts';

/** JetStream without a domain stays on each side of a leaf node (nats-server denies it both ways). */
const STAYS_HOME = ['$JS.API.', '$KV.', '$OBJ.'];
/** Loop detection and the replies of gateways pass whatever is forbidden. */
const ALWAYS_PASSES = ['$LDS.', '_GR_.', '$GR.'];
const DOLLAR = 36;
const UNDERSCORE = 95;

export interface TermsOptions {
  /** What the other side may publish here, and is asked for. Ordinary strings. */
  readonly incoming?: SubjectPermissionOptions | undefined;
  /** What it may subscribe to and gets from here. */
  readonly outgoing?: SubjectPermissionOptions | undefined;
}

/** What may pass between this router and a leaf node, as one side of it knows. All subjects are wire strings. */
export class LeafTerms {
  readonly limitsIncoming: boolean;
  readonly limitsOutgoing: boolean;
  readonly #incoming: Permissions | undefined;
  readonly #outgoing: Permissions | undefined;

  constructor({ incoming, outgoing }: TermsOptions) {
    this.#incoming =
      incoming && compilePermissions({ publish: plainly(incoming), subscribe: incoming });
    this.#outgoing = outgoing && compilePermissions({ publish: outgoing });
    this.limitsIncoming = this.#incoming?.limitsPublish ?? false;
    this.limitsOutgoing = this.#outgoing?.limitsPublish ?? false;
  }

  /** Whether the other side is asked for this subject (LS+). */
  mayAsk(subject: string): boolean {
    if (passesAlways(subject)) return true;
    if (staysHome(subject)) return false;
    return this.#incoming?.maySubscribe(subject, undefined, true) !== 'denied';
  }

  /**
   * Whether the other side may ask for this subject. Broader subscriptions are taken: each message is looked at
   * on its way.
   */
  mayBeAsked(subject: string): boolean {
    if (!isLiteral(subject) || passesAlways(subject)) return true;
    return this.maySend(subject);
  }

  /** Whether a message with this subject goes to the other side. */
  maySend(subject: string): boolean {
    if (staysHome(subject)) return false;
    return this.#outgoing?.mayPublish(subject) ?? true;
  }

  /** Whether a message with this subject is taken from the other side. */
  mayReceive(subject: string): boolean {
    return this.#incoming?.mayPublish(subject) ?? true;
  }
}

/** For subjects that begin with `$` only. */
export function staysHome(subject: string): boolean {
  return (
    subject.charCodeAt(0) === DOLLAR && STAYS_HOME.some((prefix) => subject.startsWith(prefix))
  );
}

function passesAlways(subject: string): boolean {
  const first = subject.charCodeAt(0);
  if (first !== DOLLAR && first !== UNDERSCORE) return false;
  return ALWAYS_PASSES.some((prefix) => subject.startsWith(prefix));
}

/** Lists for subscriptions may name queues, which messages do not have. */
function plainly({ allow, deny }: SubjectPermissionOptions): SubjectPermissionOptions {
  const subjects = (list: readonly string[]): string[] =>
    list.map((entry) => entry.trim().split(/\s+/)[0] ?? '');
  return { ...(allow && { allow: subjects(allow) }), ...(deny && { deny: subjects(deny) }) };
}

/** One list of what is denied more. */
export function denyMore(
  options: SubjectPermissionOptions | undefined,
  more: readonly string[] | undefined,
): SubjectPermissionOptions | undefined {
  if (more === undefined || more.length === 0) return options;
  return { ...options, deny: [...(options?.deny ?? []), ...more] };
}
