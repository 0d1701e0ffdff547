import type {
  ForwardInfo,
  Params,
  RemoteServiceInfo,
  ServiceInfo,
} from '../../../main/api/contract.ts';
import type { Api } from './api.ts';
import { LiveList } from './live-list.svelte.ts';

/** Programs that are reached over links: this peer's, those of contacts, and the local addresses of those. */
export class Services {
  readonly own = new LiveList<ServiceInfo>(({ name }) => name);
  readonly remote = new LiveList<RemoteServiceInfo>(({ peer, name }) => `${peer}/${name}`);
  readonly forwards = new LiveList<ForwardInfo>(({ id }) => id);
  readonly exposed = $derived(
    [...this.own.map.values()].sort((a, b) => a.name.localeCompare(b.name)),
  );
  /** Those that are online first, then by contact and name. */
  readonly offered = $derived(
    [...this.remote.map.values()].sort(
      (a, b) =>
        Number(b.online) - Number(a.online) ||
        a.peerName.localeCompare(b.peerName) ||
        a.name.localeCompare(b.name),
    ),
  );
  /** The newest first. */
  readonly forwarded = $derived(
    [...this.forwards.map.values()].sort(
      (a, b) => b.createdAt - a.createdAt || a.id.localeCompare(b.id),
    ),
  );
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  async refetch(): Promise<void> {
    await Promise.all([
      this.own.refetch(() => this.#api.call('services.list', {})),
      this.remote.refetch(() => this.#api.call('services.remote', {})),
      this.forwards.refetch(() => this.#api.call('forwards.list', {})),
    ]);
  }

  async expose(service: Params<'services.add'>): Promise<void> {
    const made = await this.#api.call('services.add', service);
    this.own.apply(made.name, made);
  }

  async unexpose(name: string): Promise<void> {
    await this.#api.call('services.remove', { name });
    this.own.apply(name, null);
  }

  async forward(forward: Params<'forwards.add'>): Promise<void> {
    const made = await this.#api.call('forwards.add', forward);
    this.forwards.apply(made.id, made);
  }

  async unforward(id: string): Promise<void> {
    await this.#api.call('forwards.remove', { id });
    this.forwards.apply(id, null);
  }
}
