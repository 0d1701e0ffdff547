/** What a server's memory grows by: with idle connections, and with subscriptions. */
import { usageOf } from '../process-usage.ts';
import { type Kind, startServer } from './servers.ts';
import { handled, rawClient, type RawClient } from './wire.ts';

export interface MemoryGrowth {
  /** Bytes of resident memory for each connection without a subscription. */
  readonly perConnection: number;
  /** The same for each subscription, all to different subjects, on one connection. */
  readonly perSubscription: number;
}

/** After the last change the server gets this long to settle, ms. */
const SETTLE_MS = 3_000;
/** Connections that are opened at a time. */
const AT_A_TIME = 100;
const SUBSCRIPTIONS_AT_A_TIME = 10_000;

export async function memoryGrowth(
  kind: Kind,
  connections: number,
  subscriptions: number,
): Promise<MemoryGrowth> {
  return {
    perConnection: await connectionGrowth(kind, connections),
    perSubscription: await subscriptionGrowth(kind, subscriptions),
  };
}

async function connectionGrowth(kind: Kind, count: number): Promise<number> {
  await using server = disposable(await startServer(kind, 'max_connections: 100000\n'));
  const clients: RawClient[] = [await rawClient(server.port)];
  const before = await settled(server.pid);
  while (clients.length <= count) {
    clients.push(
      ...(await Promise.all(Array.from({ length: AT_A_TIME }, () => rawClient(server.port)))),
    );
  }
  const after = await settled(server.pid);
  for (const { socket } of clients) socket.destroy();
  return (after - before) / count;
}

async function subscriptionGrowth(kind: Kind, count: number): Promise<number> {
  await using server = disposable(await startServer(kind, ''));
  const client = await rawClient(server.port);
  const before = await settled(server.pid);
  for (let first = 0; first < count; first += SUBSCRIPTIONS_AT_A_TIME) {
    let lines = '';
    for (let n = first; n < first + SUBSCRIPTIONS_AT_A_TIME; n++) {
      lines += `SUB measured.subject.${String(n)} ${String(n)}\r\n`;
    }
    await handled(client, lines);
  }
  const after = await settled(server.pid);
  client.socket.destroy();
  return (after - before) / count;
}

async function settled(pid: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  return usageOf(pid).rssBytes;
}

function disposable<T extends { stop(): Promise<void> }>(server: T): T & AsyncDisposable {
  return Object.assign(server, { [Symbol.asyncDispose]: () => server.stop() });
}
