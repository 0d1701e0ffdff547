import type { Peer } from '../../peer/types.ts';
import type { ApiPeer, Handlers } from '../contract.ts';
import { contactHandlers } from './contacts.ts';
import { HandlerError } from './errors.ts';
import { forwardingHandlers } from './forwarding.ts';
import { listHostFolder } from './host-folder.ts';
import { nearbyHandlers } from './nearby.ts';
import { listenToPeer } from './peer-events.ts';
import { sharingHandlers } from './sharing.ts';
import { statusView, type HostFacts } from './views.ts';

/** Speaks for the peer: every call of the contract, and its events. */
export function createPeerApi(peer: Peer, host: HostFacts, now: () => number): ApiPeer {
  const settings = () => ({ name: peer.name(), downloads: peer.downloads() });
  const handlers: Handlers = {
    ...contactHandlers(peer, now),
    ...nearbyHandlers(peer),
    ...sharingHandlers(peer),
    ...forwardingHandlers(peer, host),
    'status.get': async () => statusView(peer, host),
    'settings.get': async () => settings(),
    'settings.set': async ({ name, downloads }) => {
      peer.set({
        ...(name !== undefined && { name }),
        ...(downloads !== undefined && { downloads }),
      });
      return settings();
    },
    'peer.pause': async () => {
      await peer.pause();
      return statusView(peer, host);
    },
    'peer.resume': async () => {
      await peer.resume();
      return statusView(peer, host);
    },
    'peer.stop': async () => {
      host.requestStop();
      return {};
    },
    'host.folder': ({ path }) => listHostFolder(path),
    'ui.open': async () => {
      const url = host.mintUiAddress();
      if (url === null) {
        throw new HandlerError('no-browser-ui', 'This peer serves no UI for the browser.');
      }
      return { url };
    },
  };
  return { handlers, onEvent: (listener) => listenToPeer(peer, host, listener) };
}
