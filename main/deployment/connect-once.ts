import type { NatsConnection } from 'nats';
import type { clientOptions } from './client-options.ts';
import { connectWithLanes } from './lanes/lane-transport.ts';
import type { Lanes } from './lanes/lanes.ts';

/**
 * One attempt to get a client. nats.js cannot abort one: when the signal aborts, its outcome is not waited for,
 * and a client that still comes of it is closed.
 *
 * @throws what nats.js throws, or the signal's reason
 */
export async function connectOnce(
  options: ReturnType<typeof clientOptions>,
  lanes: Lanes,
  signal: AbortSignal,
): Promise<NatsConnection> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<NatsConnection>();
  const giveUp = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', giveUp);
  connectWithLanes(options, lanes).then((client) => {
    if (!signal.aborted) resolve(client);
    else void client.close();
  }, reject);
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
