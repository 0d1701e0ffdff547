/**
 * The composition root: the peer out of its parts. Start phases, each undone when a later one fails:
 *
 * 1. home: the folder and its lock, so that one process at a time works in it
 * 2. configuration
 * 3. identity: the keys file is opened, or made
 * 4. store, and what lies in it: contacts, invites
 * 5. ways: UDP endpoint and NATS deployments are made, not yet opened
 * 6. sharing: handlers are registered before the first link can use them
 * 7. router: contacts are served over links, and the listeners that the configuration names are opened
 * 8. forwarding: exposed services are served, forwards listen
 * 9. links: sockets are bound, deployments connect, contacts are dialled
 * 10. discovery: the local network hears that this peer is here
 *
 * Stopping is the same list backwards: new work is refused and what runs is drained, each part with a bounded wait.
 */
import { isAbsolute, join } from 'node:path';
import { Emitter } from '../base/emitter.ts';
import type { Log } from '../base/log.ts';
import { packageVersion } from '../base/version.ts';
import { createDeployments } from '../deployment/deployments.ts';
import { createForwarding } from '../forward/forwarding.ts';
import { createContacts } from '../identity/contacts.ts';
import { createInvites } from '../identity/invites.ts';
import { type Protection } from '../identity/key-file/protection.ts';
import { masterKeyPath, openIdentity } from '../identity/open-identity.ts';
import { defaultDisplayName } from '../identity/own-name.ts';
import { createReceivedInvites } from '../identity/received-invites.ts';
import { createLinks } from '../link/links.ts';
import type { PathSource } from '../link/path-source.ts';
import { createSharing } from '../share/sharing.ts';
import { lockHome } from '../store/home-lock.ts';
import { openStore } from '../store/open.ts';
import type { ConfigInput } from './config.ts';
import { ConfigFile } from './config-file.ts';
import { defaultDownloads } from './default-downloads.ts';
import { diagnose } from './doctor.ts';
import { PeerError } from './errors.ts';
import { createLinkContacts } from './link-contacts.ts';
import { createNearby } from './nearby.ts';
import { createPathSources } from './path-sources.ts';
import { createPeerContacts } from './peer-contacts.ts';
import { createPeerRouter } from './router/peer-router.ts';
import { StopList } from './stop-list.ts';
import type { Peer, PeerEvents, PeerState } from './types.ts';

export interface PeerOptions {
  /** Absolute; created when absent. */
  readonly home: string;
  /** Default: a 0600 key file in the home. */
  readonly protection?: Protection;
  /** What this start was asked for; wins over config.json. */
  readonly config?: ConfigInput;
  readonly log: Log;
}

/**
 * Starts a peer.
 *
 * @throws StoreError `home-in-use` …, PeerError `config-…`, RouterError `router-…`, IdentityError `keys-…`, LinkError `udp-bind`; nothing
 *   is left running
 */
export async function startPeer(options: PeerOptions): Promise<Peer> {
  const stops = new StopList(options.log);
  try {
    return await compose(options, stops);
  } catch (error) {
    await stops.stop();
    throw error;
  }
}

