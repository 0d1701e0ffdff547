import { z } from 'zod';
import { cleanName } from '../base/display-name.ts';
import { Emitter } from '../base/emitter.ts';
import { isPeerKey } from '../base/nkey.ts';
import type { Store } from '../store/open.ts';
import type { Contact, Contacts, ContactState, PeerKey } from './types.ts';
import { validWays } from './way.ts';

/** Strangers can make `requested` contacts: of more than this many, the oldest request is forgotten. */
export const MAX_REQUESTED = 200;

interface ContactRow {
  readonly key: string;
  readonly name: string;
  readonly state: ContactState;
  readonly ways: string;
  readonly added_at: number;
  readonly last_seen_at: number | null;
  /** 0 or 1. */
  readonly relay: number;
}

const StoredWays = z.array(z.unknown());

/**
 * The contacts of a store. Listeners are told after the transaction in which a change was made is kept.
 * Names are cleaned; one with nothing left becomes the key's first 8 characters.
 *
 * @param now milliseconds since 1970
 */
export function createContacts(store: Store, now: () => number = Date.now): Contacts {
  const { db } = store;
  const emitter = new Emitter<{ change: [key: PeerKey, contact: Contact | undefined] }>();
  const selectAll = db.prepare<[], ContactRow>('SELECT * FROM contacts ORDER BY added_at, key');
  const selectOne = db.prepare<[string], ContactRow>('SELECT * FROM contacts WHERE key = ?');
  const upsert = db.prepare<ContactRow>(
    `INSERT INTO contacts (key, name, state, ways, added_at, last_seen_at, relay)
     VALUES (@key, @name, @state, @ways, @added_at, @last_seen_at, @relay)
     ON CONFLICT (key) DO UPDATE SET name = @name, state = @state, ways = @ways,
       last_seen_at = @last_seen_at, relay = @relay`,
  );
  const deleteOne = db.prepare<[string]>('DELETE FROM contacts WHERE key = ?');
  const dropOldRequests = db.prepare<[string, number], { key: string }>(
    `DELETE FROM contacts WHERE key IN (
       SELECT key FROM contacts WHERE state = 'requested' AND key <> ?
       ORDER BY added_at DESC, key LIMIT -1 OFFSET ?
     ) RETURNING key`,
  );

  function get(key: PeerKey): Contact | undefined {
    const row = selectOne.get(key);
    return row === undefined ? undefined : contactOf(row);
  }

  function tell(key: PeerKey, contact: Contact | undefined): void {
    store.afterCommit(() => emitter.emit('change', key, contact));
  }

  /** Writes what differs from `before`; a change that changes nothing is no change. */
  function save(before: Contact | undefined, after: Contact): Contact {
    if (before !== undefined && JSON.stringify(before) === JSON.stringify(after)) return before;
    upsert.run(rowOf(after));
    tell(after.key, after);
    if (after.state === 'requested') {
      for (const { key } of dropOldRequests.all(after.key, MAX_REQUESTED - 1)) tell(key, undefined);
    }
    return after;
  }

  return {
    list: () => selectAll.all().map(contactOf),
    get,
    put: (key, change) =>
      store.transaction(() => {
        const before = get(key);
        const state = change.state ?? before?.state;
        if (!isPeerKey(key) || state === undefined) {
          throw new TypeError('a new contact needs a peer key and a state');
        }
        const name = change.name === undefined ? before?.name : cleanName(change.name);
        return save(before, {
          key,
          name: name || before?.name || key.slice(0, 8),
          state,
          ways: change.ways === undefined ? (before?.ways ?? []) : validWays(change.ways),
          addedAt: before?.addedAt ?? now(),
          lastSeenAt: change.lastSeenAt ?? before?.lastSeenAt ?? null,
          relay: change.relay ?? before?.relay ?? false,
        });
      }),
    learnWays(key, ways) {
      store.transaction(() => {
        const before = get(key);
        if (before === undefined) return;
        save(before, { ...before, ways: validWays([...ways, ...before.ways]) });
      });
    },
    remove(key) {
      store.transaction(() => {
        if (deleteOne.run(key).changes > 0) tell(key, undefined);
      });
    },
    onChange: (listener) => emitter.on('change', listener),
  };
}

function contactOf(row: ContactRow): Contact {
  return {
    key: row.key,
    name: row.name,
    state: row.state,
    ways: validWays(StoredWays.parse(JSON.parse(row.ways))),
    addedAt: row.added_at,
    lastSeenAt: row.last_seen_at,
    relay: row.relay === 1,
  };
}

function rowOf(contact: Contact): ContactRow {
  return {
    key: contact.key,
    name: contact.name,
    state: contact.state,
    ways: JSON.stringify(contact.ways),
    added_at: contact.addedAt,
    last_seen_at: contact.lastSeenAt,
    relay: contact.relay ? 1 : 0,
  };
}
