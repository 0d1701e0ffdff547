/** Peers with a UDP port behind a box that can be cut, and a NATS server besides. */
import { createDeployments } from '../../../main/deployment/deployments.ts';
import { createLinks, type LinkManager } from '../../../main/link/links.ts';
import { createNatsSource } from '../../../main/link/nats/nats-source.ts';
import { createAdmission } from '../../../main/link/session/admission.ts';
import type { LinkInfo } from '../../../main/link/types.ts';
import type { UdpEndpoint } from '../../../main/link/udp/udp-endpoint.ts';
import { startNatsServer, type NatsServer } from '../../support/nats-server.ts';
import { createTestEndpoint, createTestIdentity, log, MemoryContacts } from '../links-support.ts';
import { UdpRelay } from '../udp-support.ts';

export interface BoxedPeer {
  readonly key: string;
  readonly contacts: MemoryContacts;
  readonly links: LinkManager;
  readonly endpoint: UdpEndpoint;
  /** `up`, `down: <why>`, in order. */
  readonly events: string[];
  /** Nothing that others send to its UDP port comes through while this is true. */
  isCut: boolean;
}

export class BoxedPeers {
  readonly server: NatsServer;
  readonly peers: BoxedPeer[] = [];
  readonly #open: (() => Promise<void>)[] = [];

  private constructor(server: NatsServer) {
    this.server = server;
    this.#open.push(() => server[Symbol.asyncDispose]());
  }

  static async start(): Promise<BoxedPeers> {
    return new BoxedPeers(await startNatsServer());
  }

  async add(): Promise<BoxedPeer> {
    const identity = await createTestIdentity();
    const contacts = new MemoryContacts();
    const now = Date.now;
    const name = (): string => 'Test';
    const deployments = createDeployments({
      configured: [{ server: this.server.url, prefix: 'skerry' }],
      log,
    });
    const common = { signer: identity, name, contacts, now };
    const nats = createNatsSource({
      ...common,
      deployments,
      version: '1.2.3',
      admission: createAdmission(common),
    });
    const endpoint = createTestEndpoint(identity, contacts);
    const sources = [endpoint, nats];
    const links = createLinks({ identity, name, version: '1.2.3', contacts, sources, log, now });
    const events: string[] = [];
    links.on('up', () => events.push('up'));
    links.on('down', (_peer, reason) => events.push(`down: ${reason}`));
    deployments.start();
    await links.start();
    const peer = { key: identity.key, contacts, links, endpoint, events, isCut: false };
    const box = await UdpRelay.create(endpoint.port);
    box.filter = () => !peer.isCut;
    endpoint.ways = () => [{ kind: 'udp', host: '127.0.0.1', port: box.port }];
    this.#open.push(async () => {
      await links.stop();
      await deployments.close();
      await box.close();
    });
    this.peers.push(peer);
    return peer;
  }

  /** Makes them contacts; the first finds the other over NATS. */
  introduce(one: BoxedPeer, other: BoxedPeer): void {
    other.contacts.put(one.key, 'accepted');
    one.contacts.put(other.key, 'accepted', [
      { kind: 'nats', server: this.server.url, prefix: 'skerry' },
    ]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#open.splice(0).reverse()) await close();
  }
}

export function linkOf(one: BoxedPeer, other: BoxedPeer): LinkInfo {
  const info = one.links.get(other.key);
  if (info === undefined) throw new Error('not linked');
  return info;
}
