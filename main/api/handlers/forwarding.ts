import { dirname } from 'node:path';
import type { Forward, RemoteService, Service } from '../../forward/types.ts';
import type { Peer } from '../../peer/types.ts';
import type {
  AnyEvent,
  ForwardInfo,
  Handlers,
  RemoteServiceInfo,
  ServiceInfo,
} from '../contract.ts';
import { nameOf, type HostFacts } from './views.ts';

type ForwardingCalls =
  | 'services.list'
  | 'services.add'
  | 'services.remove'
  | 'services.remote'
  | 'forwards.list'
  | 'forwards.add'
  | 'forwards.remove'
  | 'pipes.open'
  | 'pipes.end';

export function forwardingHandlers(
  peer: Peer,
  host: Pick<HostFacts, 'socket'>,
): Pick<Handlers, ForwardingCalls> {
  const { forwarding } = peer;
  return {
    'services.list': async () => forwarding.services().map(serviceView),
    'services.add': async (service) => serviceView(forwarding.expose(service)),
    'services.remove': async ({ name }) => {
      forwarding.unexpose(name);
      return {};
    },
    'services.remote': async () =>
      forwarding.remoteServices().map((service) => remoteServiceView(peer, service)),
    'forwards.list': async () => forwarding.forwards().map((forward) => forwardView(peer, forward)),
    'forwards.add': async (forward) => forwardView(peer, await forwarding.forward(forward)),
    'forwards.remove': async ({ id }) => {
      forwarding.unforward(id);
      return {};
    },
    'pipes.open': ({ peer: key, service }, signal) =>
      // Beside the API's own socket: that folder is this user's alone.
      forwarding.openPipe({ peer: key, service, folder: dirname(host.socket) }, signal),
    'pipes.end': async ({ id }, signal) => ({ ...(await forwarding.pipeEnd(id, signal)) }),
  };
}

/** Tells what changes in services and forwards. Returns the end of telling. */
export function listenToForwarding(peer: Peer, listener: (event: AnyEvent) => void): () => void {
  const { forwarding } = peer;
  const tellPresence = (key: string): void => {
    for (const service of forwarding.remoteServices()) {
      if (service.peer !== key) continue;
      const data = remoteServiceView(peer, service);
      listener({ event: 'remote-service', subject: `${key}/${service.name}`, data });
    }
  };
  const ends = [
    forwarding.on('service', (name, service) => {
      const data = service === undefined ? null : serviceView(service);
      listener({ event: 'service', subject: name, data });
    }),
    forwarding.on('remoteService', (key, name, service) => {
      const data = service === undefined ? null : remoteServiceView(peer, service);
      listener({ event: 'remote-service', subject: `${key}/${name}`, data });
    }),
    forwarding.on('forward', (id, forward) => {
      const data = forward === undefined ? null : forwardView(peer, forward);
      listener({ event: 'forward', subject: id, data });
    }),
    peer.links.on('up', tellPresence),
    peer.links.on('down', tellPresence),
  ];
  return () => {
    for (const end of ends) end();
  };
}

function serviceView(service: Service): ServiceInfo {
  const { audience } = service;
  return { ...service, audience: audience === 'everyone' ? audience : [...audience] };
}

function remoteServiceView(peer: Peer, service: RemoteService): RemoteServiceInfo {
  return {
    ...service,
    peerName: nameOf(peer, service.peer),
    online: peer.links.get(service.peer) !== undefined,
  };
}

function forwardView(peer: Peer, forward: Forward): ForwardInfo {
  const error = forward.error === null ? null : { ...forward.error };
  return { ...forward, error, peerName: nameOf(peer, forward.peer) };
}
