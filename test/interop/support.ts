import type { NatsConnection, Status } from '@nats-io/nats-core';
import {
  startServer,
  type ServerOptions,
  type ServerProcess,
} from '../router/support/router-process.ts';
import type { ReleasedClient } from './clients.ts';

/** The server that the suites run on. */
export function startRouter(options: ServerOptions = {}): Promise<ServerProcess> {
  return startServer('router', options);
}

/** Connects, and closes at the end of the block. */
export async function connected(
  client: ReleasedClient,
  server: ServerProcess,
  options: object = {},
): Promise<NatsConnection & AsyncDisposable> {
  const connection = await client.connect({
    servers: server.url,
    reconnectTimeWait: 50,
    ...options,
  });
  return Object.assign(connection, { [Symbol.asyncDispose]: () => connection.close() });
}

/** The next `count` messages of a subscription, as text. */
export async function take(
  messages: AsyncIterable<{ subject: string; data: Uint8Array }>,
  count: number,
): Promise<string[]> {
  const taken: string[] = [];
  for await (const { data } of messages) {
    taken.push(Buffer.from(data).toString());
    if (taken.length === count) break;
  }
  return taken;
}

/** What the connection reports from now on. */
export class Statuses {
  readonly #seen: Status[] = [];
  #changed = Promise.withResolvers<void>();

  constructor(connection: NatsConnection) {
    void (async () => {
      for await (const status of connection.status()) {
        this.#seen.push(status);
        this.#changed.resolve();
        this.#changed = Promise.withResolvers();
      }
    })();
  }

  /** Waits for a report of this type. */
  async next(type: string): Promise<Status> {
    for (;;) {
      const found = this.#seen.find((status) => status.type === type);
      if (found !== undefined) return found;
      await this.#changed.promise;
    }
  }
}
