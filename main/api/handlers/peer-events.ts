import type { PeerKey } from '../../identity/types.ts';
import type { Peer } from '../../peer/types.ts';
import type { Transfer } from '../../share/types.ts';
import type { AnyEvent, Notice } from '../contract.ts';
import { listenToForwarding } from './forwarding.ts';
import { nearbyView } from './nearby.ts';
import {
  contactView,
  linkView,
  nameOf,
  offerView,
  shareView,
  statusView,
  transferView,
  type HostFacts,
} from './views.ts';

/** RTT and byte counts move all the time; this is how often they are told while somebody listens. */
const LINK_REFRESH_MS = 2000;

function transferNotice(peer: Peer, transfer: Transfer): Notice | null {
  const from = nameOf(peer, transfer.peer);
  const what = transfer.path === '' ? transfer.shareName : (transfer.path.split('/').at(-1) ?? '');
  const base = { peer: transfer.peer, transfer: transfer.id };
  if (transfer.state === 'done') {
    return { ...base, kind: 'download-done', title: `${what} has arrived`, body: `From ${from}.` };
  }
  if (transfer.state === 'failed') {
    const { message, hint } = transfer.error ?? { message: '', hint: '' };
    const body = `${message} ${hint}`.trim();
    return { ...base, kind: 'download-failed', title: `${what} could not be downloaded`, body };
  }
  return null;
}

/**
 * Tells `listener` everything that changes in the peer, as the contract's events.
 * Returns the end of telling.
 */
export function listenToPeer(
  peer: Peer,
  host: HostFacts,
  listener: (event: AnyEvent) => void,
): () => void {
  const notice = (data: Notice): void => listener({ event: 'notice', subject: '', data });
  const tellContact = (key: PeerKey): void => {
    const contact = peer.contacts.get(key);
    const data = contact === undefined ? null : contactView(peer, contact);
    listener({ event: 'contact', subject: key, data });
  };
  const tellLink = (key: PeerKey): void => {
    const link = peer.links.get(key);
    const data = link === undefined ? null : linkView(peer, link);
    listener({ event: 'link', subject: key, data });
  };
  const tellPresence = (key: PeerKey): void => {
    tellLink(key);
    tellContact(key);
    for (const offer of peer.sharing.offers()) {
      if (offer.peer !== key) continue;
      listener({ event: 'offer', subject: `${key}/${offer.id}`, data: offerView(peer, offer) });
    }
  };
  const ended = new Map(peer.sharing.transfers().map(({ id, state }) => [id, state]));
  const refresh = setInterval(() => {
    for (const { peer: key } of peer.links.list()) tellLink(key);
  }, LINK_REFRESH_MS);
  refresh.unref();

  const ends = [
    peer.on('status', () =>
      listener({ event: 'status', subject: '', data: statusView(peer, host) }),
    ),
    peer.on('request', (key) =>
      notice({
        kind: 'contact-request',
        title: `${nameOf(peer, key)} asks to be your contact`,
        body: 'Accept only people you expect.',
        peer: key,
        transfer: null,
      }),
    ),
    peer.on('accepted', (key) =>
      notice({
        kind: 'contact-accepted',
        title: `${nameOf(peer, key)} is now your contact`,
        body: 'You can share files with each other.',
        peer: key,
        transfer: null,
      }),
    ),
    peer.contacts.onChange(tellContact),
    peer.nearby.onChange((key) => {
      const nearby = peer.nearby.get(key);
      const data = nearby === undefined ? null : nearbyView(nearby);
      listener({ event: 'nearby', subject: key, data });
    }),
    peer.links.on('up', tellPresence),
    peer.links.on('down', tellPresence),
    peer.sharing.on('share', (id, share) =>
      listener({
        event: 'share',
        subject: id,
        data: share === undefined ? null : shareView(share),
      }),
    ),
    peer.sharing.on('offer', (key, id, offer) =>
      listener({
        event: 'offer',
        subject: `${key}/${id}`,
        data: offer === undefined ? null : offerView(peer, offer),
      }),
    ),
    peer.sharing.on('transfer', (id, transfer) => {
      const data = transfer === undefined ? null : transferView(peer, transfer);
      listener({ event: 'transfer', subject: id, data });
      if (transfer === undefined) {
        ended.delete(id);
        return;
      }
      if (ended.get(id) === transfer.state) return;
      ended.set(id, transfer.state);
      const told = transferNotice(peer, transfer);
      if (told !== null) notice(told);
    }),
    listenToForwarding(peer, listener),
    () => clearInterval(refresh),
  ];
  return () => {
    for (const end of ends) end();
  };
}
