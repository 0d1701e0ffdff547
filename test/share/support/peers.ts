/** Peers that share in memory, with real stores and real files. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../../../main/base/log.ts';
import { encodeNKey } from '../../../main/base/nkey.ts';
import { signWith } from '../../../main/base/signature.ts';
import type { PeerKey, Signer } from '../../../main/identity/types.ts';
import type { Links } from '../../../main/link/types.ts';
import { createSharing } from '../../../main/share/sharing.ts';
import type { Offer, Sharing, Transfer } from '../../../main/share/types.ts';
import { openStore, type Store } from '../../../main/store/open.ts';
import type { Platform } from '../../../main/share/safe-path.ts';
import { LinkedPeers } from './linked-peers.ts';

export const log = createLog(process.env['SKERRY_TEST_LOG'] ?? 'silent');

export function makeSigner(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  return {
    key: encodeNKey('account', raw),
    sign: (domain, message) => signWith(privateKey, domain, message),
  };
}

/** Contacts that a test accepts and blocks. */
export class TestContacts {
  readonly #accepted = new Set<PeerKey>();
  readonly #listeners = new Set<(key: PeerKey) => void>();

  isAccepted(key: PeerKey): boolean {
    return this.#accepted.has(key);
  }

  acceptedKeys(): PeerKey[] {
    return [...this.#accepted];
  }

  onChange(listener: (key: PeerKey) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  set(key: PeerKey, accepted: boolean): void {
    if (accepted) this.#accepted.add(key);
    else this.#accepted.delete(key);
    for (const listener of this.#listeners) listener(key);
  }
}

export interface TestPeer {
  readonly key: PeerKey;
  readonly signer: Signer;
  readonly home: string;
  readonly downloads: string;
  readonly contacts: TestContacts;
  readonly links: Links;
  store: Store;
  sharing: Sharing;
  /** Stops sharing and starts it again over the same store. */
  restart(): Promise<void>;
}

export interface TestPair {
  readonly dir: string;
  readonly link: LinkedPeers;
  readonly a: TestPeer;
  readonly b: TestPeer;
  dispose(): Promise<void>;
}

/** Two peers that accepted each other and are linked. */
export async function makePair(
  options: { platform?: Platform; linked?: boolean } = {},
): Promise<TestPair> {
  const dir = await mkdtemp(join(tmpdir(), 'skerry-share-'));
  const signers = [makeSigner(), makeSigner()] as const;
  const link = new LinkedPeers(signers[0].key, signers[1].key);
  if (options.linked === false) link.cut();
  const make = async (
    signer: Signer,
    other: PeerKey,
    links: Links,
    name: string,
  ): Promise<TestPeer> => {
    const home = await mkdtemp(join(dir, `${name}-`));
    const contacts = new TestContacts();
    contacts.set(other, true);
    const start = (store: Store): Promise<Sharing> =>
      createSharing({
        links,
        store,
        signer,
        contacts,
        log,
        ...(options.platform && { platform: options.platform }),
      });
    const store = openStore(join(home, 'store.db'));
    const peer: TestPeer = {
      key: signer.key,
      signer,
      home,
      downloads: join(home, 'downloads'),
      contacts,
      links,
      store,
      sharing: await start(store),
      restart: async () => {
        await peer.sharing[Symbol.asyncDispose]();
        peer.store.close();
        peer.store = openStore(join(home, 'store.db'));
        peer.sharing = await start(peer.store);
      },
    };
    return peer;
  };
  const a = await make(signers[0], signers[1].key, link.a, 'a');
  const b = await make(signers[1], signers[0].key, link.b, 'b');
  return {
    dir,
    link,
    a,
    b,
    dispose: async () => {
      await b.sharing[Symbol.asyncDispose]();
      await a.sharing[Symbol.asyncDispose]();
      a.store.close();
      b.store.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Waits until `look` finds something; looks again at each event of `sharing`, and every 20 ms. */
export async function until<T>(
  look: () => T | undefined | false,
  what: string,
  ms = 20_000,
): Promise<T> {
  const end = performance.now() + ms;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export function readyOffer(peer: TestPeer, id: string): Promise<Offer> {
  return until(
    () => peer.sharing.offers().find((offer) => offer.id === id && offer.state === 'ready'),
    `the offer ${id}`,
  );
}

export function readyShare(peer: TestPeer, id: string): Promise<unknown> {
  return until(
    () => peer.sharing.shares().find((share) => share.id === id && share.state === 'ready'),
    `the share ${id}`,
  );
}

export function transferOf(peer: TestPeer, id: string): Transfer {
  const transfer = peer.sharing.transfers().find((one) => one.id === id);
  if (transfer === undefined) throw new Error(`no transfer ${id}`);
  return transfer;
}

/** Cuts the link in the middle of a write of the source, as soon as this is so. */
export async function cutWhen(pair: TestPair, isTime: () => boolean): Promise<void> {
  pair.link.tap = (from, bytes) => {
    if (from === 'a' && pair.link.up && isTime()) pair.link.cut();
    return bytes;
  };
  await until(() => !pair.link.up, 'the cut');
  pair.link.tap = undefined;
}

/** Waits for the end of a download, whichever. */
export function ended(peer: TestPeer, id: string, ms?: number): Promise<Transfer> {
  return until(
    () => {
      const transfer = transferOf(peer, id);
      return ['done', 'failed', 'cancelled'].includes(transfer.state) ? transfer : undefined;
    },
    `the end of ${id}: ${JSON.stringify(transferOf(peer, id))}`,
    ms,
  );
}