async function compose(options: PeerOptions, stops: StopList): Promise<Peer> {
  const { home, log } = options;
  const now = Date.now;
  const events = new Emitter<PeerEvents>();

  const lock = lockHome(home);
  stops.add('home', () => lock.release());
  const config = new ConfigFile(home, options.config);
  log.level = config.value.logLevel;
  const name = (): string => config.value.name ?? defaultDisplayName();
  const downloads = (): string => config.value.downloads ?? defaultDownloads();

  const protection = options.protection ?? { kind: 'key-file', path: masterKeyPath(home) };
  const { identity, natsUser } = await openIdentity({ home, protection });

  const store = openStore(join(home, 'skerry.db'));
  stops.add('store', () => store.close());
  const contacts = createContacts(store);
  const invites = createInvites(store, contacts, identity);
  const receivedInvites = createReceivedInvites(store, identity);
  const nearby = createNearby({
    identity,
    contacts,
    name,
    port: () => sources.udpPort(),
    settings: () => config.value.discovery,
    save: (change) => config.update({ discovery: change }),
    add: (key, signal) => peerContacts.add(key, undefined, signal),
    connect: (key) => links.connect(key),
    now,
    log,
  });
  const linkContacts = createLinkContacts({
    contacts,
    invites,
    receivedInvites,
    nearby: nearby.ways,
    relays: {
      waysOf: (key) => sources.relaying.waysOf(key),
      onSeen: (listener) => sources.relaying.onSeen(listener),
    },
    now,
    onRequest: (key) => events.emit('request', key),
    onAccepted: (key) => events.emit('accepted', key),
  });

  const deployments = createDeployments({ configured: config.value.nats, user: natsUser, log });
  stops.add('deployments', () => deployments.close());
  const sources = createPathSources({
    config,
    identity,
    name,
    contacts: linkContacts,
    stored: contacts,
    links: () => links,
    deployments,
    now,
    log,
  });
  const links = createLinks({
    identity,
    name,
    version: packageVersion(),
    contacts: linkContacts,
    sources: sources.all,
    log,
    now,
  });
  stops.add('links', () => links.stop());

  const sharing = await createSharing({
    links,
    store,
    signer: identity,
    privateFolders: [home],
    contacts: {
      isAccepted: (key) => contacts.get(key)?.state === 'accepted',
      acceptedKeys: () =>
        contacts
          .list()
          .filter(({ state }) => state === 'accepted')
          .map(({ key }) => key),
      onChange: (listener) => contacts.onChange((key) => listener(key)),
    },
    log,
  });
  stops.add('sharing', async () => sharing[Symbol.asyncDispose]());

  const router = createPeerRouter({
    config: config.value.router,
    key: identity.key,
    links,
    contacts: {
      isAccepted: (key) => contacts.get(key)?.state === 'accepted',
      onChange: (listener) => contacts.onChange((key) => listener(key)),
    },
    log,
  });
  stops.add('router', () => router.stop());
  await router.start();

  const forwarding = await createForwarding({
    links,
    store,
    privateFolders: [home],
    contacts: {
      isAccepted: (key) => contacts.get(key)?.state === 'accepted',
      isKnown: (key) => contacts.get(key) !== undefined,
      onChange: (listener) => contacts.onChange((key) => listener(key)),
    },
    log,
    now,
  });
  stops.add('forwarding', async () => forwarding[Symbol.asyncDispose]());

  deployments.start();
  await links.start();
  sources.remember();
  const peerContacts = createPeerContacts({
    own: identity.key,
    name,
    contacts,
    invites,
    receivedInvites,
    connect: (key) => links.connect(key),
    ways: () => sources.all.flatMap((source: PathSource) => source.ways()),
    now,
  });
  stops.add('discovery', () => nearby.stop());
  await nearby.start();
  const tellStatus = (): void => events.emit('status');
  deployments.onChange(tellStatus);
  links.on('up', tellStatus);
  links.on('down', tellStatus);

  let state: PeerState = 'running';
  let stopped: Promise<void> | undefined;
  const enter = (next: PeerState): void => {
    state = next;
    events.emit('status');
  };

  return {
    home,
    key: identity.key,
    startedAt: now(),
    protection: protection.kind,
    get config() {
      return config.value;
    },
    get state() {
      return state;
    },
    links,
    sharing,
    forwarding,
    router,
    name,
    downloads,
    udp: () => sources.udpAddresses(),
    deployments: () => deployments.status(),
    set({ name: newName, downloads: folder }) {
      if (folder !== undefined && !isAbsolute(folder)) {
        throw new PeerError(
          'config-invalid',
          `The download folder "${folder}" is not an absolute path.`,
        );
      }
      config.update({
        ...(newName !== undefined && { name: newName }),
        ...(folder !== undefined && { downloads: folder }),
      });
      events.emit('status');
    },
    contacts: peerContacts,
    nearby,
    diagnose: (key) =>
      diagnose(
        {
          udpEnabled: () => config.value.udp.enabled,
          udp: () => sources.udpAddresses(),
          outside: () => sources.outside(),
          deployments: () => deployments.status(),
          contactOf: (peer) => contacts.get(peer),
          waysOf: (peer) => linkContacts.waysOf(peer),
          isPaused: () => state === 'paused',
          links,
          now,
        },
        key,
      ),
    async pause() {
      if (state !== 'running') return;
      links.pause();
      enter('paused');
      await nearby.stop();
    },
    async resume() {
      if (state !== 'paused') return;
      links.resume();
      enter('running');
      await nearby.start();
    },
    stop() {
      if (stopped === undefined) {
        enter('stopping');
        stopped = stops.stop();
      }
      return stopped;
    },
    on: (event, listener) => events.on(event, listener),
  };
}
