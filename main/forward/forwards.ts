import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { Emitter } from '../base/emitter.ts';
import type { Log } from '../base/log.ts';
import type { PeerKey } from '../identity/types.ts';
import type { Links } from '../link/types.ts';
import { formatAddress, isLocal, parseAddress, type Address } from './address.ts';
import { ForwardError } from './errors.ts';
import type { ForwardRepository, ForwardRow } from './forward-repository.ts';
import { LiveForward } from './live-forward.ts';
import type { Forward } from './types.ts';
import { ServiceName } from './wire.ts';

const MAX_FORWARDS = 256;

export interface ForwardsOptions {
  readonly links: Links;
  readonly repository: ForwardRepository;
  readonly isAccepted: (key: PeerKey) => boolean;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The local addresses behind which services of contacts are. */
export class Forwards implements Disposable {
  readonly events = new Emitter<{ forward: [id: string, forward: Forward | undefined] }>();
  readonly #options: ForwardsOptions;
  readonly #forwards = new Map<string, LiveForward>();

  constructor(options: ForwardsOptions) {
    this.#options = options;
  }

  /** Listens where it did before; a taken address keeps nobody from starting. */
  async start(): Promise<void> {
    const rows = this.#options.repository.forwards();
    const forwards = rows.map((row) => this.#create(row));
    for (const forward of forwards) this.#forwards.set(forward.row.id, forward);
    await Promise.all(forwards.map((forward) => forward.restore()));
  }

  list(): Forward[] {
    return [...this.#forwards.values()].map(({ info }) => info);
  }

  /** See `Forwarding.forward`. */
  async add(what: {
    peer: PeerKey;
    service: string;
    listen: string;
    allowRemote: boolean;
  }): Promise<Forward> {
    const { repository, isAccepted, now } = this.#options;
    const { peer, service } = what;
    if (!ServiceName.safeParse(service).success) {
      throw new ForwardError('service-name', `No service can be called "${service}".`);
    }
    if (!isAccepted(peer)) {
      throw new ForwardError('service-contact', `No accepted contact has the key ${peer}.`);
    }
    const address = listenAddress(what.listen, what.allowRemote);
    if (this.#forwards.size >= MAX_FORWARDS) {
      throw new ForwardError('service-limit', `A peer keeps at most ${MAX_FORWARDS} forwards.`);
    }
    const id = randomBytes(8).toString('hex');
    const listen = formatAddress(address);
    const remote = !isLocal(address);
    const forward = this.#create({ id, peer, service, listen, remote, createdAt: now() });
    await forward.listen(address);
    try {
      repository.insertForward(forward.row);
    } catch (error) {
      forward.close();
      throw error;
    }
    this.#forwards.set(id, forward);
    this.#tell(id);
    return forward.info;
  }

  /** See `Forwarding.unforward`. */
  remove(id: string): void {
    const forward = this.#forwards.get(id);
    if (forward === undefined)
      throw new ForwardError('forward-missing', 'There is no such forward.');
    this.#options.repository.removeForward(id);
    this.#forwards.delete(id);
    forward.close();
    this.events.emit('forward', id, undefined);
  }

  /** The contact was removed: there is nobody to connect to. */
  forget(peer: PeerKey): void {
    for (const [id, { row }] of [...this.#forwards]) if (row.peer === peer) this.remove(id);
  }

  [Symbol.dispose](): void {
    for (const forward of this.#forwards.values()) forward.close();
    this.#forwards.clear();
  }

  #create(row: ForwardRow): LiveForward {
    const { links, log } = this.#options;
    return new LiveForward({ row, links, log, onChange: () => this.#tell(row.id) });
  }

  #tell(id: string): void {
    const forward = this.#forwards.get(id);
    if (forward !== undefined) this.events.emit('forward', id, forward.info);
  }
}

/** Throws ForwardError `forward-address`, `forward-not-loopback`. */
function listenAddress(text: string, allowRemote: boolean): Address {
  const address = parseAddress(text);
  if (address === undefined || (address.kind === 'tcp' && isIP(address.host) === 0)) {
    throw new ForwardError('forward-address', `The peer cannot listen at "${text}".`);
  }
  if (!allowRemote && !isLocal(address)) {
    const message = `Other computers could connect to ${formatAddress(address)}.`;
    throw new ForwardError('forward-not-loopback', message);
  }
  return address;
}
