import type { TransferInfo } from '../../../main/api/contract.ts';
import { isActive, stageAnnouncement } from '../format/transfer.ts';
import type { Api } from './api.ts';
import { contentOf, latestByContent } from './content.ts';
import { LiveList } from './live-list.svelte.ts';
import type { Notices } from './notices.svelte.ts';

/** The downloads of this peer. */
export class Transfers {
  readonly list = new LiveList<TransferInfo>((transfer) => transfer.id);
  readonly #sorted = $derived(
    [...this.list.map.values()].sort(
      (a, b) => b.startedAt - a.startedAt || a.id.localeCompare(b.id),
    ),
  );
  readonly active = $derived(this.#sorted.filter(isActive));
  readonly ended = $derived(this.#sorted.filter((transfer) => !isActive(transfer)));
  readonly rateBytesPerSecond = $derived(
    this.active.reduce((sum, transfer) => sum + transfer.rateBytesPerSecond, 0),
  );
  /** The newest transfer of each thing that can be downloaded. */
  readonly #latest = $derived(latestByContent(this.#sorted));
  readonly #api: Api;
  readonly #notices: Notices;

  constructor(api: Api, notices: Notices) {
    this.#api = api;
    this.#notices = notices;
  }

  refetch(): Promise<void> {
    return this.list.refetch(() => this.#api.call('transfers.list', {}));
  }

  /** Takes an event; stages are announced when they change, never every step of progress. */
  apply(id: string, data: TransferInfo | null): void {
    const before = this.list.map.get(id)?.state;
    this.list.apply(id, data);
    if (data === null || before === data.state) return;
    const words = stageAnnouncement(data);
    if (words !== null) this.#notices.say(words);
  }

  /** The newest transfer of exactly this file, folder or share. */
  latest(peer: string, share: string, path: string): TransferInfo | undefined {
    return this.#latest.get(contentOf({ peer, share, path }));
  }

  async start(peer: string, share: string, path: string): Promise<void> {
    const transfer = await this.#api.call('transfers.start', { peer, share, path });
    // Its first events may have come before the answer, and are newer.
    if (!this.list.map.has(transfer.id)) this.apply(transfer.id, transfer);
  }

  async cancel(id: string): Promise<void> {
    this.apply(id, await this.#api.call('transfers.cancel', { id }));
  }

  async retry(id: string): Promise<void> {
    this.apply(id, await this.#api.call('transfers.retry', { id }));
  }

  async remove(id: string): Promise<void> {
    await this.#api.call('transfers.remove', { id });
    this.apply(id, null);
  }
}
