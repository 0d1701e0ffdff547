/** Whole peers that relay for each other, over UDP on loopback. */
import { createHash, randomBytes } from 'node:crypto';
import { vi } from 'vitest';
import type { PeerKey, Way } from '../../../main/identity/types.ts';
import { Backoff } from '../../../main/link/backoff.ts';
import { createLinks, type LinkManager } from '../../../main/link/links.ts';
import type { RelayLinks } from '../../../main/link/relay/open-through.ts';
import type { RelayLimits } from '../../../main/link/relay/relay-service.ts';
import { createRelaying, type Relaying } from '../../../main/link/relay/relaying.ts';
import { createAdmission } from '../../../main/link/session/admission.ts';
import { createCookieJar } from '../../../main/link/session/cookie.ts';
import { createDial } from '../../../main/link/session/dial.ts';
import type { Stream } from '../../../main/link/types.ts';
import { createUdpEndpoint } from '../../../main/link/udp/udp-endpoint.ts';
import { createTestIdentity, log, MemoryContacts } from '../links-support.ts';

/** Several whole peers in one process: on a busy machine that takes its time. */
vi.setConfig({ testTimeout: 120_000 });

/** Contacts in memory, with the ways that relays offer, and without those that the other side names. */
class RelayedContacts extends MemoryContacts {
  relaying: Relaying | undefined;
  /** Those whose own ways are never tried: there is no direct path to them. */
  readonly hidden = new Set<PeerKey>();

  override waysOf(key: PeerKey): readonly Way[] {
    const own = this.hidden.has(key)
      ? []
      : super.waysOf(key).filter(({ kind }) => kind !== 'relay');
    return [...own, ...(this.relaying?.waysOf(key) ?? [])];
  }

  override onChange(listener: (key: PeerKey) => void): () => void {
    const ends = [super.onChange(listener), this.relaying?.onSeen(listener)];
    return () => {
      for (const end of ends) end?.();
    };
  }
}

export interface RelayPeer {
  readonly name: string;
  readonly key: PeerKey;
  readonly contacts: RelayedContacts;
  readonly links: LinkManager;
  readonly relaying: Relaying;
  readonly events: string[];
  readonly port: () => number;
  /** Others hear of these ways to this peer. */
  tellWays(ways: Way[]): void;
  /** Switches relaying on or off for a contact. */
  allow(peer: PeerKey, on?: boolean): void;
}

export const WIDE: RelayLimits = { perContact: 32, total: 128, bytesPerSecond: 1e9 };

const open = new Set<RelayPeer>();

/** @param spoil what a dishonest contact makes of the datagrams that it passes on, each with its length in front */
export async function createRelayPeer(
  name: string,
  limits: RelayLimits = WIDE,
  spoil?: (frames: Buffer[]) => Buffer[],
): Promise<RelayPeer> {
  const identity = await createTestIdentity();
  const contacts = new RelayedContacts();
  const allowed = new Set<PeerKey>();
  const listeners = new Set<() => void>();
  const now = Date.now;
  const admission = createAdmission({ signer: identity, name: () => name, contacts, now });
  const dial = (to: PeerKey) => createDial({ signer: identity, name, to, contacts, now: now() });
  const endpoint = createUdpEndpoint({
    port: 0,
    host: '127.0.0.1',
    admission,
    cookies: createCookieJar(randomBytes(32), now),
    createDial: dial,
    now,
    log,
  });
  // Nobody is told where this peer is: its contacts know, or they do not.
  let ways: Way[] = [];
  endpoint.ways = () => ways;
  const relaying = createRelaying({
    self: identity.key,
    links: () => (spoil === undefined ? links : spoiled(links, spoil)),
    admission,
    createDial: dial,
    allows: (peer) => allowed.has(peer) && contacts.stateOf(peer) === 'accepted',
    onAllows: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    wanted: () => contacts.wanted(),
    limits,
    now,
    log,
  });
  contacts.relaying = relaying;
  const links: LinkManager = createLinks({
    identity,
    name: () => name,
    version: '0.0.0-test',
    contacts,
    sources: [endpoint, relaying.source],
    log,
    now,
    createBackoff: () => new Backoff({ firstMs: 50, maxMs: 400 }),
  });
  const events: string[] = [];
  links.on('up', (peer) => events.push(`up ${peer}`));
  links.on('down', (peer) => events.push(`down ${peer}`));
  await links.start();
  const peer: RelayPeer = {
    name,
    key: identity.key,
    contacts,
    links,
    relaying,
    events,
    port: () => endpoint.port,
    tellWays(now) {
      ways = now;
      links.networkChanged();
    },
    allow(key, on = true) {
      if (on) allowed.add(key);
      else allowed.delete(key);
      for (const listener of [...listeners]) listener();
    },
  };
  open.add(peer);
  return peer;
}

