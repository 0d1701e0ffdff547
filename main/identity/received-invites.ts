import { z } from 'zod';
import type { Store } from '../store/open.ts';
import { openBox, sealBox } from './secret-box.ts';
import type { Identity, Invite, PeerKey } from './types.ts';
import { validWays } from './way.ts';

/** Invites that others made and this peer has not used yet; they survive a restart. */
export interface ReceivedInvites {
  /** Keeps an invite, in place of an earlier one of the same peer; forgets all expired ones. */
  put(invite: Invite): void;
  /** The invite of a peer, expired or not. */
  get(key: PeerKey): Invite | undefined;
  /** Forgets it: used, or not wanted any more. */
  remove(key: PeerKey): void;
}

interface ReceivedRow {
  readonly key: string;
  readonly id: Uint8Array;
  readonly sealed_secret: Uint8Array;
  readonly name: string;
  readonly ways: string;
  readonly expires_at: number;
}

const StoredWays = z.array(z.unknown());

/**
 * Received invites in a store. Their secrets are sealed under a key derived from the identity, bound to
 * peer key and invite id: a copy of the store alone lets nobody use them.
 *
 * @param now milliseconds since 1970
 */
export function createReceivedInvites(
  store: Store,
  identity: Pick<Identity, 'derive'>,
  now: () => number = Date.now,
): ReceivedInvites {
  const { db } = store;
  const sealKey = identity.derive('received invites');
  const upsert = db.prepare<ReceivedRow>(
    `INSERT OR REPLACE INTO received_invites (key, id, sealed_secret, name, ways, expires_at)
     VALUES (@key, @id, @sealed_secret, @name, @ways, @expires_at)`,
  );
  const select = db.prepare<[string], ReceivedRow>('SELECT * FROM received_invites WHERE key = ?');
  const deleteOne = db.prepare<[string]>('DELETE FROM received_invites WHERE key = ?');
  const deleteExpired = db.prepare<[number]>('DELETE FROM received_invites WHERE expires_at <= ?');

  return {
    put(invite) {
      store.transaction(() => {
        deleteExpired.run(now());
        upsert.run({
          key: invite.key,
          id: invite.id,
          sealed_secret: sealBox(sealKey, invite.secret, boundTo(invite.key, invite.id)),
          name: invite.name,
          ways: JSON.stringify(validWays(invite.ways)),
          expires_at: invite.expiresAt,
        });
      });
    },
    get(key) {
      const row = select.get(key);
      if (row === undefined) return undefined;
      const secret = openBox(sealKey, row.sealed_secret, boundTo(key, row.id));
      // Sealed by another identity that used this store before: of no use to this one.
      if (secret === undefined) return undefined;
      return {
        key,
        name: row.name,
        id: new Uint8Array(row.id),
        secret: new Uint8Array(secret),
        expiresAt: row.expires_at,
        ways: validWays(StoredWays.parse(JSON.parse(row.ways))),
      };
    },
    remove(key) {
      deleteOne.run(key);
    },
  };
}

function boundTo(key: PeerKey, id: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(key, 'latin1'), id]);
}
