import { join } from 'node:path';
import { createContacts } from '../../main/identity/contacts.ts';
import { openStore } from '../../main/store/open.ts';
import type { Home } from './homes.ts';
import type { NetPeer } from './net-peer.ts';

/** Lets a peer carry between contacts of its own, who have not started yet and are to let themselves be reached so. */
export async function allowRelaying(relay: NetPeer, contacts: readonly Home[]): Promise<void> {
  for (const { key, path } of contacts) {
    await relay.api.call('contacts.relay', { key, on: true });
    using store = openStore(join(path, 'skerry.db'));
    createContacts(store).put(relay.home.key, { relay: true });
  }
}
