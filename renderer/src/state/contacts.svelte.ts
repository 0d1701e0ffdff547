import type {
  ContactInfo,
  Diagnosis,
  InviteInfo,
  InvitePreview,
  LinkInfo,
} from '../../../main/api/contract.ts';
import type { Api } from './api.ts';
import { LiveList } from './live-list.svelte.ts';

/** The contacts, and how there come to be more of them. */
export class Contacts {
  readonly list = new LiveList<ContactInfo>((contact) => contact.key);
  readonly #sorted = $derived([...this.list.map.values()].sort(byPresenceAndName));
  /** The newest first. */
  readonly requests = $derived(
    this.#sorted.filter(({ state }) => state === 'requested').sort((a, b) => b.addedAt - a.addedAt),
  );
  readonly accepted = $derived(this.#sorted.filter(({ state }) => state === 'accepted'));
  readonly invited = $derived(this.#sorted.filter(({ state }) => state === 'invited'));
  readonly blocked = $derived(this.#sorted.filter(({ state }) => state === 'blocked'));
  /** How many are linked now. */
  readonly links = $derived(this.#sorted.filter(({ link }) => link !== null).length);
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  refetch(): Promise<void> {
    return this.list.refetch(() => this.#api.call('contacts.list', {}));
  }

  get(key: string): ContactInfo | undefined {
    return this.list.map.get(key);
  }

  /** The name of a contact, or the key of a stranger. */
  nameOf(key: string): string {
    return this.get(key)?.name ?? key;
  }

  /** A link came, changed or went: round trips change more often than contacts do. */
  applyLink(key: string, link: LinkInfo | null): void {
    const contact = this.get(key);
    if (contact !== undefined) this.list.apply(key, { ...contact, link, online: link !== null });
  }

  async accept(key: string): Promise<void> {
    this.list.apply(key, await this.#api.call('contacts.accept', { key }));
  }

  async block(key: string): Promise<void> {
    this.list.apply(key, await this.#api.call('contacts.block', { key }));
  }

  async setRelay(key: string, on: boolean): Promise<void> {
    this.list.apply(key, await this.#api.call('contacts.relay', { key, on }));
  }

  async remove(key: string): Promise<void> {
    await this.#api.call('contacts.remove', { key });
    this.list.apply(key, null);
  }

  /** Tries every way to the contact if it is not linked; takes some seconds then. */
  diagnose(key: string): Promise<Diagnosis> {
    return this.#api.call('links.diagnose', { key });
  }

  createInvite(signal: AbortSignal): Promise<InviteInfo> {
    return this.#api.call('invites.create', {}, { signal });
  }

  preview(link: string): Promise<InvitePreview> {
    return this.#api.call('invites.preview', { link });
  }

  /** `target` is an invite link or a peer key; `at` a `host:port` to find a bare key at. */
  async add(target: string, at?: string): Promise<ContactInfo> {
    const where = at === undefined || at === '' ? {} : { at };
    const contact = await this.#api.call('contacts.add', { target, ...where });
    this.list.apply(contact.key, contact);
    return contact;
  }
}

function byPresenceAndName(a: ContactInfo, b: ContactInfo): number {
  return (
    Number(b.online) - Number(a.online) ||
    a.name.localeCompare(b.name) ||
    a.key.localeCompare(b.key)
  );
}
