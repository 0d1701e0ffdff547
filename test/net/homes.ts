import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createContacts } from '../../main/identity/contacts.ts';
import { masterKeyPath, openIdentity } from '../../main/identity/open-identity.ts';
import type { PeerKey, Way } from '../../main/identity/types.ts';
import { openStore } from '../../main/store/open.ts';

/** The home of a peer that has not started yet. */
export interface Home {
  readonly name: string;
  readonly path: string;
  readonly key: PeerKey;
}

/** Makes a home with its keys. */
export async function makeHome(folder: string, name: string): Promise<Home> {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const protection = { kind: 'key-file', path: masterKeyPath(path) } as const;
  const { identity } = await openIdentity({ home: path, protection });
  return { name, path, key: identity.key };
}

/** Makes one peer a contact of the other, as if they had met before: accepted, and found by these ways alone. */
export function addContact(home: Home, contact: Home, ways: readonly Way[] = []): void {
  using store = openStore(join(home.path, 'skerry.db'));
  const { name, key } = contact;
  createContacts(store).put(key, { state: 'accepted', name, ways });
}
