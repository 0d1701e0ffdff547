import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { cleanName } from '../base/display-name.ts';
import type { Store } from '../store/open.ts';
import { IdentityError } from './errors.ts';
import type { Contacts, Identity, Invite, Invites } from './types.ts';
import { validWays } from './way.ts';

const LIFETIME_MS = 24 * 60 * 60 * 1_000;
/** More open invites than a person hands out in a day; each is one row. */
export const MAX_OPEN_INVITES = 100;

/**
 * The invites of a store. An invite's secret is no random value that would have to be kept, but
 * HMAC-SHA-256 of its random id under a key derived from the identity: 32 bytes that nobody else can tell
 * from random, and none of them in the store or in its backups.
 */
export function createInvites(
  store: Store,
  contacts: Contacts,
  identity: Pick<Identity, 'key' | 'derive'>,
): Invites {
  const { db } = store;
  const secretKey = identity.derive('invite secrets');
  const insert = db.prepare<[Uint8Array, number]>(
    'INSERT INTO invites (id, expires_at) VALUES (?, ?)',
  );
  const deleteExpired = db.prepare<[number]>('DELETE FROM invites WHERE expires_at <= ?');
  const count = db.prepare<[], { open: number }>('SELECT count(*) AS open FROM invites');
  const isOpen = db.prepare<[Uint8Array, number]>(
    'SELECT 1 FROM invites WHERE id = ? AND expires_at > ?',
  );
  const use = db.prepare<[Uint8Array]>('DELETE FROM invites WHERE id = ?');

  const secretOf = (id: Uint8Array) => hmac(secretKey, id);

  return {
    create: (name, ways, now) =>
      store.transaction(() => {
        deleteExpired.run(now);
        if ((count.get()?.open ?? 0) >= MAX_OPEN_INVITES) {
          throw new IdentityError('invites-full', `${MAX_OPEN_INVITES} invites are open already.`);
        }
        const id = new Uint8Array(randomBytes(16));
        // Whole seconds, as the link has them.
        const expiresAt = Math.floor((now + LIFETIME_MS) / 1_000) * 1_000;
        insert.run(id, expiresAt);
        return {
          key: identity.key,
          name: cleanName(name) || identity.key.slice(0, 8),
          id,
          secret: secretOf(id),
          expiresAt,
          ways: validWays(ways),
        };
      }),

    // The transaction holds the write lock from its start: of two at once, the second finds no invite.
    redeem: (id, proof, message, by, now) =>
      store.transaction(() => {
        if (isOpen.get(id, now) === undefined) return false;
        if (!sameBytes(proof, hmac(secretOf(id), message))) return false;
        if (by === identity.key || contacts.get(by)?.state === 'blocked') return false;
        use.run(id);
        contacts.put(by, { state: 'accepted' });
        return true;
      }),

    prove: (invite: Invite, message) => hmac(invite.secret, message),
  };
}

function hmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac('sha256', key).update(message).digest());
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}
