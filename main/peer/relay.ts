/** Relaying between contacts, as far as people allow it: one setting a contact, off at first. */
import type { Log } from '../base/log.ts';
import type { Contacts, Identity, PeerKey } from '../identity/types.ts';
import type { RelayLinks } from '../link/relay/open-through.ts';
import { createRelaying, type Relaying } from '../link/relay/relaying.ts';
import type { Admission, PendingDial } from '../link/session/types.ts';
import type { LinkContacts } from '../link/types.ts';
import type { Config } from './config.ts';

/** Connections that are carried for one contact, and in all: some 600 KiB each, at the most. */
const PER_CONTACT = 32;
const TOTAL = 128;

export function createPeerRelaying(options: {
  readonly identity: Pick<Identity, 'key'>;
  readonly config: Config['relay'];
  /** The stored ones. */
  readonly contacts: Pick<Contacts, 'get' | 'onChange'>;
  readonly wanted: LinkContacts['wanted'];
  readonly links: () => RelayLinks;
  readonly admission: Admission;
  readonly createDial: (peer: PeerKey) => PendingDial;
  readonly now: () => number;
  readonly log: Log;
}): Relaying {
  const { identity, config, contacts, ...rest } = options;
  return createRelaying({
    ...rest,
    self: identity.key,
    allows: (key) => {
      const contact = contacts.get(key);
      return contact?.state === 'accepted' && contact.relay;
    },
    onAllows: (listener) => contacts.onChange(listener),
    limits: { perContact: PER_CONTACT, total: TOTAL, bytesPerSecond: config.bytesPerSecond },
  });
}
