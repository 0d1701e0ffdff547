import type { PermissionOptions } from '../options.ts';
import { isLiteral, isSubsetOf } from '../subject/match.ts';
import { toWire } from '../subject/wire.ts';
import { SubjectTree } from './subject-tree.ts';

/** Results kept per set of permissions; all connections of a configured user share one set. */
const CACHE_ENTRIES = 1024;
/** Longer subjects are looked up each time, so that what is kept has a bound in bytes too. */
const CACHE_SUBJECT_LENGTH = 256;
/** nats-server's DEFAULT_ALLOW_RESPONSE_MAX_MSGS, for `max: 0`. */
const DEFAULT_RESPONSES = 1;

/** `filtered`: allowed, but `mayDeliver` must be asked before each delivery to this connection. */
export type SubscribeVerdict = 'allowed' | 'filtered' | 'denied';

/** What a user may publish and subscribe. All subjects and queues are wire strings. */
export interface Permissions {
  /** False when every subject may be published: `mayPublish` need not be asked. */
  readonly limitsPublish: boolean;
  /** False when every subscription is allowed: `maySubscribe` need not be asked. */
  readonly limitsSubscribe: boolean;
  /** What `ReplyTracker` is made with, when replies to what was received may be published. */
  readonly responses: { readonly max: number; readonly expires: number } | undefined;
  /** Without regard to replies: when false and there are `responses`, the connection's tracker decides. */
  mayPublish(subject: string): boolean;
  /**
   * @param broad for leaf nodes: a wildcard wider than the allow list is taken when it holds some of it, and
   * what is delivered then has to pass `mayPublish`
   */
  maySubscribe(subject: string, queue?: string, broad?: boolean): SubscribeVerdict;
  mayDeliver(subject: string): boolean;
}

const compiled = new WeakMap<PermissionOptions, Permissions>();

/** Compiles once per options object. An absent allow list allows all; an empty one for publish allows nothing. */
export function compilePermissions(options: PermissionOptions): Permissions {
  const known = compiled.get(options);
  if (known !== undefined) return known;
  const made = new CompiledPermissions(options);
  compiled.set(options, made);
  return made;
}

class CompiledPermissions implements Permissions {
  readonly limitsPublish: boolean;
  readonly limitsSubscribe: boolean;
  readonly responses: Permissions['responses'];
  readonly #publish: {
    readonly allow: SubjectTree | undefined;
    readonly deny: SubjectTree | undefined;
  };
  readonly #subscribe: {
    readonly allow: SubjectTree | undefined;
    readonly deny: SubjectTree | undefined;
  };
  /** Allowed and denied subjects for subscriptions without a queue. */
  readonly #plainAllowed: readonly string[];
  readonly #plainDenied: readonly string[];
  readonly #published = new Map<string, boolean>();
  readonly #delivered = new Map<string, boolean>();

  constructor({ publish, subscribe, responses }: PermissionOptions) {
    // Whoever may answer, may publish nothing else unless it is allowed by name (nats-server).
    const allowPublish = publish?.allow ?? (responses === undefined ? undefined : []);
    this.#publish = {
      allow: allowPublish && subjectsOnly(allowPublish),
      deny: publish?.deny?.length ? subjectsOnly(publish.deny) : undefined,
    };
    const allow = subscribe?.allow?.map(split) ?? [];
    const deny = subscribe?.deny?.map(split) ?? [];
    this.#subscribe = {
      allow: allow.length > 0 ? withQueues(allow, false) : undefined,
      deny: deny.length > 0 ? withQueues(deny, true) : undefined,
    };
    this.#plainAllowed = allow
      .filter(({ queue }) => queue === undefined)
      .map(({ subject }) => subject);
    this.#plainDenied = deny
      .filter(({ queue }) => queue === undefined)
      .map(({ subject }) => subject);
    this.limitsPublish = this.#publish.allow !== undefined || this.#publish.deny !== undefined;
    this.limitsSubscribe =
      this.#subscribe.allow !== undefined || this.#subscribe.deny !== undefined;
    this.responses = responses && {
      max: responses.max === 0 ? DEFAULT_RESPONSES : responses.max,
      expires: responses.expires,
    };
  }

  mayPublish(subject: string): boolean {
    const known = this.#published.get(subject);
    if (known !== undefined) return known;
    const { allow, deny } = this.#publish;
    const may = (allow?.covers(subject) ?? true) && !(deny?.covers(subject) ?? false);
    keep(this.#published, subject, may);
    return may;
  }

  maySubscribe(subject: string, queue?: string, broad = false): SubscribeVerdict {
    const { allow, deny } = this.#subscribe;
    const literal = isLiteral(subject);
    if (allow !== undefined && !isListed(allow, subject, queue)) {
      const wider = broad && !literal && this.#plainAllowed.some((one) => isSubsetOf(one, subject));
      if (!wider) return 'denied';
    }
    if (deny === undefined) return 'allowed';
    if (isListed(deny, subject, queue)) return 'denied';
    if (literal) return 'allowed';
    return this.#plainDenied.some((one) => isSubsetOf(one, subject)) ? 'filtered' : 'allowed';
  }

  mayDeliver(subject: string): boolean {
    const known = this.#delivered.get(subject);
    if (known !== undefined) return known;
    const may = !(this.#subscribe.deny?.covers(subject) ?? false);
    keep(this.#delivered, subject, may);
    return may;
  }
}

/**
 * Whether a list names this subscription. Where entries with queues match, they alone decide over a queue
 * subscription; a plain subscription needs a plain entry.
 */
function isListed(list: SubjectTree, subject: string, queue: string | undefined): boolean {
  const { plain, queues } = list.match(subject);
  if (queue === undefined || queues.length === 0) return plain;
  return queues.some((one) => one === queue || (!isLiteral(one) && isSubsetOf(queue, one)));
}

interface Entry {
  readonly subject: string;
  readonly queue: string | undefined;
}

function split(entry: string): Entry {
  const [subject = '', queue] = toWire(entry)
    .trim()
    .split(/[ \t\n\r\f]+/);
  return { subject, queue };
}

function withQueues(entries: readonly Entry[], deny: boolean): SubjectTree {
  const tree = new SubjectTree(deny);
  for (const { subject, queue } of entries) tree.add(subject, queue);
  return tree;
}

/**
 * For publishing, where `>` in a subject is an ordinary character. An entry with a space in it is a subject that
 * nobody can send.
 */
function subjectsOnly(entries: readonly string[]): SubjectTree {
  const tree = new SubjectTree(true);
  for (const entry of entries) tree.add(toWire(entry));
  return tree;
}

function keep(cache: Map<string, boolean>, subject: string, value: boolean): void {
  if (subject.length > CACHE_SUBJECT_LENGTH) return;
  if (cache.size >= CACHE_ENTRIES) cache.clear();
  cache.set(subject, value);
}
