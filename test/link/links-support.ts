/** Whole peers for tests of the UDP endpoint and the links: real keys, certificates and sockets on loopback. */
import { randomBytes } from 'node:crypto';
import { vi } from 'vitest';
import { createLog } from '../../main/base/log.ts';
import { createIdentity } from '../../main/identity/peer-identity.ts';
import type { ContactState, Identity, PeerKey, Way } from '../../main/identity/types.ts';
import { Backoff } from '../../main/link/backoff.ts';
import { createLinks, type LinkManager } from '../../main/link/links.ts';
import { createAdmission } from '../../main/link/session/admission.ts';
import { createCookieJar } from '../../main/link/session/cookie.ts';
import { createDial } from '../../main/link/session/dial.ts';
import type { LinkContacts, Stream } from '../../main/link/types.ts';
import { createUdpEndpoint, type UdpEndpoint } from '../../main/link/udp/udp-endpoint.ts';

export const log = createLog(process.env.SKERRY_TEST_LOG ?? 'silent');

export async function createTestIdentity(): Promise<Identity> {
  const { identity } = await createIdentity({
    accountSeed: randomBytes(32),
    userSeed: randomBytes(32),
    createdAt: Date.now(),
  });
  return identity;
}

/** Contacts in memory. */
export class MemoryContacts implements LinkContacts {
  readonly linked: { key: PeerKey; name: string; ways: readonly Way[] }[] = [];
  readonly #contacts = new Map<PeerKey, { state: ContactState; ways: readonly Way[] }>();
  readonly #listeners = new Set<(key: PeerKey) => void>();

  put(key: PeerKey, state: ContactState, ways: readonly Way[] = this.waysOf(key)): void {
    this.#contacts.set(key, { state, ways });
    for (const listener of this.#listeners) listener(key);
  }

  stateOf(key: PeerKey): ContactState | undefined {
    return this.#contacts.get(key)?.state;
  }

  waysOf(key: PeerKey): readonly Way[] {
    return this.#contacts.get(key)?.ways ?? [];
  }

  wanted(): PeerKey[] {
    return [...this.#contacts].flatMap(([key, { state }]) =>
      state === 'accepted' || state === 'invited' ? [key] : [],
    );
  }

  noteRequest(): void {
    // Strangers are tested with the session establishment.
  }

  noteLinked(key: PeerKey, name: string, ways: readonly Way[]): void {
    this.linked.push({ key, name, ways });
    this.put(key, 'accepted', ways.length > 0 ? ways : this.waysOf(key));
  }

  redeem(): boolean {
    return false;
  }

  inviteProof(): undefined {
    return undefined;
  }

  onChange(listener: (key: PeerKey) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

export interface TestPeer {
  readonly identity: Identity;
  readonly key: PeerKey;
  readonly contacts: MemoryContacts;
  readonly endpoint: UdpEndpoint;
  readonly links: LinkManager;
  /** What happened, in order: `up`, `down`, `announcement`. */
  readonly events: string[];
  way(): Way;
}

const open = new Set<{ links: LinkManager; endpoint: UdpEndpoint }>();

/** An endpoint on loopback that answers dials. */
export function createTestEndpoint(
  identity: Identity,
  contacts: LinkContacts,
  port = 0,
  preferredPort = 0,
): UdpEndpoint {
  const now = Date.now;
  return createUdpEndpoint({
    port,
    preferredPort,
    host: '127.0.0.1',
    admission: createAdmission({ signer: identity, name: () => 'Test', contacts, now }),
    cookies: createCookieJar(randomBytes(32), now),
    createDial: (to) => createDial({ signer: identity, name: 'Test', to, contacts, now: now() }),
    now,
    log,
  });
}

/** A peer that is not started yet. */
export async function createTestPeer(
  options: { name?: string; port?: number; identity?: Identity; contacts?: MemoryContacts } = {},
): Promise<TestPeer> {
  const { name = 'Test', contacts = new MemoryContacts() } = options;
  const identity = options.identity ?? (await createTestIdentity());
  const endpoint = createTestEndpoint(identity, contacts, options.port);
  const links = createLinks({
    identity,
    name: () => name,
    version: '0.0.0-test',
    contacts,
    sources: [endpoint],
    log,
    now: Date.now,
    createBackoff: () => new Backoff({ firstMs: 50, maxMs: 400 }),
  });
  const events: string[] = [];
  links.on('up', () => events.push('up'));
  links.on('down', () => events.push('down'));
  links.on('announcement', (_peer, topic) => events.push(`announcement ${topic}`));
  open.add({ links, endpoint });
  return {
    identity,
    key: identity.key,
    contacts,
    endpoint,
    links,
    events,
    way: () => ({ kind: 'udp', host: '127.0.0.1', port: endpoint.port }),
  };
}

/** Two started peers that are each other's contacts; only the first knows a way. */
export async function createLinkedPeers(): Promise<[TestPeer, TestPeer]> {
  const [a, b] = [await createTestPeer({ name: 'Ada' }), await createTestPeer({ name: 'Bob' })];
  await a.links.start();
  await b.links.start();
  b.contacts.put(a.key, 'accepted');
  a.contacts.put(b.key, 'accepted', [b.way()]);
  await bothUp(a, b);
  return [a, b];
}

export async function bothUp(a: TestPeer, b: TestPeer): Promise<void> {
  await vi.waitFor(
    () => {
      if (a.links.get(b.key) === undefined || b.links.get(a.key) === undefined) {
        throw new Error('not linked');
      }
    },
    { timeout: 10_000, interval: 5 },
  );
}

export async function stopTestPeers(): Promise<void> {
  for (const { links, endpoint } of open) {
    await links.stop();
    await endpoint.close();
  }
  open.clear();
}

/** Reads until the end. */
export async function readAll(stream: Pick<Stream, 'read'>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (;;) {
    const part = Buffer.alloc(64 * 1024);
    const count = await stream.read(part);
    if (count === 0) return Buffer.concat(parts);
    parts.push(part.subarray(0, count));
  }
}

export async function codeOfRejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return (error as { code?: unknown }).code ?? error;
  }
  throw new Error('it did not reject');
}
