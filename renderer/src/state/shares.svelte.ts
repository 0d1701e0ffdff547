import type { HostFolder, Params, ShareInfo } from '../../../main/api/contract.ts';
import type { Api } from './api.ts';
import { LiveList } from './live-list.svelte.ts';

/** What this peer offers to others. */
export class Shares {
  readonly list = new LiveList<ShareInfo>((share) => share.id);
  /** Newest first. */
  readonly sorted = $derived(
    [...this.list.map.values()].sort(
      (a, b) => b.createdAt - a.createdAt || a.id.localeCompare(b.id),
    ),
  );
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  refetch(): Promise<void> {
    return this.list.refetch(() => this.#api.call('shares.list', {}));
  }

  async add(params: Params<'shares.add'>): Promise<ShareInfo> {
    const share = await this.#api.call('shares.add', params);
    this.list.apply(share.id, share);
    return share;
  }

  async remove(id: string): Promise<void> {
    await this.#api.call('shares.remove', { id });
    this.list.apply(id, null);
  }

  /** A folder of the peer's machine; its user's home without a path. */
  hostFolder(path: string | undefined, signal: AbortSignal): Promise<HostFolder> {
    return this.#api.call('host.folder', path === undefined ? {} : { path }, { signal });
  }
}
