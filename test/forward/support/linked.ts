/** Forwarding on real links over UDP, without the rest of a peer, so that a test can break the rules. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { vi } from 'vitest';
import { createForwarding } from '../../../main/forward/forwarding.ts';
import type { Forwarding } from '../../../main/forward/types.ts';
import { openStore, type Store } from '../../../main/store/open.ts';
import { bothUp, createTestPeer, stopTestPeers, type TestPeer } from '../../link/links-support.ts';

export interface Forwarder {
  readonly peer: TestPeer;
  readonly forwarding: Forwarding;
  /** What was logged from `info` on. */
  readonly logged: Record<string, unknown>[];
}

const running: { forwarding: Forwarding; store: Store }[] = [];
const folders: string[] = [];

/** A peer that forwards, started. Contacts that are `removed` in memory are `requested`. */
export async function createForwarder(name: string): Promise<Forwarder> {
  const peer = await createTestPeer({ name });
  const store = openStore(':memory:');
  const logged: Record<string, unknown>[] = [];
  const log = pino(
    { level: 'info' },
    { write: (line: string) => void logged.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const { contacts, links } = peer;
  const forwarding = await createForwarding({
    links,
    store,
    contacts: {
      isAccepted: (key) => contacts.stateOf(key) === 'accepted',
      isKnown: (key) => contacts.stateOf(key) !== 'requested',
      onChange: (listener) => contacts.onChange(listener),
    },
    log,
    privateFolders: [temporaryFolder()],
    now: Date.now,
  });
  running.push({ forwarding, store });
  await links.start();
  return { peer, forwarding, logged };
}

/** Makes them each other's contacts and waits for the link. */
export async function link(host: Forwarder, guest: Forwarder): Promise<void> {
  host.peer.contacts.put(guest.peer.key, 'accepted');
  guest.peer.contacts.put(host.peer.key, 'accepted', [host.peer.way()]);
  await bothUp(host.peer, guest.peer);
}

export async function stopForwarders(): Promise<void> {
  await Promise.all(running.map(({ forwarding }) => forwarding[Symbol.asyncDispose]()));
  await stopTestPeers();
  for (const { store } of running.splice(0)) store.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-forward-'));
  folders.push(folder);
  return folder;
}

export async function eventually(holds: () => void): Promise<void> {
  await vi.waitFor(holds, { timeout: 10_000, interval: 10 });
}
