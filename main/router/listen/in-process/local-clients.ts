import type { Account } from '../../account/account.ts';
import type { Hub } from '../../connection/hub.ts';
import { RouterError } from '../../errors.ts';
import { InProcessClient, type InProcessOptions } from './client.ts';
import { LocalTurn } from './local-turn.ts';

/** A router's clients in this process. */
export class LocalClients {
  readonly #hub: Hub;
  readonly #turn = new LocalTurn();
  readonly #clients = new Set<InProcessClient>();

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  get all(): ReadonlySet<InProcessClient> {
    return this.#clients;
  }

  /** @throws RouterError 'router-account' */
  open(options: InProcessOptions): InProcessClient {
    const account = this.#accountOf(options.account);
    const client: InProcessClient = new InProcessClient(
      this.#hub,
      this.#turn,
      account,
      options,
      () => this.#clients.delete(client),
    );
    this.#clients.add(client);
    return client;
  }

  /** The account is not there any more. */
  leave(account: Account): void {
    for (const client of [...this.#clients]) if (client.account === account) client.close();
  }

  close(): void {
    for (const client of [...this.#clients]) client.close();
  }

  #accountOf(name: string | undefined): Account {
    if (name === undefined) return this.#hub.globalAccount;
    const account = this.#hub.accountOf({ ok: true, account: name, user: '' });
    if (account !== undefined) return account;
    throw new RouterError('router-account', `There is no account "${name}".`);
  }
}
