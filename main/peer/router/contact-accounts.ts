import type { PeerKey } from '../../identity/types.ts';
import type { Admission } from '../../router/auth/types.ts';
import { defaults } from '../../router/defaults.ts';
import type { Router } from '../../router/router.ts';
import type { RouterExports } from './router-exports.ts';

/** Connections of one contact at once. */
export const MAX_CONNECTIONS = 64;
const MAX_SUBSCRIPTIONS = 10_000;

export interface RouterContacts {
  isAccepted(key: PeerKey): boolean;
  onChange(listener: (key: PeerKey) => void): () => void;
}

/**
 * An account for each contact that uses this peer's router, named by its key. Nothing passes between it and
 * others but what the exports say.
 */
export class ContactAccounts {
  readonly #router: Router;
  readonly #contacts: RouterContacts;
  readonly #exports: RouterExports;
  readonly #keys = new Set<PeerKey>();
  readonly #ends: (() => void)[];

  constructor(router: Router, contacts: RouterContacts, exports: RouterExports) {
    this.#router = router;
    this.#contacts = contacts;
    this.#exports = exports;
    router.admitPeer = (key) => this.#admit(key);
    this.#ends = [
      contacts.onChange((key) => this.#check(key)),
      exports.events.on('changed', () => this.#changed()),
    ];
  }

  close(): void {
    for (const end of this.#ends) end();
    this.#router.admitPeer = undefined;
  }

  #admit(key: PeerKey): Admission | undefined {
    if (!this.#contacts.isAccepted(key)) return undefined;
    if (!this.#keys.has(key)) {
      this.#keys.add(key);
      this.#put(key);
    }
    return {
      ok: true,
      account: key,
      user: key,
      permissions: this.#exports.permissionsOf(key),
      maxSubscriptions: MAX_SUBSCRIPTIONS,
    };
  }

  #put(key: PeerKey): void {
    this.#router.putAccount({
      name: key,
      imports: this.#exports.importsOf(key, defaults.globalAccount),
      limits: { maxConnections: MAX_CONNECTIONS },
    });
  }

  #check(key: PeerKey): void {
    if (this.#contacts.isAccepted(key) || !this.#keys.delete(key)) return;
    this.#router.removeAccount(key);
  }

  /** Live connections get and lose at once what the exports give and take. */
  #changed(): void {
    this.#router.putAccount({ name: defaults.globalAccount, exports: this.#exports.all() });
    for (const key of this.#keys) this.#put(key);
    for (const client of this.#router.clients.values()) {
      const { peerKey } = client.facts;
      if (peerKey === undefined) continue;
      // Whom it cannot be decided about is not let on.
      client.recheck().catch(() => client.close('Credentials Revoked'));
    }
  }
}
