import type { Log } from '../base/log.ts';
import { packageVersion } from '../base/version.ts';
import type { Deployments } from '../deployment/types.ts';
import type { Contacts, Identity, PeerKey } from '../identity/types.ts';
import { createNatsSource } from '../link/nats/nats-source.ts';
import type { PathSource } from '../link/path-source.ts';
import { createAdmission } from '../link/session/admission.ts';
import { createCookieJar } from '../link/session/cookie.ts';
import { createDial } from '../link/session/dial.ts';
import type { PendingDial } from '../link/session/types.ts';
import type { RelayLinks } from '../link/relay/open-through.ts';
import type { Relaying } from '../link/relay/relaying.ts';
import type { LinkContacts } from '../link/types.ts';
import type { OutsideStatus } from '../link/udp/outside.ts';
import { createUdpEndpoint } from '../link/udp/udp-endpoint.ts';
import type { ConfigFile } from './config-file.ts';
import { createPeerRelaying } from './relay.ts';

export interface PathSources {
  /** In the order in which they are tried. */
  readonly all: readonly PathSource[];
  readonly relaying: Relaying;
  /** `host:port` of every address this peer listens on. */
  udpAddresses(): string[];
  /** The UDP port that is bound; 0: none. */
  udpPort(): number;
  /** What routers and STUN servers say of the UDP port; undefined: UDP is switched off. */
  outside(): OutsideStatus | undefined;
  /** Keeps the UDP port that the system chose, for the next start: what contacts know stays good. */
  remember(): void;
}

/** The ways of carrying datagrams that the configuration asks for. One admission decides for all of them. */
export function createPathSources(options: {
  readonly config: ConfigFile;
  readonly identity: Identity;
  readonly name: () => string;
  readonly contacts: LinkContacts;
  /** The stored ones. */
  readonly stored: Contacts;
  /** Asked for when they are there. */
  readonly links: () => RelayLinks;
  readonly deployments: Deployments;
  readonly now: () => number;
  readonly log: Log;
}): PathSources {
  const { config, identity: signer, name, contacts, deployments, now, log } = options;
  const { udp, relay } = config.value;
  const admission = createAdmission({ signer, name, contacts, now });
  const dial = (to: PeerKey): PendingDial =>
    createDial({ signer, name: name(), to, contacts, now: now() });
  const endpoint = udp.enabled
    ? createUdpEndpoint({
        port: udp.port ?? 0,
        ...(udp.port === undefined && { preferredPort: udp.lastPort ?? 0 }),
        admission,
        cookies: createCookieJar(signer.derive('udp cookies'), now),
        createDial: dial,
        now,
        log,
        // Off means that nothing is said to the network, and its router is part of it.
        mapPort: udp.mapPort && process.env.SKERRY_DISCOVERY !== 'off',
        stun: udp.stun,
        seenAs: () => deployments.configured.flatMap(({ connection }) => connection.seenAs ?? []),
      })
    : undefined;
  // Contacts may be reachable over a server that only they name, so this one is always there.
  const nats = createNatsSource({
    deployments,
    signer,
    name,
    version: packageVersion(),
    contacts,
    admission,
    now,
  });
  const relaying = createPeerRelaying({
    identity: signer,
    config: relay,
    contacts: options.stored,
    wanted: () => contacts.wanted(),
    links: options.links,
    admission,
    createDial: dial,
    now,
    log,
  });
  const all = [nats, relaying.source];
  return {
    all: endpoint === undefined ? all : [endpoint, ...all],
    relaying,
    udpAddresses: () =>
      (endpoint?.ways() ?? []).flatMap((way) => {
        if (way.kind !== 'udp') return [];
        return `${way.host.includes(':') ? `[${way.host}]` : way.host}:${way.port}`;
      }),
    udpPort: () => endpoint?.port ?? 0,
    outside: () => endpoint?.outside(),
    remember() {
      if (endpoint === undefined || udp.port !== undefined) return;
      if (endpoint.port !== udp.lastPort) config.update({ udp: { lastPort: endpoint.port } });
    },
  };
}