/** Links whose relayed datagrams pass through `spoil` on their way out. */
function spoiled(links: LinkManager, spoil: (frames: Buffer[]) => Buffer[]): RelayLinks {
  const wrap = (stream: Stream, opening: number): Stream => {
    let writes = 0;
    return {
      peer: stream.peer,
      protocol: stream.protocol,
      header: stream.header,
      read: (target, signal) => stream.read(target, signal),
      end: () => stream.end(),
      abort: () => stream.abort(),
      write: async (bytes, signal) => {
        writes += 1;
        if (writes <= opening) return stream.write(bytes, signal);
        const out = Buffer.concat(spoil(framesOf(bytes)));
        if (out.length > 0) await stream.write(out, signal);
      },
    };
  };
  return {
    openStream: async (...args) => wrap(await links.openStream(...args), 0),
    // The answer to the opening comes first.
    handle: (protocol, handler) => links.handle(protocol, (stream) => handler(wrap(stream, 1))),
    announce: (...args) => links.announce(...args),
    on: (...args) => links.on(...args),
    get: (peer) => links.get(peer),
    list: () => links.list(),
    pathOf: (peer) => links.pathOf(peer),
  };
}

function framesOf(bytes: Uint8Array): Buffer[] {
  const all = Buffer.from(bytes);
  const frames: Buffer[] = [];
  for (let at = 0; at < all.length;) {
    const end = at + 2 + all.readUInt16BE(at);
    frames.push(Buffer.from(all.subarray(at, end)));
    at = end;
  }
  return frames;
}

export async function stopRelayPeers(): Promise<void> {
  await Promise.all([...open].map(({ links }) => links.stop()));
  open.clear();
}

/** A direct link between the two, who relay for each other. */
export async function befriend(a: RelayPeer, b: RelayPeer): Promise<void> {
  b.contacts.put(a.key, 'accepted', []);
  a.contacts.put(b.key, 'accepted', [{ kind: 'udp', host: '127.0.0.1', port: b.port() }]);
  a.allow(b.key);
  b.allow(a.key);
  await linked(a, b);
}

/** Contacts who know no way to each other. */
export function acquaint(a: RelayPeer, b: RelayPeer): void {
  b.contacts.put(a.key, 'accepted', []);
  a.contacts.put(b.key, 'accepted', []);
}

export async function linked(a: RelayPeer, b: RelayPeer, timeout = 40_000): Promise<void> {
  await until(
    () => a.links.get(b.key) !== undefined && b.links.get(a.key) !== undefined,
    `${a.name} and ${b.name} are not linked`,
    timeout,
  );
  // Where both dialled at once on a busy machine, one of the two links gives way to the other.
  const events = (): number => a.events.length + b.events.length;
  for (let before = -1; before !== events();) {
    before = events();
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

export async function until(holds: () => boolean, what: string, timeout = 40_000): Promise<void> {
  await vi.waitFor(
    () => {
      if (!holds()) throw new Error(what);
    },
    { timeout, interval: 10 },
  );
}

/** Serves `/test/blob/1`: so many bytes, the same ones for the same seed, and their hash. */
export function serveBlob(peer: RelayPeer, bytes: Buffer): void {
  peer.links.handle('/test/blob/1', async (stream) => {
    for (let at = 0; at < bytes.length; at += 65_536) {
      await stream.write(bytes.subarray(at, at + 65_536));
    }
  });
}

/** Reads a stream to its end. @param onBytes told how many have come so far */
export async function fetchHash(
  from: RelayPeer,
  to: RelayPeer,
  onBytes: (count: number) => void = () => undefined,
): Promise<string> {
  const stream = await from.links.openStream(to.key, '/test/blob/1');
  const hash = createHash('sha256');
  const part = Buffer.alloc(65_536);
  let total = 0;
  for (;;) {
    const count = await stream.read(part);
    if (count === 0) return hash.digest('hex');
    hash.update(part.subarray(0, count));
    total += count;
    onBytes(total);
  }
}

export const sha256 = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');
