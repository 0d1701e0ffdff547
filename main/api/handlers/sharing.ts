import type { Peer } from '../../peer/types.ts';
import type { Handlers } from '../contract.ts';
import { entryView, offerView, shareView, transferView } from './views.ts';

type SharingCalls =
  | 'shares.list'
  | 'shares.add'
  | 'shares.remove'
  | 'offers.list'
  | 'offers.browse'
  | 'transfers.list'
  | 'transfers.start'
  | 'transfers.cancel'
  | 'transfers.retry'
  | 'transfers.remove';

export function sharingHandlers(peer: Peer): Pick<Handlers, SharingCalls> {
  const { sharing } = peer;
  return {
    'shares.list': async () => sharing.shares().map(shareView),
    'shares.add': async ({ path, name, audience }) =>
      shareView(await sharing.share({ path, audience, ...(name !== undefined && { name }) })),
    'shares.remove': async ({ id }) => {
      sharing.unshare(id);
      return {};
    },
    'offers.list': async () => sharing.offers().map((offer) => offerView(peer, offer)),
    'offers.browse': async ({ peer: key, share, path, after, limit }, signal) => {
      const page = await sharing.browse(key, share, {
        path,
        limit,
        signal,
        ...(after !== undefined && { after }),
      });
      return { entries: page.entries.map(entryView), next: page.next };
    },
    'transfers.list': async () => sharing.transfers().map((one) => transferView(peer, one)),
    'transfers.start': async ({ peer: key, share, path, into }) =>
      transferView(
        peer,
        await sharing.download({ peer: key, share, path, into: into ?? peer.downloads() }),
      ),
    'transfers.cancel': async ({ id }) => transferView(peer, sharing.cancel(id)),
    'transfers.retry': async ({ id }) => transferView(peer, sharing.retry(id)),
    'transfers.remove': async ({ id }) => {
      sharing.forget(id);
      return {};
    },
  };
}
