import {
  domainComponents,
  goText,
  isComparable,
  orderedKey,
  parseDistinguishedName,
  unorderedKey,
} from './distinguished-name.ts';
import type { TlsIdentity } from './types.ts';

/** Finds the user that a client's certificate names (`verify_and_map`). */
export class CertificateUsers {
  readonly #names: ReadonlySet<string>;
  readonly #ordered = new Map<string, string[]>();
  readonly #unordered = new Map<string, string[]>();

  constructor(users: Iterable<string>) {
    this.#names = new Set(users);
    for (const user of this.#names) {
      const name = parseDistinguishedName(user);
      if (name === undefined || name.length === 0) continue;
      note(this.#ordered, orderedKey(name), user);
      note(this.#unordered, unorderedKey(name), user);
    }
  }

  /**
   * In nats-server's order: e-mail addresses, DNS names, URIs, the subject as a distinguished name (first in its
   * own order, then in any), the subject as Go writes it with its domain components, and without them.
   *
   * @param may whether this connection may be that user; the search goes on when not
   */
  find(identity: TlsIdentity, may: (user: string) => boolean): string | undefined {
    const { emails, dnsNames, uris, distinguishedName } = identity;
    // DNS names alone do not do, in nats-server either.
    if (emails.length === 0 && uris.length === 0 && distinguishedName === '') return undefined;
    const fits = (name: string): boolean => name !== '' && this.#names.has(name) && may(name);
    const named = [...emails, ...dnsNames, ...uris].find(fits);
    if (named !== undefined) return named;

    const subject = parseDistinguishedName(distinguishedName);
    if (subject === undefined || subject.length === 0) return undefined;
    if (isComparable(subject)) {
      const same = this.#ordered.get(orderedKey(subject))?.find(may);
      const reordered = same ?? this.#unordered.get(unorderedKey(subject))?.find(may);
      if (reordered !== undefined) return reordered;
    }
    const text = goText(subject);
    const domains = domainComponents(subject);
    return [domains === '' ? '' : `${text},${domains}`, text].find(fits);
  }
}

function note(index: Map<string, string[]>, key: string, user: string): void {
  const users = index.get(key);
  if (users === undefined) index.set(key, [user]);
  else users.push(user);
}
