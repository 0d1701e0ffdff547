import type { ContactInfo, NearbyInfo, NearbySettings } from '../../../main/api/contract.ts';
import type { Api } from './api.ts';
import { LiveList } from './live-list.svelte.ts';

/** Who is on the local network, and who there finds this peer. */
export class Nearby {
  readonly list = new LiveList<NearbyInfo>((peer) => peer.key);
  /** Those who are no contacts yet; who has not been asked first. */
  readonly strangers = $derived(
    [...this.list.map.values()]
      .filter(({ seenAt, state }) => seenAt !== null && (state === null || state === 'invited'))
      .sort(byStateAndName),
  );
  /** Null until it is known. */
  settings = $state.raw<NearbySettings | null>(null);
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  async refetch(): Promise<void> {
    await Promise.all([
      this.list.refetch(() => this.#api.call('nearby.list', {})),
      this.#api.call('nearby.settings', {}).then((settings) => (this.settings = settings)),
    ]);
  }

  get(key: string): NearbyInfo | undefined {
    return this.list.map.get(key);
  }

  /** Sends a request; the fingerprint comes as an event. */
  ask(key: string): Promise<ContactInfo> {
    return this.#api.call('nearby.ask', { key });
  }

  async set(change: Partial<NearbySettings>): Promise<void> {
    this.settings = await this.#api.call('nearby.set', change);
  }
}

function byStateAndName(a: NearbyInfo, b: NearbyInfo): number {
  return (
    Number(a.state !== null) - Number(b.state !== null) ||
    (a.name ?? '\uffff').localeCompare(b.name ?? '\uffff') ||
    a.key.localeCompare(b.key)
  );
}
