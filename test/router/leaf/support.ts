/** Leaf nodes in tests: who is connected, and whose interest has come where. */
import { connect, type ConnectionOptions, type NatsConnection, type Subscription } from 'nats';
import type { RouterOptions } from '../../../main/router/options.ts';
import { startRouter, type TestRouter } from '../listen/support.ts';

export const LOOPBACK = { host: '127.0.0.1', port: 0 } as const;

export interface LeafRouter extends TestRouter {
  readonly leafPort: number;
  readonly leafUrl: string;
}

/** A router with a client listener and, unless `leafnodes` says otherwise, a leaf listener. */
export async function startLeafRouter(options: RouterOptions = {}): Promise<LeafRouter> {
  const started = await startRouter({
    listen: LOOPBACK,
    ...options,
    leafnodes: options.leafnodes ?? { listen: LOOPBACK },
  });
  const [url] = started.router.addresses().leafnodes;
  const leafPort = url === undefined ? 0 : Number(new URL(url).port);
  return { ...started, leafPort, leafUrl: `nats-leaf://127.0.0.1:${String(leafPort)}` };
}

/** A remote that tries again soon. */
export function remoteTo(
  url: string,
  more: Partial<NonNullable<NonNullable<RouterOptions['leafnodes']>['remotes']>[number]> = {},
): NonNullable<RouterOptions['leafnodes']> {
  return { reconnectInterval: 50, remotes: [{ urls: [url], ...more }] };
}

export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Waits until the router has so many leaf nodes that belong to an account. */
export async function joined({ router, lines }: TestRouter, count = 1): Promise<void> {
  try {
    await until(`${String(count)} leaf nodes`, () => [...router.leafs].length === count);
  } catch (error) {
    throw new Error(`${String(error)}\n${lines.join('\n')}`, { cause: error });
  }
}

export async function clientOf(
  port: number,
  options: ConnectionOptions = {},
): Promise<NatsConnection> {
  return connect({ servers: `127.0.0.1:${String(port)}`, reconnect: false, ...options });
}

let probes = 0;

/**
 * Waits until what one client has subscribed to is known where another one publishes: interest travels in order,
 * so something subscribed to later is asked for.
 */
export async function reaches(
  subscriber: NatsConnection,
  publisher: NatsConnection,
): Promise<void> {
  const subject = `probe.${String(++probes)}`;
  const probe = subscriber.subscribe(subject, { callback: (_error, message) => message.respond() });
  await until(`interest in ${subject}`, async () => {
    try {
      await publisher.request(subject, undefined, { timeout: 500 });
      return true;
    } catch {
      return false;
    }
  });
  probe.unsubscribe();
}

/** What a subscription has got so far. */
export function collected(subscription: Subscription): string[] {
  const got: string[] = [];
  void (async () => {
    for await (const message of subscription) got.push(message.string());
  })();
  return got;
}

/** Waits until nobody is known any more who listens to a subject. */
export async function nobodyAnswers(client: NatsConnection, subject: string): Promise<void> {
  await until(`no responders for ${subject}`, async () => {
    const error: unknown = await client
      .request(subject, undefined, { timeout: 50 })
      .catch((thrown: unknown) => thrown);
    return (error as { code?: string }).code === '503';
  });
}
