import type { HostFacts } from '../../../main/api/handlers/views.ts';
import { createPeerApi } from '../../../main/api/handlers/peer-api.ts';
import { localSocketPath } from '../../../main/api/transports/local-socket-path.ts';
import { startLocalSocketServer } from '../../../main/api/transports/local-socket-server.ts';
import type { ApiPeer } from '../../../main/api/contract.ts';
import { createLog } from '../../../main/base/log.ts';
import type { Peer } from '../../../main/peer/types.ts';

/** Lets the command line reach a peer of this process. */
export async function serveApi(peer: Peer): Promise<{ api: ApiPeer; close(): Promise<void> }> {
  const socket = localSocketPath(peer.home);
  const host: HostFacts = {
    version: '0.0.0',
    socket,
    uiAddress: () => null,
    mintUiAddress: () => null,
    requestStop: () => undefined,
  };
  const api = createPeerApi(peer, host, Date.now);
  const server = await startLocalSocketServer({
    path: socket,
    peer: api,
    log: createLog('silent'),
  });
  return { api, close: () => server.close() };
}
