import type { Contact } from '../../identity/types.ts';
import type { Peer } from '../../peer/types.ts';
import type { Handlers } from '../contract.ts';
import { formatWay } from '../../identity/way.ts';
import { contactView, linkView } from './views.ts';

type ContactCalls =
  | 'contacts.list'
  | 'contacts.accept'
  | 'contacts.block'
  | 'contacts.relay'
  | 'contacts.remove'
  | 'contacts.add'
  | 'invites.create'
  | 'invites.preview'
  | 'links.list'
  | 'links.diagnose';

export function contactHandlers(peer: Peer, now: () => number): Pick<Handlers, ContactCalls> {
  const view = (contact: Contact) => contactView(peer, contact);
  return {
    'contacts.list': async () => peer.contacts.list().map(view),
    'contacts.accept': async ({ key }) => view(peer.contacts.accept(key)),
    'contacts.block': async ({ key }) => view(peer.contacts.block(key)),
    'contacts.relay': async ({ key, on }) => view(peer.contacts.setRelay(key, on)),
    'contacts.remove': async ({ key }) => {
      peer.contacts.remove(key);
      return {};
    },
    'contacts.add': async ({ target, at }, signal) =>
      view(await peer.contacts.add(target, at, signal)),
    'invites.create': async () => peer.contacts.createInvite(),
    'invites.preview': async ({ link }) => {
      const invite = peer.contacts.previewInvite(link);
      return {
        key: invite.key,
        name: invite.name,
        expiresAt: invite.expiresAt,
        expired: invite.expiresAt <= now(),
        ways: invite.ways.map(formatWay),
        state: peer.contacts.get(invite.key)?.state ?? null,
      };
    },
    'links.diagnose': ({ key }) => peer.diagnose(key),
    'links.list': async () => peer.links.list().map((link) => linkView(peer, link)),
  };
}
