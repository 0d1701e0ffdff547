import { messageOf } from '../../base/errors.ts';
import { RouterError } from '../errors.ts';
import type { RouterLog } from '../log.ts';
import type { OperatorOptions, RouterOptions } from '../options.ts';
import { decodeAccountClaims } from './account-claims.ts';
import { ClaimsService } from './claims-service.ts';
import { DirectoryResolver } from './directory-resolver.ts';
import { MemoryResolver } from './memory-resolver.ts';
import { OperatorAccounts } from './operator-accounts.ts';
import { OperatorAuthenticator } from './operator-authenticator.ts';
import { TrustedOperators } from './operators.ts';
import type { AccountResolver } from './resolver.ts';
import { UrlResolver } from './url-resolver.ts';

export interface OperatorMode {
  readonly operators: TrustedOperators;
  /** Key of the system account: the configuration's or the operator's. */
  readonly systemAccount: string | undefined;
  readonly accounts: OperatorAccounts;
  readonly authenticator: OperatorAuthenticator;
  /** Answers `$SYS.REQ.CLAIMS.*` and its like. */
  readonly claims: ClaimsService;
  /** Opens the resolver and stores what the configuration preloads. Throws RouterError. */
  start(): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

interface OperatorModeDeps {
  readonly log: RouterLog;
  readonly version: string;
  readonly now?: () => number;
}

/** Undefined without an operator. Throws RouterError 'router-config' for options that do not go together. */
export function createOperatorMode(
  options: RouterOptions,
  deps: OperatorModeDeps,
): OperatorMode | undefined {
  const { operator } = options;
  if (operator === undefined) return undefined;
  refuseConflicts(options);
  const { log, version, now = Date.now } = deps;
  const operators = new TrustedOperators(operator, version);
  const systemAccount = systemAccountOf(options, operators);
  const resolver = createResolver(operator, now);
  const preload = checkPreload(operator, resolver);
  const accounts = new OperatorAccounts(operators, resolver, log, now);
  return {
    operators,
    systemAccount,
    accounts,
    authenticator: new OperatorAuthenticator(accounts, now),
    claims: new ClaimsService({ operators, accounts, store: resolver.store, systemAccount, log }),
    async start() {
      await resolver.start();
      for (const [key, jwt] of preload) await resolver.store?.put(key, jwt, true);
    },
    close: () => resolver.close(),
  };
}

function createResolver({ resolver }: OperatorOptions, now: () => number): AccountResolver {
  if (resolver === undefined || resolver.kind === 'memory') return new MemoryResolver();
  if (resolver.kind === 'url') return new UrlResolver(resolver.url, resolver.timeout);
  return new DirectoryResolver(resolver, now);
}

function refuseConflicts({
  operator,
  accounts = [],
  authorization,
  noAuthUser,
}: RouterOptions): void {
  if (operator?.resolver === undefined && (operator?.jwts ?? []).length > 0)
    throw refused('operators require an account resolver to be configured');
  if (accounts.length > 0)
    throw refused('operators do not allow Accounts to be configured directly');
  if ((authorization?.users ?? []).length > 0)
    throw refused('operators do not allow users to be configured directly');
  if (noAuthUser !== undefined && noAuthUser !== '')
    throw refused('no_auth_user not compatible with Trusted Operator');
}

function systemAccountOf(
  { systemAccount, operator }: RouterOptions,
  operators: TrustedOperators,
): string | undefined {
  const named = operators.operators.map((one) => one.systemAccount).filter((key) => key !== '');
  if (systemAccount !== undefined) {
    if (named.length > 0 && !named.includes(systemAccount))
      throw refused('system_account in config and operator JWT must be identical');
    return systemAccount;
  }
  const kind = operator?.resolver?.kind;
  if (operators.systemAccount === undefined && (kind === 'full' || kind === 'cache'))
    throw refused(
      'using nats based account resolver - the system account needs to be specified in configuration or the operator jwt',
    );
  return operators.systemAccount;
}

function checkPreload(
  { preload = {} }: OperatorOptions,
  resolver: AccountResolver,
): [string, string][] {
  const entries = Object.entries(preload);
  if (entries.length > 0 && resolver.store === undefined)
    throw refused(
      'resolver preloads only available for writeable resolver types MEM/DIR/CACHE_DIR',
    );
  for (const [key, jwt] of entries) {
    try {
      decodeAccountClaims(jwt);
    } catch (error) {
      throw refused(`preload account error for "${key}": ${messageOf(error)}`);
    }
  }
  return entries;
}

function refused(message: string): RouterError {
  return new RouterError('router-config', message);
}
