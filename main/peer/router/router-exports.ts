import { Emitter } from '../../base/emitter.ts';
import type { PeerKey } from '../../identity/types.ts';
import type { ExportOptions, ImportOptions, PermissionOptions } from '../../router/options.ts';

/** What a feature offers to contacts on this peer's router. */
export interface RouterExport {
  /** `service`: contacts publish requests to it; `stream`: they subscribe to it. */
  readonly kind: 'service' | 'stream';
  /** In this peer's own account; may have wildcards. */
  readonly subject: string;
  /** Who gets it; absent: every accepted contact. */
  readonly allows?: (contact: PeerKey) => boolean;
}

/** Always theirs: answers to what they ask, in their own account. */
const INBOX = '_INBOX.>';

/** What contacts may use of this peer's account: nothing, but for what features add here. */
export class RouterExports {
  readonly events = new Emitter<{ changed: [] }>();
  readonly #exports = new Set<RouterExport>();

  /** @returns the end of the offer */
  add(offer: RouterExport): () => void {
    this.#exports.add(offer);
    this.events.emit('changed');
    return () => {
      if (this.#exports.delete(offer)) this.events.emit('changed');
    };
  }

  /** What the peer's own account exports. */
  all(): ExportOptions[] {
    return [...this.#exports].map(({ kind, subject }) => ({ kind, subject }));
  }

  /** What a contact's account imports from `account`, under the same subjects. */
  importsOf(contact: PeerKey, account: string): ImportOptions[] {
    return this.#of(contact).map(({ kind, subject }) => ({ kind, subject, account }));
  }

  permissionsOf(contact: PeerKey): PermissionOptions {
    const subjectsOf = (kind: RouterExport['kind']): string[] =>
      this.#of(contact)
        .filter((offer) => offer.kind === kind)
        .map(({ subject }) => subject);
    return {
      publish: { allow: [INBOX, ...subjectsOf('service')] },
      subscribe: { allow: [INBOX, ...subjectsOf('stream')] },
    };
  }

  #of(contact: PeerKey): RouterExport[] {
    return [...this.#exports].filter(({ allows }) => allows?.(contact) ?? true);
  }
}
