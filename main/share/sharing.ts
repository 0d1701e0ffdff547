import type { Log } from '../base/log.ts';
import type { PeerKey, Signer } from '../identity/types.ts';
import type { Links } from '../link/types.ts';
import type { Store } from '../store/open.ts';
import { Announcer } from './announcer.ts';
import { browseOffer } from './browse.ts';
import { EntryRepository } from './entry-repository.ts';
import { OwnShares } from './own-shares.ts';
import { Downloads } from './pull/downloads.ts';
import { RemoteOffers } from './remote-offers.ts';
import { platformOf, type Platform } from './safe-path.ts';
import { Scanner } from './scan/scanner.ts';
import { ShareServer } from './serve/share-server.ts';
import { ShareRepository } from './share-repository.ts';
import type { ShareEvents, Sharing } from './types.ts';
import { SHARE_PROTOCOL } from './wire.ts';

/** What sharing asks about keys. */
export interface SharingContacts {
  isAccepted(key: PeerKey): boolean;
  acceptedKeys(): PeerKey[];
  onChange(listener: (key: PeerKey) => void): () => void;
}

export interface SharingOptions {
  readonly links: Links;
  readonly store: Pick<Store, 'db' | 'transaction'>;
  readonly signer: Signer;
  readonly contacts: SharingContacts;
  readonly log: Log;
  /** Folders that are never shared, nor anything in or around them: the home with its keys. */
  readonly privateFolders?: readonly string[];
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Whose rules for names hold; for tests. */
  readonly platform?: Platform;
}

/**
 * Starts sharing: what was shared before is looked through again, what was not fetched to its end is gone on
 * with, and contacts are served from now on. Disposing stops all of it; the store keeps where it stood.
 */
export async function createSharing(options: SharingOptions): Promise<Sharing> {
  const { links, store, signer, contacts, log } = options;
  const now = options.now ?? Date.now;
  const isAccepted = (key: PeerKey): boolean => contacts.isAccepted(key);
  const { db } = store;

  const shares = new ShareRepository(db);
  const entries = new EntryRepository(db);
  const scanner = new Scanner();
  const transaction = <T>(work: () => T): T => store.transaction(work);
  const own = new OwnShares(
    { shares, entries, scanner, signer, transaction },
    log,
    now,
    options.privateFolders ?? [],
  );
  const server = new ShareServer({ own, shares, entries, isAccepted, log });
  const announcer = new Announcer(links, own, () => contacts.acceptedKeys());
  const platform = options.platform ?? platformOf(process.platform);
  const offers = new RemoteOffers(links, isAccepted, log);
  const downloads = new Downloads({ links, db, offers, platform, log, now });

  own.start();
  downloads.start();
  const offHandle = links.handle(SHARE_PROTOCOL, (stream) => server.serve(stream));
  const offContacts = contacts.onChange((key) => {
    if (isAccepted(key)) return;
    server.drop(key);
    offers.forget(key);
  });

  let disposed: Promise<void> | undefined;
  const dispose = async (): Promise<void> => {
    // No new readers, then no readers; then what still works on its own.
    offHandle();
    offContacts();
    server.dropAll();
    announcer[Symbol.dispose]();
    await Promise.all([
      downloads[Symbol.asyncDispose](),
      offers[Symbol.asyncDispose](),
      own[Symbol.asyncDispose](),
    ]);
    await scanner[Symbol.asyncDispose]();
  };

  return {
    share: (what) => own.add(what),
    unshare: (id) => own.remove(id),
    shares: () => own.list(),
    offers: () => offers.list(),
    browse: (peer, share, what) => browseOffer(links, peer, share, what),
    download: (what) => downloads.add(what),
    transfers: () => downloads.list(),
    cancel: (id) => downloads.cancel(id),
    retry: (id) => downloads.retry(id),
    forget: (id) => downloads.forget(id),
    on: (name, listener) => subscribe(name, listener),
    [Symbol.asyncDispose]: () => (disposed ??= dispose()),
  };

  function subscribe<Name extends keyof ShareEvents & string>(
    name: Name,
    listener: (...args: ShareEvents[Name]) => void,
  ): () => void {
    const on: {
      [Key in keyof ShareEvents]: (listen: (...args: ShareEvents[Key]) => void) => () => void;
    } = {
      share: (listen) => own.events.on('share', listen),
      offer: (listen) => offers.events.on('offer', listen),
      transfer: (listen) => downloads.events.on('transfer', listen),
    };
    return on[name](listener);
  }
}
