/**
 * The NATS server inside the peer. It listens nowhere unless the configuration says so; contacts reach it over
 * their links (`/nats/client/1`, `/nats/leaf/1`), and the peer's own parts as clients in this process.
 */
import type { Duplex } from 'node:stream';
import type { Log } from '../../base/log.ts';
import type { PeerKey } from '../../identity/types.ts';
import { LinkError } from '../../link/errors.ts';
import type { Links, Stream } from '../../link/types.ts';
import type { InProcessClient, InProcessOptions } from '../../router/listen/in-process/client.ts';
import type { RouterLog } from '../../router/log.ts';
import { Router } from '../../router/router.ts';
import { Bridge } from './bridges.ts';
import { ContactAccounts, MAX_CONNECTIONS, type RouterContacts } from './contact-accounts.ts';
import { LeafStreams } from './leaf-streams.ts';
import { duplexOf } from './link-duplex.ts';
import { type RouterConfig, routerOptions } from './router-config.ts';
import { RouterExports } from './router-exports.ts';

export const CLIENT_PROTOCOL = '/nats/client/1';

export interface RouterStatus {
  /** URLs, and paths of Unix sockets, where clients of this machine connect; empty by default. */
  readonly addresses: readonly string[];
  readonly bridges: readonly { readonly address: string; readonly peer: PeerKey }[];
  /** Connected clients: contacts, and those over listeners. */
  readonly clients: number;
  readonly inMessages: number;
  readonly outMessages: number;
  readonly inBytes: number;
  readonly outBytes: number;
}

export interface PeerRouter {
  /** What contacts may use; features add to it. */
  readonly exports: RouterExports;
  /** A client of this peer's own account. */
  client(options?: InProcessOptions): InProcessClient;
  /**
   * A NATS client's byte stream to the router of a contact, which sends INFO on it.
   *
   * @throws LinkError `not-linked`, `stream-refused`, the signal's reason
   */
  open(contact: PeerKey, signal?: AbortSignal): Promise<Duplex>;
  status(): RouterStatus;
  /** Opens the listeners. @throws RouterError 'router-listen', 'router-config'; nothing is left open */
  start(): Promise<void>;
  /** Idempotent. */
  stop(): Promise<void>;
}

export interface PeerRouterOptions {
  readonly config: RouterConfig;
  readonly key: PeerKey;
  readonly links: Links;
  readonly contacts: RouterContacts;
  readonly log: Log;
}

/** @throws RouterError 'router-config' */
export function createPeerRouter(options: PeerRouterOptions): PeerRouter {
  const { config, key, links, contacts, log } = options;
  const router = new Router(routerOptions(config, key), routerLog(log));
  const exports = new RouterExports();
  const accounts = new ContactAccounts(router, contacts, exports);
  const leaves = new LeafStreams(router, links, config.leaves, log);
  const bridges: Bridge[] = [];
  const open = async (contact: PeerKey, signal?: AbortSignal): Promise<Duplex> =>
    duplexOf(await links.openStream(contact, CLIENT_PROTOCOL, { ...(signal && { signal }) }));
  const streams = new ClientStreams(router);
  const stopServing = links.handle(CLIENT_PROTOCOL, (stream) => streams.serve(stream));

  return {
    exports,
    client: (clientOptions) => router.client(clientOptions),
    open,
    status() {
      const { nats, websocket, unix, leafnodes } = router.addresses();
      const { inMessages, outMessages, inBytes, outBytes } = router.traffic;
      return {
        addresses: [...nats, ...websocket, ...unix, ...leafnodes],
        bridges: bridges.map(({ address, peer }) => ({ address, peer })),
        clients: router.clients.size,
        inMessages,
        outMessages,
        inBytes,
        outBytes,
      };
    },
    async start() {
      await router.start();
      for (const bridge of config.bridges) bridges.push(await Bridge.open(bridge, open, log));
    },
    async stop() {
      stopServing();
      leaves.close();
      for (const bridge of bridges.splice(0)) bridge.close();
      await router.stop();
      accounts.close();
    },
  };
}

/** Connections of contacts, bounded for each of them. */
class ClientStreams {
  readonly #router: Router;
  readonly #counts = new Map<PeerKey, number>();

  constructor(router: Router) {
    this.#router = router;
  }

  /** Resolves when the connection is over. */
  async serve(stream: Stream): Promise<void> {
    const { peer } = stream;
    const count = this.#counts.get(peer) ?? 0;
    if (count >= MAX_CONNECTIONS) {
      throw new LinkError('link-limit', 'A contact has too many connections to the router.');
    }
    this.#counts.set(peer, count + 1);
    try {
      const duplex = duplexOf(stream);
      const closed = new Promise<void>((resolve) => duplex.once('close', () => resolve()));
      this.#router.connect(duplex, { type: 'STANDARD', host: '', peerKey: peer });
      await closed;
    } finally {
      const left = (this.#counts.get(peer) ?? 1) - 1;
      if (left === 0) this.#counts.delete(peer);
      else this.#counts.set(peer, left);
    }
  }
}

/** The router's lines in the peer's log; what its clients do, and how it listens, is no trouble of the program. */
function routerLog(log: Log): RouterLog {
  const lines = log.child({ part: 'router' });
  return {
    get debugging() {
      return lines.isLevelEnabled('debug');
    },
    get tracing() {
      return lines.isLevelEnabled('trace');
    },
    info: (line) => lines.info(line),
    warn: (line) => lines.info(line),
    error: (line) => lines.info(line),
    debug: (line) => lines.debug(line),
    trace: (line) => lines.trace(line),
  };
}
