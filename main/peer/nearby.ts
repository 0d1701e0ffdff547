/** Who is on the local network, and asking them to become contacts: discovery, for people. */
import { Emitter } from '../base/emitter.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Contact, Contacts, ContactState, Identity, PeerKey } from '../identity/types.ts';
import { Discovery, type TransientWays } from '../link/discovery/discovery.ts';
import type { Fingerprint } from '../link/discovery/fingerprint.ts';
import type { Config } from './config.ts';
import { PeerError } from './errors.ts';

export type NearbySettings = Config['discovery'];

/** Somebody on the local network, or with whom a fingerprint was drawn lately. */
export interface Nearby {
  readonly key: PeerKey;
  /** What the peer calls itself; null while it keeps that to itself. Untrusted. */
  readonly name: string | null;
  /** The trust state of the key here, or null for a stranger. */
  readonly state: ContactState | null;
  /** Milliseconds since 1970; null when it is not on the network now. */
  readonly seenAt: number | null;
  /** `host:port`. */
  readonly addresses: readonly string[];
  /** To be compared with what the other side shows. */
  readonly fingerprint: Fingerprint | null;
}

export interface PeerNearby {
  list(): Nearby[];
  get(key: PeerKey): Nearby | undefined;
  /**
   * Asks a peer that is here to become a contact, and draws a fingerprint with it: up to 5 s.
   * Throws PeerError `not-nearby`, and as `PeerContacts.add`.
   */
  ask(key: PeerKey, signal: AbortSignal): Promise<Contact>;
  settings(): NearbySettings;
  /** Written to the configuration. Resolves when the networks know. */
  set(change: Partial<NearbySettings>): Promise<void>;
  /** The machine woke, or has other networks. */
  networkChanged(): void;
  /** Something about this peer is new, or it is gone. */
  onChange(listener: (key: PeerKey) => void): () => void;
}

export interface NearbyOptions {
  readonly identity: Identity;
  readonly contacts: Contacts;
  readonly name: () => string;
  /** The UDP port that takes dials; 0: none. */
  readonly port: () => number;
  readonly settings: () => NearbySettings;
  readonly save: (change: Partial<NearbySettings>) => void;
  /** As `PeerContacts.add` for a bare key. */
  readonly add: (key: PeerKey, signal: AbortSignal) => Promise<Contact>;
  /** Dials now, unless there is a link. */
  readonly connect: (key: PeerKey) => Promise<void>;
  readonly now: () => number;
  readonly log: Log;
}

export interface NearbyPart extends PeerNearby {
  readonly ways: TransientWays;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Nothing is opened before `start`. */
export function createNearby(options: NearbyOptions): NearbyPart {
  const { identity, contacts, name, port, now, log } = options;
  const changes = new Emitter<{ change: [key: PeerKey] }>();
  const stateOf = (key: PeerKey): ContactState | undefined => contacts.get(key)?.state;
  const isWanted = (key: PeerKey): boolean => {
    const state = stateOf(key);
    return state === 'accepted' || state === 'invited';
  };
  const isOff = process.env.SKERRY_DISCOVERY === 'off';
  const settings = (): NearbySettings => ({
    ...options.settings(),
    ...(isOff && { lan: 'off' as const }),
  });
  const discovery = new Discovery({
    identity,
    port,
    name,
    visibility: settings,
    // Those seen last first: where not all of them fit, they are the ones.
    contacts: () =>
      contacts
        .list()
        .filter(({ state }) => state === 'accepted' || state === 'invited')
        .sort((a, b) => (b.lastSeenAt ?? b.addedAt) - (a.lastSeenAt ?? a.addedAt))
        .map(({ key }) => key),
    isKnown: (key) => {
      const state = stateOf(key);
      return state !== undefined && state !== 'blocked';
    },
    now,
    log,
  });
  const tell = (key: PeerKey): void => changes.emit('change', key);

  discovery.on('seen', ({ key }, isNewcomer) => {
    tell(key);
    if (!isWanted(key)) return;
    options.connect(key).catch((error: unknown) => {
      log.debug({ peer: key, reason: messageOf(error) }, 'nearby: no link yet');
    });
    const isDrawn = discovery.fingerprintOf(key) !== undefined;
    if (stateOf(key) === 'invited' && (isNewcomer || !isDrawn)) void discovery.acquaint(key);
  });
  discovery.on('gone', tell);
  discovery.on('fingerprint', tell);
  let unfollow: (() => void) | undefined;

  const view = (key: PeerKey): Nearby | undefined => {
    const seen = discovery.get(key);
    const contact = contacts.get(key);
    const isAsking = contact?.state === 'requested' || contact?.state === 'invited';
    const drawn = discovery.fingerprintOf(key);
    if (contact?.state === 'blocked') return undefined;
    if (seen === undefined && !(isAsking && drawn !== undefined)) return undefined;
    return {
      key,
      name: contact?.name ?? seen?.name ?? null,
      state: contact?.state ?? null,
      seenAt: seen?.seenAt ?? null,
      addresses: (seen?.addresses ?? []).map(({ host, port: at }) =>
        host.includes(':') ? `[${host}]:${at}` : `${host}:${at}`,
      ),
      fingerprint: drawn ?? null,
    };
  };

  return {
    ways: discovery,
    list: () => {
      const keys = new Set([...discovery.list().map(({ key }) => key), ...discovery.acquainted()]);
      return [...keys].flatMap((key) => view(key) ?? []);
    },
    get: view,
    async ask(key, signal) {
      const seen = discovery.get(key);
      if (seen === undefined) {
        throw new PeerError('not-nearby', `No peer with the key ${key.slice(0, 8)}… is nearby.`);
      }
      const isStranger = contacts.get(key) === undefined;
      const drawn = discovery.acquaint(key);
      const added = options.add(key, signal);
      // The name that the stranger shows is better than the start of its key.
      if (isStranger && seen.name !== undefined && contacts.get(key) !== undefined) {
        contacts.put(key, { name: seen.name });
      }
      const [, contact] = await Promise.all([drawn, added]);
      return contacts.get(key) ?? contact;
    },
    settings,
    async set(change) {
      options.save(change);
      await discovery.refresh();
    },
    networkChanged: () => discovery.networkChanged(),
    onChange: (listener) => changes.on('change', listener),
    async start() {
      unfollow ??= contacts.onChange((key, contact) => {
        if (contact === undefined) discovery.forget(key);
        void discovery.contactsChanged();
        tell(key);
      });
      await discovery.start();
    },
    async stop() {
      unfollow?.();
      unfollow = undefined;
      await discovery.stop();
    },
  };
}
