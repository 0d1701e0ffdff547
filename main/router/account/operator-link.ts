/** Accounts of an operator's JWTs as accounts of the router: brought when they are needed, kept up to date. */
import { activate } from '../jwt/activation.ts';
import type { AccountRecord } from '../jwt/operator-accounts.ts';
import type { OperatorMode } from '../jwt/operator-mode.ts';
import type { RouterLog } from '../log.ts';
import type { ImportOptions } from '../options.ts';
import { isSubsetOf } from '../subject/match.ts';
import { toWire } from '../subject/wire.ts';
import type { Account } from './account.ts';
import { applyClaims, endAccount } from './account-limits.ts';
import type { Activation } from './exports.ts';
import type { AccountRegistry } from './registry.ts';

export class OperatorLink {
  readonly #mode: OperatorMode;
  readonly #registry: AccountRegistry;
  readonly #log: RouterLog;
  readonly #underWay = new Set<string>();
  readonly #stop: (() => void)[];

  constructor(mode: OperatorMode, registry: AccountRegistry, log: RouterLog) {
    this.#mode = mode;
    this.#registry = registry;
    this.#log = log;
    registry.activation = (exporter, importer, wanted) =>
      this.#activate(exporter, importer, wanted);
    registry.missing = (name) => this.fetch(name);
    this.#stop = [
      mode.accounts.on('changed', (record, before) => this.#changed(record, before)),
      mode.accounts.on('removed', ({ key }) => {
        const account = registry.get(key);
        registry.remove(key);
        if (account !== undefined) endAccount(account);
      }),
    ];
  }

  /** Brings the system account, and what is not there yet of what accounts import from. */
  start(): void {
    const { systemAccount } = this.#mode;
    if (systemAccount !== undefined) this.fetch(systemAccount);
  }

  /** An account that somebody has just logged in to. */
  bring(name: string): Account | undefined {
    const record = this.#mode.accounts.known(name);
    return record === undefined ? undefined : this.#apply(record);
  }

  /** Looks an account up that others import from, and adds it when it is found. */
  fetch(name: string): void {
    if (this.#underWay.has(name)) return;
    this.#underWay.add(name);
    // Not from within: who asks is being linked itself.
    Promise.resolve()
      .then(() => this.#mode.accounts.lookup(name))
      .then((record) => {
        if (record !== undefined) this.#apply(record);
      })
      .catch((error: unknown) => this.#log.warn(`Account [${name}]: ${String(error)}`))
      .finally(() => this.#underWay.delete(name));
  }

  close(): void {
    for (const stop of this.#stop) stop();
    this.#registry.missing = () => {};
  }

  #changed(record: AccountRecord, before: AccountRecord): void {
    if (this.#registry.get(record.key) === undefined) return;
    const account = this.#apply(record);
    if (account === undefined) return;
    applyClaims(account, (admission) =>
      this.#mode.authenticator.recheck(admission, record, before),
    );
  }

  #apply(record: AccountRecord): Account | undefined {
    try {
      return this.#registry.apply(record.options);
    } catch (error) {
      this.#log.warn(`Account [${record.key}]: ${String(error)}`);
      return undefined;
    }
  }

  #activate(exporter: string, importer: string, wanted: ImportOptions): Activation | undefined {
    const { accounts } = this.#mode;
    const from = accounts.known(exporter);
    const to = accounts.known(importer);
    // After a reload they are looked up anew; the imports are looked at again then.
    if (from === undefined) this.fetch(exporter);
    if (to === undefined) this.fetch(importer);
    const claimed = to?.claims.imports.find(
      (one) =>
        one.account === exporter && one.kind === wanted.kind && one.token === (wanted.token ?? ''),
    );
    if (from === undefined || claimed === undefined) return undefined;
    const subject = toWire(wanted.subject);
    const exported = from.claims.exports.find(
      (one) => one.kind === wanted.kind && isSubsetOf(subject, toWire(one.subject)),
    );
    if (exported === undefined) return undefined;
    return activate(from, exported.revocations, claimed, importer, Date.now());
  }
}
