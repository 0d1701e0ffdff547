/**
 * The accounts of a router, made from its options and kept up with them: by the configuration, or one by one
 * as JWTs of an operator's accounts come in. What changes is changed in place, between two messages.
 */
import { Emitter } from '../../base/emitter.ts';
import { defaults } from '../defaults.ts';
import { RouterError } from '../errors.ts';
import type { RouterLog } from '../log.ts';
import type { AccountOptions, RouterOptions } from '../options.ts';
import { Account } from './account.ts';
import { planAccounts } from './account-plan.ts';
import { Exchange, type ExchangeContext } from './exchange.ts';
import type { ActivationCheck } from './exports.ts';
import { type Link, linkImports } from './link.ts';
import { ResponseSweep } from './response-sweep.ts';
import type { Responses } from './responses.ts';
import { systemExports, systemImports } from './system-exchange.ts';
import { WeightedMapper } from './weighted-mapper.ts';

/** Timers cannot be set further ahead. */
const LONGEST_WAIT = 0x7fff_ffff;

export type AccountEvents = {
  added: [Account];
  /** Its limits, mappings, exports or imports may be others now. */
  changed: [Account];
  removed: [Account];
};

export interface RegistryContext {
  readonly log: RouterLog;
  /** A short mark of this router that stands in subjects. */
  readonly serverMark: string;
  serverName(): string;
}

export class AccountRegistry {
  readonly accounts = new Map<string, Account>();
  readonly events = new Emitter<AccountEvents>();
  readonly global: Account;
  /** Says whether the token of an import is good (operator mode). */
  activation: ActivationCheck = () => undefined;
  /** Asked for an account that another one imports from and that is not known yet; `apply` brings it. */
  missing: (name: string) => void = () => {};
  readonly #context: ExchangeContext;
  readonly #sweep = new ResponseSweep();
  readonly #exchanges = new Map<string, Exchange>();
  /** Accounts that came by `apply`: the configuration does not know them. */
  readonly #applied = new Set<string>();
  #systemName: string | undefined;
  #expiry: NodeJS.Timeout | undefined;
  /** Importing account, and Unix ms when one of its activations ends. */
  readonly #expiries = new Map<string, number>();

