import { messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { PeerKey } from '../../identity/types.ts';
import { LinkError } from '../../link/errors.ts';
import type { Links, Stream } from '../../link/types.ts';
import { defaults } from '../../router/defaults.ts';
import type { PermissionOptions } from '../../router/options.ts';
import type { Router } from '../../router/router.ts';
import { duplexOf } from './link-duplex.ts';
import type { RouterConfig } from './router-config.ts';

export const LEAF_PROTOCOL = '/nats/leaf/1';

/** A connection that ended while the link stays is made again after this long. */
const RETRY_MS = 5_000;

type Leaf = RouterConfig['leaves'][number];

/** This router and those of contacts as one, where the configuration says so; this peer's own account takes part. */
export class LeafStreams {
  readonly #router: Router;
  readonly #links: Links;
  readonly #leaves: ReadonlyMap<PeerKey, Leaf>;
  readonly #log: Log;
  readonly #stop = new AbortController();
  /** Contacts that this side is dialling, or connected to. */
  readonly #dialled = new Set<PeerKey>();
  readonly #ends: (() => void)[];

  constructor(router: Router, links: Links, leaves: readonly Leaf[], log: Log) {
    this.#router = router;
    this.#links = links;
    this.#leaves = new Map(leaves.map((leaf) => [leaf.peer, leaf]));
    this.#log = log;
    this.#ends = [
      links.handle(LEAF_PROTOCOL, (stream) => this.#accept(stream)),
      links.on('up', (peer) => void this.#dial(peer)),
    ];
  }

  close(): void {
    this.#stop.abort();
    for (const end of this.#ends) end();
  }

  async #accept(stream: Stream): Promise<void> {
    const leaf = this.#leaves.get(stream.peer);
    if (leaf === undefined || leaf.dial) {
      throw new LinkError('stream-refused', 'This contact may not join its router to ours.');
    }
    const { ended } = this.#router.connectLeaf(duplexOf(stream), {
      role: 'accept',
      account: defaults.globalAccount,
      peer: stream.peer,
      permissions: permissionsOf(leaf),
    });
    await ended;
  }

  async #dial(peer: PeerKey): Promise<void> {
    const leaf = this.#leaves.get(peer);
    if (leaf?.dial !== true || this.#dialled.has(peer)) return;
    const { signal } = this.#stop;
    this.#dialled.add(peer);
    try {
      while (!signal.aborted && this.#links.get(peer) !== undefined) {
        await this.#connect(leaf, signal).catch((error: unknown) =>
          this.#log.debug({ peer, reason: messageOf(error) }, 'router: the leaf connection ended'),
        );
        await wait(RETRY_MS, signal);
      }
    } finally {
      this.#dialled.delete(peer);
    }
    // The link came back while this one was given up.
    if (!signal.aborted && this.#links.get(peer) !== undefined) void this.#dial(peer);
  }

  async #connect({ peer }: Leaf, signal: AbortSignal): Promise<void> {
    const stream = await this.#links.openStream(peer, LEAF_PROTOCOL, { signal });
    const { ended } = this.#router.connectLeaf(duplexOf(stream), {
      role: 'solicit',
      account: defaults.globalAccount,
      peer,
    });
    await ended;
  }
}

function permissionsOf({ subjects }: Leaf): PermissionOptions {
  return { publish: { allow: subjects }, subscribe: { allow: subjects } };
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    timer.unref();
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}
