/** `/accountz`: the accounts, or one of them in detail. */
import type { Account } from '../account/account.ts';
import { systemExports, systemImports } from '../account/system-exchange.ts';
import { RouterError } from '../errors.ts';
import type { ExportOptions, ImportOptions } from '../options.ts';
import { exportFacts, importFacts, mappingFacts } from './account-exchange.ts';
import { localClients, localLeafs } from './account-stats.ts';
import { timeText } from './go-format.ts';
import type { Statistics } from './statistics.ts';
import { indexFacts } from './subsz.ts';
import { claimsOf } from './varz.ts';
import type { RouterView } from './view.ts';

export function accountList({ id, accounts, systemAccount }: RouterView): object {
  return {
    server_id: id,
    now: timeText(Date.now()),
    system_account: systemAccount?.name,
    accounts: [...accounts.keys()],
  };
}

/** @throws RouterError 'router-query' for an account that is not there */
export async function accountz(
  router: RouterView,
  statistics: Statistics,
  name: string,
): Promise<object> {
  return {
    server_id: router.id,
    now: timeText(Date.now()),
    system_account: router.systemAccount?.name,
    account_detail: await accountDetail(router, statistics, name),
  };
}

/** @throws RouterError 'router-query' for an account that is not there */
export async function accountDetail(
  router: RouterView,
  statistics: Statistics,
  name: string,
): Promise<object> {
  const account = router.accounts.get(name);
  if (account === undefined)
    throw new RouterError('router-query', `Account ${name} does not exist`);
  const { options } = account;
  const record = router.authenticator.operator?.accounts.known(name);
  return {
    account_name: name,
    update_time: timeText(statistics.configuredAt),
    is_system: account === router.systemAccount || undefined,
    expired: (record?.expires ?? Infinity) <= Date.now(),
    complete: true,
    jetstream_enabled: false,
    leafnode_connections: localLeafs(account),
    client_connections: localClients(account),
    subscriptions: account.index.size,
    mappings: filled(mappingFacts(options.mappings ?? [])),
    exports: some(exportsOf(router, account).map(exportFacts)),
    imports: some(importsOf(router, account).map(importFacts)),
    jwt: record?.jwt,
    issuer_key: record?.claims.issuer || undefined,
    name_tag: options.nameTag || undefined,
    tags: some(record?.claims.tags ?? []),
    decoded_jwt: record && claimsOf(record.jwt),
    revoked_user: record && filled(revocationFacts(record.claims.revocations)),
    sublist_stats: await indexFacts([account], statistics),
  };
}

/** With what the system account offers by itself. */
function exportsOf({ systemAccount }: RouterView, account: Account): readonly ExportOptions[] {
  return account === systemAccount
    ? systemExports(account.options)
    : (account.options.exports ?? []);
}

/** With what every account has of the system account. */
function importsOf(
  { systemAccount }: RouterView,
  { name, options }: Account,
): readonly ImportOptions[] {
  const own = options.imports ?? [];
  return systemAccount === undefined ? own : [...own, ...systemImports(name, systemAccount.name)];
}

function revocationFacts(revocations: ReadonlyMap<string, number>): object {
  return Object.fromEntries([...revocations].map(([key, at]) => [key, timeText(at * 1_000)]));
}

function some<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

function filled(map: object): object | undefined {
  return Object.keys(map).length === 0 ? undefined : map;
}
