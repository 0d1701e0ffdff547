/** The subjects of a permission list as a tree by tokens; wire strings. Small, built once, never changed. */

interface Node {
  readonly tokens: Map<string, Node>;
  star?: Node;
  full?: Node;
  /** The list has an entry without a queue here. */
  plain: boolean;
  /** The queues of the entries `subject queue` here. */
  readonly queues: string[];
}

interface SubjectMatch {
  plain: boolean;
  readonly queues: string[];
}

export class SubjectTree {
  readonly #root = node();
  readonly #fullUnderStar: boolean;

  /**
   * @param fullUnderStar whether `*` at the end of an entry also covers `>` there, as it does in nats-server.
   * Right for deny lists, where it refuses more; in an allow list it would hand out deeper subjects.
   */
  constructor(fullUnderStar: boolean) {
    this.#fullUnderStar = fullUnderStar;
  }

  add(subject: string, queue?: string): void {
    let at = this.#root;
    for (const token of subject.split('.')) {
      if (token === '*') at = at.star ??= node();
      else if (token === '>') at = at.full ??= node();
      else at = child(at, token);
    }
    if (queue === undefined) at.plain = true;
    else at.queues.push(queue);
  }

  /** Whether an entry without a queue covers the subject, wildcards in it included. */
  covers(subject: string): boolean {
    return this.match(subject).plain;
  }

  /** The entries that cover the subject. A subject with an empty token is covered by nothing. */
  match(subject: string): SubjectMatch {
    const found: SubjectMatch = { plain: false, queues: [] };
    if (subject.includes('..') || subject.startsWith('.') || subject.endsWith('.')) return found;
    if (subject !== '') this.#walk(this.#root, subject, 0, found);
    return found;
  }

  /** Visits each node of the tree at most once. */
  #walk(at: Node, subject: string, start: number, found: SubjectMatch): void {
    if (start > subject.length) {
      collect(at, found);
      return;
    }
    const dot = subject.indexOf('.', start);
    const end = dot < 0 ? subject.length : dot;
    const token = subject.slice(start, end);
    if (at.full !== undefined) collect(at.full, found);
    if (at.star !== undefined && (token !== '>' || this.#fullUnderStar))
      this.#walk(at.star, subject, end + 1, found);
    const next = at.tokens.get(token);
    if (next !== undefined) this.#walk(next, subject, end + 1, found);
  }
}

function collect(at: Node, found: SubjectMatch): void {
  found.plain ||= at.plain;
  found.queues.push(...at.queues);
}

function node(): Node {
  return { tokens: new Map(), plain: false, queues: [] };
}

function child(of: Node, token: string): Node {
  const known = of.tokens.get(token);
  if (known !== undefined) return known;
  const made = node();
  of.tokens.set(token, made);
  return made;
}
