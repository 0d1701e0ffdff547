/** The peer's own shapes as the contract shows them. */
import type { Contact, PeerKey } from '../../identity/types.ts';
import type { LinkInfo as PeerLinkInfo } from '../../link/types.ts';
import type { RouterStatus } from '../../peer/router/peer-router.ts';
import type { Peer } from '../../peer/types.ts';
import type { BrowseEntry, Offer, Share, Transfer } from '../../share/types.ts';
import type {
  ContactInfo,
  EntryInfo,
  LinkInfo,
  OfferInfo,
  RouterInfo,
  ShareInfo,
  Status,
  TransferInfo,
} from '../contract.ts';

/** What only the host of a peer knows. */
export interface HostFacts {
  readonly version: string;
  /** The CLI's socket or pipe. */
  readonly socket: string;
  /** The UI's address without a token; null in the desktop app. */
  uiAddress(): string | null;
  /** A fresh one-time address of the UI; null in the desktop app. */
  mintUiAddress(): string | null;
  /** Asked by `peer.stop`: ends the whole process in its orderly way. */
  requestStop(): void;
}

/** The name a contact goes by, or the start of its key when it has none. */
export function nameOf(peer: Peer, key: PeerKey): string {
  return peer.contacts.get(key)?.name ?? key.slice(0, 8);
}

export function statusView(peer: Peer, host: HostFacts): Status {
  return {
    version: host.version,
    pid: process.pid,
    home: peer.home,
    key: peer.key,
    name: peer.name(),
    state: peer.state,
    startedAt: peer.startedAt,
    udp: peer.udp(),
    nats: peer.deployments().map((deployment) => ({ ...deployment })),
    router: routerView(peer.router.status()),
    socket: host.socket,
    ui: host.uiAddress(),
    keyProtection: peer.protection,
    downloads: peer.downloads(),
    rssBytes: process.memoryUsage.rss(),
    links: peer.links.list().length,
  };
}

function routerView({ addresses, bridges, ...counters }: RouterStatus): RouterInfo {
  return { ...counters, addresses: [...addresses], bridges: bridges.map((one) => ({ ...one })) };
}

export function linkView(peer: Peer, link: PeerLinkInfo): LinkInfo {
  // The other end of a path through a contact is that contact: people know it by its name.
  const shown = (kind: LinkInfo['path'], remote: string): string =>
    kind === 'relay' ? nameOf(peer, remote) : remote;
  return {
    ...link,
    name: nameOf(peer, link.peer),
    remote: shown(link.path, link.remote),
    paths: link.paths.map((path) => ({ ...path, remote: shown(path.kind, path.remote) })),
  };
}

export function contactView(peer: Peer, contact: Contact): ContactInfo {
  const link = peer.links.get(contact.key);
  return {
    key: contact.key,
    name: contact.name,
    state: contact.state,
    online: link !== undefined,
    addedAt: contact.addedAt,
    lastSeenAt: contact.lastSeenAt,
    relay: contact.relay,
    link: link === undefined ? null : linkView(peer, link),
  };
}

export function shareView(share: Share): ShareInfo {
  return {
    ...share,
    audience: share.audience === 'everyone' ? 'everyone' : [...share.audience],
    error: share.error === null ? null : { ...share.error },
    skipped: { count: share.skipped.count, examples: [...share.skipped.examples] },
  };
}

export function offerView(peer: Peer, offer: Offer): OfferInfo {
  return {
    ...offer,
    peerName: nameOf(peer, offer.peer),
    online: peer.links.get(offer.peer) !== undefined,
  };
}

export function entryView(entry: BrowseEntry): EntryInfo {
  return { ...entry };
}

export function transferView(peer: Peer, transfer: Transfer): TransferInfo {
  return {
    ...transfer,
    peerName: nameOf(peer, transfer.peer),
    error: transfer.error === null ? null : { ...transfer.error },
    files: { ...transfer.files },
    bytes: { ...transfer.bytes },
    stage: transfer.stage === null ? null : { ...transfer.stage },
    chunks: { ...transfer.chunks },
  };
}
