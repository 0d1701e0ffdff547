/**
 * Rules between settings, as nats-server checks them when it starts (not with `-t`). They hold for options from
 * anywhere, hence name no place in a file.
 */
import { isPeerKey } from '../../base/nkey.ts';
import { defaults, limitsOf, NO_PAYLOAD_LIMIT } from '../defaults.ts';
import { RouterError } from '../errors.ts';
import type { RouterOptions, UserOptions } from '../options.ts';
import { durationText } from './duration.ts';

/** Options that were found good: the command looks at them before there is a log, the router for everybody. */
const good = new WeakSet<RouterOptions>();

/** @throws RouterError 'router-config' with one sentence about the first rule that does not hold */
export function validateOptions(options: RouterOptions): void {
  if (good.has(options)) return;
  const problem = RULES.map((rule) => rule(options)).find((found) => found !== undefined);
  if (problem !== undefined) throw new RouterError('router-config', problem);
  good.add(options);
}

type Rule = (options: RouterOptions) => string | undefined;

const RULES: readonly Rule[] = [
  lameDuckRule,
  payloadRule,
  operatorRule,
  leafAccountsRule,
  leafUrlsRule,
  (options) => anonymousRule(options, options.noAuthUser),
  websocketRule,
  monitorRule,
];

function lameDuckRule({ lameDuck }: RouterOptions): string | undefined {
  const duration = lameDuck?.duration ?? defaults.lameDuckDuration;
  const grace = lameDuck?.gracePeriod ?? defaults.lameDuckGrace;
  if (grace < duration) return undefined;
  return (
    `lame duck grace period (${durationText(grace)}) should be strictly lower than ` +
    `lame duck duration (${durationText(duration)})`
  );
}

function payloadRule({ limits }: RouterOptions): string | undefined {
  const { maxPayload, maxPending } = limitsOf(limits);
  if (maxPayload <= maxPending || maxPayload === NO_PAYLOAD_LIMIT) return undefined;
  return `max_payload (${maxPayload}) cannot be higher than max_pending (${maxPending})`;
}

function hasOperators({ operator }: RouterOptions): boolean {
  return (operator?.jwts ?? []).length > 0;
}

function usersOf({ authorization, accounts = [] }: RouterOptions): readonly UserOptions[] {
  return [...(authorization?.users ?? []), ...accounts.flatMap(({ users = [] }) => users)];
}

function operatorRule(options: RouterOptions): string | undefined {
  const { operator } = options;
  if (!hasOperators(options)) return undefined;
  if (operator?.resolver === undefined) {
    return 'operators require an account resolver to be configured';
  }
  if ((options.accounts ?? []).length > 0) {
    return 'operators do not allow Accounts to be configured directly';
  }
  if (usersOf(options).length > 0) {
    return 'operators do not allow users to be configured directly';
  }
  if ((operator.trustedKeys ?? []).length > 0) {
    return 'trusted_keys and operators exclude each other';
  }
  return undefined;
}

function leafAccountsRule(options: RouterOptions): string | undefined {
  const { leafnodes, accounts = [] } = options;
  if (leafnodes === undefined) return undefined;
  const { authorization, remotes = [] } = leafnodes;
  if (hasOperators(options)) {
    if ((authorization?.users ?? []).length > 0) {
      return 'operator mode does not allow specifying users in leafnode config';
    }
    if (remotes.every(({ account }) => isPeerKey(account))) return undefined;
    return 'operator mode requires account nkeys in remotes: add an `account` (A…) to each of them';
  }
  const known = new Set<string>([defaults.globalAccount, ...accounts.map(({ name }) => name)]);
  if (options.systemAccount === undefined && options.noSystemAccount !== true)
    known.add(defaults.systemAccount);
  const named: [string | undefined, string][] = [
    [authorization?.account, 'authorization'],
    ...(authorization?.users ?? []).map(({ account }): [string | undefined, string] => [
      account,
      'authorization',
    ]),
    ...remotes.map(({ account }): [string | undefined, string] => [account, 'remote']),
  ];
  for (const [account = '', section] of named) {
    if (account === '' || known.has(account)) continue;
    return `cannot find local account "${account}" specified in leafnode ${section}`;
  }
  return undefined;
}

function leafUrlsRule({ leafnodes }: RouterOptions): string | undefined {
  for (const { urls } of leafnodes?.remotes ?? []) {
    const websockets = urls.filter((url) => /^wss?:/i.test(url));
    if (websockets.length > 0 && websockets.length < urls.length) {
      return (
        'remote leaf node configuration cannot have a mix of websocket and non-websocket urls: ' +
        urls.map(withoutLogin).join(', ')
      );
    }
  }
  return undefined;
}

function withoutLogin(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}

function anonymousRule(options: RouterOptions, name: string | undefined): string | undefined {
  if (name === undefined || name === '') return undefined;
  if (hasOperators(options)) return 'no_auth_user not compatible with Trusted Operator';
  const users = usersOf(options);
  if (users.length === 0) {
    return `no_auth_user: "${name}" present, but users/nkeys are not defined`;
  }
  if (users.some((user) => user.user === name || user.nkey === name)) return undefined;
  return (
    `no_auth_user: "${name}" not present as user or nkey in authorization block or account ` +
    'configuration'
  );
}

function websocketRule(options: RouterOptions): string | undefined {
  const { websocket } = options;
  if (websocket === undefined) return undefined;
  if (websocket.tls === undefined && websocket.noTls !== true) {
    return 'websocket requires TLS configuration';
  }
  const anonymous = anonymousRule(options, websocket.noAuthUser);
  if (anonymous !== undefined) return anonymous;
  if (usersOf(options).length > 0) {
    const { user, token } = websocket.authorization ?? {};
    if ((user ?? '') !== '') {
      return 'websocket authentication username not compatible with presence of users/nkeys';
    }
    if ((token ?? '') !== '') {
      return 'websocket authentication token not compatible with presence of users/nkeys';
    }
  }
  const trusts = hasOperators(options) || (options.operator?.trustedKeys ?? []).length > 0;
  if ((websocket.jwtCookie ?? '') === '' || trusts) return undefined;
  return (
    'trusted operators or trusted keys configuration is required for JWT authentication via ' +
    `cookie "${websocket.jwtCookie ?? ''}"`
  );
}

function monitorRule({ monitor, tls }: RouterOptions): string | undefined {
  if (monitor?.https !== true || tls !== undefined) return undefined;
  return 'https_port needs a "tls" section';
}