  /** @throws RouterError 'router-config' */
  constructor(options: RouterOptions, { log, serverMark, serverName }: RegistryContext) {
    this.#context = {
      log,
      serverMark,
      serverName,
      sweep: this.#sweep,
      responsesOf: (account) => this.#responsesOf(account),
    };
    this.configure(options);
    this.global = this.accounts.get(defaults.globalAccount) as Account;
  }

  get(name: string): Account | undefined {
    return this.accounts.get(name);
  }

  /** The account of system events; undefined when there is none. */
  get system(): Account | undefined {
    return this.#systemName === undefined ? undefined : this.accounts.get(this.#systemName);
  }

  /**
   * Whether a configuration can be used.
   *
   * @throws RouterError 'router-config' with nats-server's text
   */
  check(options: RouterOptions): void {
    planAccounts(options);
  }

  /**
   * Takes up a configuration, at first and on reload; nothing changes when it cannot be used.
   *
   * @throws RouterError 'router-config' with nats-server's text
   */
  configure(options: RouterOptions): void {
    const plan = planAccounts(options);
    this.#systemName = plan.systemName;
    const names = new Set(plan.accounts.map(({ options: { name } }) => name));
    const added = plan.accounts.filter(({ options: { name } }) => !this.#exchanges.has(name));
    for (const account of plan.accounts) {
      if (this.#applied.has(account.options.name)) continue;
      this.#take(account.options, account.mapper, account.exports);
    }
    for (const { options: own, links } of plan.accounts) {
      if (!this.#applied.has(own.name)) this.#adopt(own.name, links);
    }
    for (const name of this.#exchanges.keys()) {
      if (!names.has(name) && !this.#applied.has(name)) this.#remove(name);
    }
    for (const name of this.#applied) this.#relink(name);
    for (const name of names) {
      const account = this.accounts.get(name) as Account;
      const isNew = added.some((one) => one.options.name === name);
      this.events.emit(isNew ? 'added' : 'changed', account);
    }
  }

  /**
   * Adds an account, or changes it, whatever the configuration says. Imports that do not hold are left out
   * and logged; they are looked at again when the account that they need comes or changes.
   *
   * @throws RouterError 'router-config' for mappings or exports that cannot be used
   */
  apply(options: AccountOptions): Account {
    const { name } = options;
    const isNew = !this.#exchanges.has(name);
    const exports = name === this.#systemName ? systemExports(options) : (options.exports ?? []);
    const { mappings = [] } = options;
    const mapper = mappings.length === 0 ? undefined : new WeightedMapper(mappings);
    this.#applied.add(name);
    const account = this.#take(options, mapper, exports);
    this.#relink(name);
    for (const other of this.#exchanges.values()) {
      const depends = other.options.imports?.some((one) => one.account === name) === true;
      const isFed = name === this.#systemName;
      if (other.name !== name && (depends || isFed)) this.#relink(other.name);
    }
    this.events.emit(isNew ? 'added' : 'changed', account);
    return account;
  }

  /** Takes back an account that came by `apply`. Its connections are left to the caller. */
  remove(name: string): void {
    if (!this.#applied.delete(name)) return;
    this.#remove(name);
  }

  close(): void {
    clearTimeout(this.#expiry);
    this.#sweep.close();
    for (const exchange of this.#exchanges.values()) exchange.close();
    this.#sweep.close();
  }

  #take(
    options: AccountOptions,
    mapper: WeightedMapper | undefined,
    exports: AccountOptions['exports'] = [],
  ): Account {
    const { name } = options;
    let exchange = this.#exchanges.get(name);
    if (exchange === undefined) {
      const account = new Account(name);
      exchange = new Exchange(account, this.#context, options, name === this.#systemName);
      this.#exchanges.set(name, exchange);
      this.accounts.set(name, account);
    }
    exchange.options = options;
    exchange.account.options = options;
    exchange.account.mapper = mapper;
    exchange.exports.adopt(exports);
    return exchange.account;
  }

  /** Takes the links of a plan, whose exporters are known by name alone. */
  #adopt(name: string, links: readonly Link<{ readonly name: string }>[]): void {
    const wanted = links.map(({ compiled, exporter, expires }) => ({
      compiled,
      expires,
      exporter: this.#exchanges.get(exporter.name) as Exchange,
    }));
    this.#exchanges.get(name)?.adoptImports(wanted);
    this.#watchExpiry(name, Math.min(Infinity, ...wanted.map(({ expires }) => expires)));
  }

  #relink(name: string): void {
    const exchange = this.#exchanges.get(name);
    if (exchange === undefined) return;
    const { log } = this.#context;
    const links = linkImports(exchange.options, {
      find: (wanted) => {
        const found = this.#exchanges.get(wanted);
        if (found === undefined) this.missing(wanted);
        return found;
      },
      activation: this.activation,
      internal: this.#systemName === undefined ? [] : systemImports(name, this.#systemName),
      problem: (why) => log.debug(`account ${name}: ${why}`),
    });
    this.#adopt(name, links);
  }

  #remove(name: string): void {
    const exchange = this.#exchanges.get(name);
    if (exchange === undefined) return;
    this.#exchanges.delete(name);
    this.accounts.delete(name);
    this.#expiries.delete(name);
    exchange.close();
    for (const other of this.#exchanges.values()) {
      if (other.imports.some(({ account }) => account === name)) this.#relink(other.name);
    }
    this.events.emit('removed', exchange.account);
  }

  #responsesOf(account: Account): Responses {
    const exchange = this.#exchanges.get(account.name);
    if (exchange?.account === account) return exchange.responses;
    throw new RouterError('router-closed', `account "${account.name}" is not there any more`);
  }

  #watchExpiry(name: string, at: number): void {
    if (at === Infinity) this.#expiries.delete(name);
    else this.#expiries.set(name, at);
    clearTimeout(this.#expiry);
    if (this.#expiries.size === 0) return;
    const first = Math.min(...this.#expiries.values());
    const wait = Math.min(Math.max(first - Date.now(), 0), LONGEST_WAIT);
    this.#expiry = setTimeout(() => this.#expire(), wait);
    this.#expiry.unref();
  }

  #expire(): void {
    const now = Date.now();
    const due = [...this.#expiries].filter(([, at]) => at <= now).map(([name]) => name);
    for (const name of due) this.#relink(name);
    // Not due yet after the longest wait that a timer can take.
    const [next] = this.#expiries;
    if (due.length === 0 && next !== undefined) this.#watchExpiry(...next);
  }
}
