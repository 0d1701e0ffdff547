import { realpathSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { Emitter } from '../base/emitter.ts';
import type { PeerKey } from '../identity/types.ts';
import { formatAddress, parseAddress, type Address } from './address.ts';
import { ForwardError } from './errors.ts';
import type { ForwardRepository, ServiceRow } from './forward-repository.ts';
import type { ServiceAudience } from './types.ts';
import { MAX_SERVICES, ServiceName } from './wire.ts';

/** A service that is exposed now. */
export interface LiveService {
  readonly row: ServiceRow;
  readonly target: Address;
}

export interface OwnServicesOptions {
  readonly repository: ForwardRepository;
  readonly isAccepted: (key: PeerKey) => boolean;
  /** Sockets in these are never exposed: the home with the peer's own. */
  readonly privateFolders: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What this peer exposes, and to whom. */
export class OwnServices {
  /** `service`: exposed, changed or taken back; `used`: connections came or went. */
  readonly events = new Emitter<{ service: [name: string]; used: [name: string] }>();
  readonly #options: OwnServicesOptions;
  readonly #services = new Map<string, LiveService>();

  constructor(options: OwnServicesOptions) {
    this.#options = options;
    for (const row of options.repository.services()) {
      const target = parseAddress(row.target);
      // What another system wrote into the store, and this one cannot use, stays there.
      if (target !== undefined) this.#services.set(row.name, { row, target });
    }
  }

  list(): LiveService[] {
    return [...this.#services.values()];
  }

  get(name: string): LiveService | undefined {
    return this.#services.get(name);
  }

  /** Whether `peer` may use the service, or know that there is one. */
  isFor({ row }: LiveService, peer: PeerKey): boolean {
    if (!this.#options.isAccepted(peer)) return false;
    return row.audience === 'everyone' || row.audience.includes(peer);
  }

  /** What `peer` may know of, by name. */
  namesFor(peer: PeerKey): string[] {
    return this.list()
      .filter((service) => this.isFor(service, peer))
      .map(({ row }) => row.name)
      .sort();
  }

  /** See `Forwarding.expose`. */
  add(what: { name: string; target: string; audience: ServiceAudience }): LiveService {
    const { repository, isAccepted, now } = this.#options;
    const { name } = what;
    if (!ServiceName.safeParse(name).success) {
      throw new ForwardError('service-name', `A service cannot be called "${name}".`);
    }
    const target = this.#targetOf(what.target);
    const audience =
      what.audience === 'everyone' ? what.audience : [...new Set(what.audience)].sort();
    if (audience !== 'everyone') {
      const stranger = audience.find((key) => !isAccepted(key));
      if (stranger !== undefined || audience.length === 0) {
        const who = stranger === undefined ? 'No contact was' : `No accepted contact has the key`;
        throw new ForwardError('service-contact', `${who} ${stranger ?? 'chosen'}.`);
      }
    }
    if (this.#services.has(name)) {
      throw new ForwardError('service-exists', `There is a service "${name}" already.`);
    }
    if (this.#services.size >= MAX_SERVICES) {
      throw new ForwardError('service-limit', `A peer exposes at most ${MAX_SERVICES} services.`);
    }
    const row: ServiceRow = { name, target: formatAddress(target), audience, createdAt: now() };
    repository.putService(row);
    const service = { row, target };
    this.#services.set(name, service);
    this.events.emit('service', name);
    return service;
  }

  /** See `Forwarding.unexpose`. */
  remove(name: string): void {
    if (!this.#services.has(name)) {
      throw new ForwardError('service-missing', `There is no service "${name}".`);
    }
    this.#options.repository.removeService(name);
    this.#services.delete(name);
    this.events.emit('service', name);
  }

  /** A contact was removed: who comes back under its key later starts with nothing. */
  forget(peer: PeerKey): void {
    for (const { row, target } of this.list()) {
      if (row.audience === 'everyone' || !row.audience.includes(peer)) continue;
      const changed = { ...row, audience: row.audience.filter((key) => key !== peer) };
      this.#options.repository.putService(changed);
      this.#services.set(row.name, { row: changed, target });
      this.events.emit('service', row.name);
    }
  }

  #targetOf(text: string): Address {
    const target = parseAddress(text);
    if (target === undefined || (target.kind === 'tcp' && target.port === 0)) {
      throw new ForwardError('service-target', `"${text}" is no address of a program.`);
    }
    if (target.kind === 'unix') {
      const path = realPath(target.path);
      const isPrivate = this.#options.privateFolders.some((folder) =>
        path.startsWith(`${realPath(folder)}${sep}`),
      );
      if (isPrivate) throw new ForwardError('service-private', `${text} is this peer's own.`);
    }
    return target;
  }
}

/** Without links in it, as far as it is there. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), basename(path));
  }
}
