import { Emitter } from '../../../base/emitter.ts';
import type { Account } from '../../account/account.ts';
import type { CloseReason } from '../../connection/close-reason.ts';
import type { Hub } from '../../connection/hub.ts';
import { RouterError } from '../../errors.ts';
import { InProcessClient, type InProcessOptions } from './client.ts';
import { LocalTurn } from './local-turn.ts';

export type LocalEvents = {
  opened: [InProcessClient];
  /** It has left its account; its subscriptions can still be listed. */
  closed: [InProcessClient, CloseReason];
};

/** A router's clients in this process. */
export class LocalClients {
  readonly events = new Emitter<LocalEvents>();
  /** Clients that ever came. */
  total = 0;
  readonly #hub: Hub;
  readonly #turn = new LocalTurn();
  readonly #clients = new Set<InProcessClient>();

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  get all(): ReadonlySet<InProcessClient> {
    return this.#clients;
  }

  /** @throws RouterError 'router-account', 'router-full' */
  open(options: InProcessOptions): InProcessClient {
    const account = this.#accountOf(options.account);
    if (!account.hasRoom(false)) {
      throw new RouterError('router-full', `Account "${account.name}" takes no more connections.`);
    }
    const client: InProcessClient = new InProcessClient(
      this.#hub,
      this.#turn,
      account,
      options,
      (reason) => {
        this.#clients.delete(client);
        this.events.emit('closed', client, reason);
      },
    );
    this.#clients.add(client);
    this.total++;
    this.events.emit('opened', client);
    return client;
  }

  /** The account is not there any more. */
  leave(account: Account): void {
    for (const client of [...this.#clients])
      if (client.account === account) client.close('Authentication Expired');
  }

  close(): void {
    for (const client of [...this.#clients]) client.close('Server Shutdown');
  }

  #accountOf(name: string | undefined): Account {
    if (name === undefined) return this.#hub.globalAccount;
    const account = this.#hub.accountOf({ ok: true, account: name, user: '' });
    if (account !== undefined) return account;
    throw new RouterError('router-account', `There is no account "${name}".`);
  }
}
