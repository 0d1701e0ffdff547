import type { ApiClient } from '../api/contract.ts';
import { ApiError } from '../api/errors.ts';
import { connectLocalSocket } from '../api/transports/local-socket-client.ts';
import { localSocketPath } from '../api/transports/local-socket-path.ts';
import { codeOf } from '../base/errors.ts';
import { defaultHome } from '../peer/default-home.ts';
import { shellWord } from './output/shell-word.ts';

/**
 * Works with the peer that runs on `home`, and hangs up afterwards.
 *
 * @throws ApiError `not-running`, `connection-lost`; what the peer answers with; what `work` throws
 */
export async function withPeer<T>(home: string, work: (api: ApiClient) => Promise<T>): Promise<T> {
  const api = await connectLocalSocket(localSocketPath(home)).catch((error: unknown) => {
    throw codeOf(error) === 'not-running' ? notRunning(home, error) : error;
  });
  try {
    return await work(api);
  } finally {
    api.close();
  }
}

/** Waits for something that events bring, for as long as there is a peer to send them. */
export function whileConnected<T>(api: ApiClient, awaited: Promise<T>): Promise<T> {
  const { promise, reject }: PromiseWithResolvers<never> = Promise.withResolvers();
  api.closed.catch(reject);
  return Promise.race([awaited, promise]);
}

function notRunning(home: string, cause: unknown): ApiError {
  const option = home === defaultHome() ? '' : ` --home ${shellWord(home)}`;
  return new ApiError('not-running', `No peer runs in ${home}.`, {
    hint: `Start it with \`skerry up${option}\`.`,
    cause,
  });
}
