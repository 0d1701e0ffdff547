/** Whole peers in this process, linked over UDP on loopback. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../../main/base/log.ts';
import type { ConfigInput } from '../../main/peer/config.ts';
import { startPeer } from '../../main/peer/peer.ts';
import type { Peer } from '../../main/peer/types.ts';

const log = createLog(process.env['SKERRY_TEST_LOG'] ?? 'silent');

export class TestPeers {
  readonly #folder = mkdtempSync(join(tmpdir(), 'skerry-peers-'));
  readonly #peers: Peer[] = [];

  /** Starts a peer; the same name gives the same home again. */
  async start(name: string, config: ConfigInput = {}): Promise<Peer> {
    const peer = await startPeer({
      home: join(this.#folder, name),
      config: { name, udp: { port: 0 }, discovery: { lan: 'off' }, ...config },
      log,
    });
    this.#peers.push(peer);
    return peer;
  }

  path(name: string): string {
    return join(this.#folder, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#peers.map((peer) => peer.stop()));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Makes two peers each other's contacts, and waits for the link. */
export async function introduce(host: Peer, guest: Peer): Promise<void> {
  const { link } = host.contacts.createInvite();
  await guest.contacts.add(link, undefined, AbortSignal.timeout(10_000));
  await until(
    () => host.links.get(guest.key) !== undefined && guest.links.get(host.key) !== undefined,
    'the link',
  );
  await until(() => host.contacts.get(guest.key)?.state === 'accepted', 'the contact');
}

export async function until(holds: () => boolean, what: string): Promise<void> {
  for (const end = Date.now() + 15_000; !holds();) {
    if (Date.now() > end) throw new Error(`did not come: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
