import { Emitter, type Unsubscribe } from '../../base/emitter.ts';
import { messageOf } from '../../base/errors.ts';
import type { RouterLog } from '../log.ts';
import type { AccountOptions, ExportOptions, ImportOptions } from '../options.ts';
import { decodeAccountClaims, type AccountClaims } from './account-claims.ts';
import { accountOptions } from './account-options.ts';
import { activate, type Activation } from './activation.ts';
import { accountProblems } from './account-problems.ts';
import { decodeNKey } from '../../base/nkey.ts';
import { jwtError } from './fields.ts';
import type { TrustedOperators } from './operators.ts';
import { timeProblems } from './problems.ts';
import type { AccountResolver } from './resolver.ts';

/** An expired account is not asked for more often (nats-server). */
const REFRESH_MS = 1000;
/** Accounts being fetched at a time; logins with more than that are refused. */
const MAX_FETCHES = 1024;

/** An account whose JWT was verified. */
export interface AccountRecord {
  readonly key: string;
  readonly jwt: string;
  readonly claims: AccountClaims;
  /** What the router makes the account of. */
  readonly options: AccountOptions;
  /** The keys that may sign its users and activations. */
  readonly signers: ReadonlySet<string>;
  /** Unix ms; Infinity for never. */
  readonly expires: number;
}

interface Events extends Record<string, unknown[]> {
  /** A known account has new claims. */
  changed: [account: AccountRecord, before: AccountRecord];
  /** A known account was deleted: its connections end with `Account Authentication Expired`. */
  removed: [account: AccountRecord];
}

/** The accounts of operator mode: fetched when somebody logs in, verified, and kept. */
export class OperatorAccounts {
  readonly #operators: TrustedOperators;
  readonly #resolver: AccountResolver;
  readonly #log: RouterLog;
  readonly #now: () => number;
  readonly #known = new Map<string, AccountRecord>();
  readonly #asked = new Map<string, number>();
  readonly #fetches = new Map<string, Promise<AccountRecord | undefined>>();
  readonly #events = new Emitter<Events>();

  /** @param now Unix ms */
  constructor(
    operators: TrustedOperators,
    resolver: AccountResolver,
    log: RouterLog,
    now: () => number,
  ) {
    this.#operators = operators;
    this.#resolver = resolver;
    this.#log = log;
    this.#now = now;
  }

  on<Name extends 'changed' | 'removed'>(
    name: Name,
    listener: (...args: Events[Name]) => void,
  ): Unsubscribe {
    return this.#events.on(name, listener);
  }

  /** The JWT as the resolver has it now, whatever it is worth. */
  stored(key: string): string | undefined | Promise<string | undefined> {
    return this.#resolver.fetch(key);
  }

  /** An account that was looked up before, expired or not. */
  known(key: string): AccountRecord | undefined {
    return this.#known.get(key);
  }

  /** The account as it is now; undefined when there is none, it expired, or its JWT cannot be trusted. */
  lookup(key: string): AccountRecord | undefined | Promise<AccountRecord | undefined> {
    const known = this.#known.get(key);
    if (known !== undefined && known.expires > this.#now()) return known;
    const underWay = this.#fetches.get(key);
    if (underWay !== undefined) return underWay;
    if (this.#fetches.size >= MAX_FETCHES || decodeNKey('account', key) === undefined)
      return undefined;
    if (known !== undefined && this.#now() - (this.#asked.get(key) ?? -Infinity) < REFRESH_MS)
      return undefined;
    if (known !== undefined) this.#asked.set(key, this.#now());
    const jwt = this.#resolver.fetch(key);
    if (!(jwt instanceof Promise)) return this.#take(key, jwt);
    const taken = jwt
      .catch((error: unknown) => {
        this.#log.warn(`Account fetch failed: ${messageOf(error)}`);
        return undefined;
      })
      .then((text) => {
        this.#fetches.delete(key);
        return this.#take(key, text);
      });
    this.#fetches.set(key, taken);
    return taken;
  }

  /**
   * Puts a newer JWT of a known account into force. Throws RouterError 'router-jwt' for one that is not to be
   * trusted; what was in force stays then.
   *
   * @returns false when the account is not known, or is just as this JWT says
   */
  update(key: string, jwt: string): boolean {
    const before = this.#known.get(key);
    if (before === undefined || before.jwt === jwt) return false;
    this.#keep(this.verify(key, jwt), before);
    return true;
  }

  /**
   * Whether an account may use an export as far as activation tokens go. The exporting account has to be known:
   * look it up first. A subject with the importer's key in it needs no token (nats-server).
   *
   * @param importer key of the importing account
   * @returns undefined when it may not
   */
  activation(
    importer: string,
    one: ImportOptions,
    exported: ExportOptions,
  ): Activation | undefined {
    if (exported.tokenRequired !== true || (exported.accountTokenPosition ?? 0) > 0)
      return { expires: Infinity };
    const exporter = this.#known.get(one.account);
    if (exporter === undefined) return undefined;
    const claimed = exporter.claims.exports.find(
      ({ kind, subject }) => kind === exported.kind && subject === exported.subject,
    );
    return activate(exporter, claimed?.revocations ?? new Map(), one, importer, this.#now());
  }

  /** Forgets an account and says so. */
  remove(key: string): void {
    const account = this.#known.get(key);
    if (account === undefined) return;
    this.#known.delete(key);
    this.#asked.delete(key);
    this.#events.emit('removed', account);
  }

  /** Whether a key of a trusted operator signs for this account. Throws RouterError 'router-jwt' if not. */
  verify(key: string, jwt: string): AccountRecord {
    const claims = decodeAccountClaims(jwt);
    if (claims.subject !== key) throw jwtError('the account JWT is of another account');
    if (!this.#operators.keys.has(claims.issuer))
      throw jwtError('the account JWT is not signed by a trusted operator');
    const [problem] = [...timeProblems(claims, this.#now()), ...accountProblems(claims)];
    if (problem !== undefined) throw jwtError(problem);
    const signers = new Set(claims.signingKeys.keys());
    if (!this.#operators.isStrict(claims.issuer)) signers.add(key);
    return {
      key,
      jwt,
      claims,
      options: accountOptions(claims),
      signers,
      expires: claims.expires === 0 ? Infinity : claims.expires * 1000,
    };
  }

  #take(key: string, jwt: string | undefined): AccountRecord | undefined {
    if (jwt === undefined) return undefined;
    try {
      const account = this.verify(key, jwt);
      const before = this.#known.get(key);
      if (before?.jwt !== account.jwt) this.#keep(account, before);
      return account.expires > this.#now() ? account : undefined;
    } catch (error) {
      this.#log.warn(`Account [${key}] is not valid: ${messageOf(error)}`);
      return undefined;
    }
  }

  #keep(account: AccountRecord, before: AccountRecord | undefined): void {
    this.#known.set(account.key, account);
    if (before !== undefined) this.#events.emit('changed', account, before);
  }
}
