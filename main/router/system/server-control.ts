/** `$SYS.REQ.SERVER.<id>.RELOAD|KICK|LDM`: what the system account may do to a server. */
import { RouterError } from '../errors.ts';
import type { RouterView } from '../monitor/view.ts';
import { infoLine } from '../protocol/info.ts';
import type { RequestBody } from './request-body.ts';

export interface Controlled {
  /** Reads the configuration again; undefined when there is nothing to be read. */
  readonly rereadConfiguration: (() => Promise<void>) | undefined;
  /** False when there is no such client or leaf node. */
  kick(cid: number): boolean;
}

export class ServerControl {
  readonly #router: RouterView;
  readonly #controlled: Controlled;

  constructor(router: RouterView, controlled: Controlled) {
    this.#router = router;
    this.#controlled = controlled;
  }

  /** Resolves with nothing when it is done. Throws RouterError. */
  async handle(what: 'RELOAD' | 'KICK' | 'LDM', body: RequestBody): Promise<undefined> {
    if (what === 'RELOAD') await this.#reload();
    else if (what === 'KICK') this.#kick(body.integer('cid', 'uint64'));
    else this.#lameDuck(body.integer('cid', 'uint64'));
    return undefined;
  }

  async #reload(): Promise<void> {
    const { rereadConfiguration } = this.#controlled;
    if (rereadConfiguration === undefined)
      throw wrong('can only reload config when a file is provided using -c or --config');
    await rereadConfiguration();
  }

  #kick(cid: number): void {
    if (!this.#controlled.kick(cid)) throw wrong('no such client or leafnode id');
  }

  /** Tells one client to go elsewhere. */
  #lameDuck(cid: number): void {
    const client = this.#router.clients.get(cid);
    if (client === undefined) throw wrong('no such client id');
    if (!client.takesInfo) {
      throw wrong(
        'client does not support Lame Duck Mode or is not ready to receive the notification',
      );
    }
    const info = this.#router.serverInfo();
    client.outbound.writeText(
      infoLine({ ...info, client_id: cid, client_ip: client.facts.host, ldm: true }),
    );
  }
}

function wrong(message: string): RouterError {
  return new RouterError('router-query', message);
}
