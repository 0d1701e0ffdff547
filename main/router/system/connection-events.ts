/** What the system account hears of connections: that they come, go, and are refused, and how many there are. */
import type { Account } from '../account/account.ts';
import { goJson } from '../monitor/go-json.ts';
import { randomToken } from '../account/random-token.ts';
import type { CloseReason } from '../connection/close-reason.ts';
import type { Facts } from '../monitor/facts.ts';
import { timeText } from '../monitor/go-format.ts';
import type { MonitoredConnection } from '../monitor/view.ts';
import { clientBlock } from './client-block.ts';
import type { Envelope } from './envelope.ts';
import { SystemClient } from './system-client.ts';

/** As long as a NUID. */
const ID_LENGTH = 22;
const SCHEMA = 'io.nats.server.advisory.v1';
/** Counts are repeated when they have not changed for so long. */
const REPEAT_MS = 30_000;
const REPEAT_CHECK_MS = 5_000;

export class ConnectionEvents {
  readonly #facts: Facts;
  readonly #client: SystemClient;
  readonly #envelope: Envelope;
  /** When an account with connections was last spoken of; performance.now(). */
  readonly #counted = new Map<Account, number>();
  /** Whom the counts have taken in, with the account that they were in. */
  readonly #present = new WeakMap<MonitoredConnection, Account>();
  readonly #repeat: NodeJS.Timeout;

  constructor(facts: Facts, client: SystemClient, envelope: Envelope) {
    this.#facts = facts;
    this.#client = client;
    this.#envelope = envelope;
    this.#repeat = setInterval(() => this.#repeatCounts(), REPEAT_CHECK_MS);
    this.#repeat.unref();
  }

  close(): void {
    clearInterval(this.#repeat);
  }

  /** It was admitted to its account. Nothing is said of the global account. */
  connected(connection: MonitoredConnection): void {
    const { account } = connection;
    if (account === undefined || this.#isGlobal(account)) return;
    const before = this.#present.get(connection);
    if (before !== account) {
      this.#present.set(connection, account);
      if (before !== undefined) this.#count(before);
      this.#count(account);
    }
    this.#publish(`$SYS.ACCOUNT.${account.name}.CONNECT`, () => ({
      ...this.#typed('client_connect', Date.now()),
      server: this.#envelope.server(),
      client: clientBlock(connection),
    }));
  }

  /** It has left its account. */
  closed(connection: MonitoredConnection, reason: CloseReason): void {
    const { account } = connection;
    if (account === undefined || this.#isGlobal(account)) return;
    this.#count(account);
    this.#publish(`$SYS.ACCOUNT.${account.name}.DISCONNECT`, () =>
      this.#disconnected(connection, reason),
    );
  }

  /** Its credentials were not good. */
  refused(connection: MonitoredConnection): void {
    const { router } = this.#facts;
    const event = (): object => this.#disconnected(connection, 'Authentication Failure');
    const account = connection.account ?? router.globalAccount;
    const inAccount = new SystemClient(account);
    if (inAccount.isHeard('$SYS.ACCOUNT.CLIENT.AUTH.ERR')) {
      inAccount.publish('$SYS.ACCOUNT.CLIENT.AUTH.ERR', goJson(event()));
    }
    this.#publish(`$SYS.SERVER.${router.id}.CLIENT.AUTH.ERR`, event);
  }

  /** `$SYS.SERVER.ACCOUNT.<account>.CONNS`, in its own time or as an answer. */
  counts(account: Account): object {
    return {
      ...this.#typed('account_connections', Date.now()),
      server: this.#envelope.server(),
      ...this.#facts.accountStat(account),
    };
  }

  #count(account: Account): void {
    if (account.connections.size === 0) this.#counted.delete(account);
    else this.#counted.set(account, performance.now());
    const subjects = [
      `$SYS.SERVER.ACCOUNT.${account.name}.CONNS`,
      `$SYS.ACCOUNT.${account.name}.SERVER.CONNS`,
    ];
    for (const subject of subjects) this.#publish(subject, () => this.counts(account));
  }

  #repeatCounts(): void {
    const due = performance.now() - REPEAT_MS;
    for (const [account, at] of this.#counted) if (at <= due) this.#count(account);
  }

  #disconnected(connection: MonitoredConnection, reason: CloseReason): object {
    const now = Date.now();
    return {
      ...this.#typed('client_disconnect', now),
      server: this.#envelope.server(),
      client: clientBlock(connection, now),
      sent: { msgs: connection.inMessages, bytes: connection.inBytes },
      received: { msgs: connection.outMessages, bytes: connection.outBytes },
      reason,
    };
  }

  #typed(name: string, at: number): object {
    return { type: `${SCHEMA}.${name}`, id: randomToken(ID_LENGTH), timestamp: timeText(at) };
  }

  #isGlobal(account: Account): boolean {
    return account === this.#facts.router.globalAccount;
  }

  /** Nothing is made that nobody hears. */
  #publish(subject: string, make: () => object): void {
    if (this.#client.isHeard(subject)) this.#client.publish(subject, goJson(make()));
  }
}
