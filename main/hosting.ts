/** What every host of a peer does alike: start it, speak for it, and listen for the command line. */
import { createPeerApi } from './api/handlers/peer-api.ts';
import type { HostFacts } from './api/handlers/views.ts';
import type { ApiPeer } from './api/contract.ts';
import { localSocketPath } from './api/transports/local-socket-path.ts';
import { startLocalSocketServer } from './api/transports/local-socket-server.ts';
import { packageVersion } from './base/version.ts';
import { startPeer, type PeerOptions } from './peer/peer.ts';
import type { Peer } from './peer/types.ts';

export interface HostedPeer {
  readonly peer: Peer;
  readonly api: ApiPeer;
  /** Answers the command line no more, then stops the peer. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts a peer and serves its API to the command line.
 *
 * @param host what only this host knows
 * @throws as `startPeer`, and ApiError `already-running`, `socket-…`; nothing is left running
 */
export async function hostPeer(
  options: PeerOptions,
  host: Pick<HostFacts, 'uiAddress' | 'mintUiAddress' | 'requestStop'>,
): Promise<HostedPeer> {
  const socket = localSocketPath(options.home);
  const peer = await startPeer(options);
  const api = createPeerApi(peer, { ...host, version: packageVersion(), socket }, Date.now);
  try {
    const server = await startLocalSocketServer({ path: socket, peer: api, log: options.log });
    let stopped: Promise<void> | undefined;
    const stop = async (): Promise<void> => {
      await server.close();
      await peer.stop();
    };
    return { peer, api, stop: () => (stopped ??= stop()) };
  } catch (error) {
    await peer.stop();
    throw error;
  }
}
