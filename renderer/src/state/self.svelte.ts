import type { Settings, Status } from '../../../main/api/contract.ts';
import type { Api } from './api.ts';

/** This peer itself: how it does, and its settings. */
export class Self {
  /** Null until it is known. */
  status = $state.raw<Status | null>(null);
  readonly paused = $derived(this.status?.state === 'paused');
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  async refetch(): Promise<void> {
    this.status = await this.#api.call('status.get', {});
  }

  apply(status: Status | null): void {
    if (status !== null) this.status = status;
  }

  async pause(): Promise<void> {
    this.status = await this.#api.call('peer.pause', {});
  }

  async resume(): Promise<void> {
    this.status = await this.#api.call('peer.resume', {});
  }

  /** Saves, then shows what the peer made of it. */
  async save(settings: Partial<Settings>): Promise<void> {
    const { name, downloads } = await this.#api.call('settings.set', settings);
    if (this.status !== null) this.status = { ...this.status, name, downloads };
  }
}
