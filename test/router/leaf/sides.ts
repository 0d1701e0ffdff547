/** Two servers, one the leaf node of the other: a router and a nats-server in both roles, from the same configuration. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, type NatsConnection } from 'nats';
import { assemble, mergeSettings, noSettings } from '../../../main/router/config/assemble.ts';
import { loadConfig } from '../../../main/router/config/load.ts';
import { startRouter } from '../listen/support.ts';
import { startServer } from '../support/router-process.ts';
import { clientOf, until } from './support.ts';

export type SideKind = 'router' | 'nats-server';

export interface Side {
  readonly port: number;
  readonly leafPort: number;
  readonly websocketPort: number;
  log(): string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** @param config nats.conf text without the listener for clients */
export async function startSide(kind: SideKind, config: string): Promise<Side> {
  if (kind === 'nats-server') {
    const server = await startServer('nats-server', { config });
    return {
      port: server.ports.client,
      leafPort: server.ports.leafnodes ?? 0,
      websocketPort: server.ports.websocket ?? 0,
      log: () => server.log,
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  }
  const folder = await mkdtemp(join(tmpdir(), 'skerry-leaf-'));
  try {
    const file = join(folder, 'server.conf');
    await writeFile(file, config || '# nothing\n');
    const { settings } = loadConfig(file);
    const local = { ...noSettings(), host: '127.0.0.1', port: -1 };
    const started = await startRouter(assemble(mergeSettings(settings, local)));
    const { leafnodes, websocket } = started.router.addresses();
    return {
      port: started.port,
      leafPort: portOf(leafnodes[0]),
      websocketPort: portOf(websocket[0]),
      log: () => started.lines.join('\n'),
      [Symbol.asyncDispose]: () => started[Symbol.asyncDispose](),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function portOf(url: string | undefined): number {
  return url === undefined ? 0 : Number(new URL(url).port);
}

/** Hub and leaf node, each of one kind. */
export interface Kinds {
  readonly hub: SideKind;
  readonly leaf: SideKind;
}

export const bothRoles: readonly Kinds[] = [
  { hub: 'router', leaf: 'nats-server' },
  { hub: 'nats-server', leaf: 'router' },
];

export const LEAF_LISTENER = 'leafnodes { listen: "127.0.0.1:-1" }';

/** Two connected servers, and a client of each. */
export class Couple {
  readonly hub: Side;
  readonly leaf: Side;
  readonly #clients: NatsConnection[] = [];

  private constructor(hub: Side, leaf: Side) {
    this.hub = hub;
    this.leaf = leaf;
  }

  /**
   * @param hubConfig the hub's configuration; with a listener for leaf nodes alone when empty
   * @param leafConfig the leaf node's, made when it is known where the hub listens
   */
  static async start(
    { hub, leaf }: Kinds,
    hubConfig = LEAF_LISTENER,
    leafConfig: (hub: Side) => string = ({ leafPort }) =>
      `leafnodes { reconnect: 1, remotes: [ { url: "nats-leaf://127.0.0.1:${String(leafPort)}" } ] }`,
  ): Promise<Couple> {
    const first = await startSide(hub, hubConfig);
    try {
      return new Couple(first, await startSide(leaf, leafConfig(first)));
    } catch (error) {
      await first[Symbol.asyncDispose]();
      throw error;
    }
  }

  async atHub(options: ConnectionOptions = {}): Promise<NatsConnection> {
    return this.#client(this.hub, options);
  }

  async atLeaf(options: ConnectionOptions = {}): Promise<NatsConnection> {
    return this.#client(this.leaf, options);
  }

  async #client(side: Side, options: ConnectionOptions): Promise<NatsConnection> {
    const client = await clientOf(side.port, options);
    this.#clients.push(client);
    return client;
  }

  /** Waits until one of them has logged it. */
  async logged(side: 'hub' | 'leaf', what: RegExp): Promise<void> {
    const { [side]: one } = this;
    try {
      await until(String(what), () => what.test(one.log()));
    } catch (error) {
      throw new Error(`${String(error)}\n${one.log()}`, { cause: error });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.leaf[Symbol.asyncDispose]();
    await this.hub[Symbol.asyncDispose]();
  }
}
