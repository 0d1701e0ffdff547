/** `/accstatz`, and what the system account is told of an account's connections. */
import type { Account } from '../account/account.ts';
import { timeText } from './go-format.ts';
import type { Statistics } from './statistics.ts';
import type { RouterView } from './view.ts';

export interface AccountStatzOptions {
  readonly accounts?: readonly string[];
  /** Also accounts without a client. */
  readonly includeUnused?: boolean;
}

export interface AccountStat {
  readonly acc: string;
  readonly conns: number;
  readonly leafnodes: number;
  readonly total_conns: number;
  readonly num_subscriptions: number;
  readonly sent: { readonly msgs: number; readonly bytes: number };
  readonly received: { readonly msgs: number; readonly bytes: number };
  readonly slow_consumers: number;
}

export function accountStatz(
  router: Pick<RouterView, 'id' | 'accounts'>,
  statistics: Statistics,
  { accounts = [], includeUnused = false }: AccountStatzOptions,
): { readonly facts: object; readonly count: number } {
  const candidates =
    accounts.length === 0
      ? [...router.accounts.values()]
      : accounts.flatMap((name) => router.accounts.get(name) ?? []);
  const chosen = candidates.filter((account) => includeUnused || localClients(account) > 0);
  return {
    count: chosen.length,
    facts: {
      server_id: router.id,
      now: timeText(Date.now()),
      account_statz: chosen.map((account) => accountStat(account, statistics)),
    },
  };
}

export function accountStat(account: Account, statistics: Statistics): AccountStat {
  const clients = localClients(account);
  const leafs = localLeafs(account);
  const totals = statistics.totalsOf(account);
  return {
    acc: account.name,
    conns: clients,
    leafnodes: leafs,
    total_conns: clients + leafs,
    num_subscriptions: account.index.size,
    sent: { msgs: totals.outMessages, bytes: totals.outBytes },
    received: { msgs: totals.inMessages, bytes: totals.inBytes },
    slow_consumers: totals.slowConsumers,
  };
}

export function localClients({ connections }: Account): number {
  let count = 0;
  for (const { isLeaf } of connections) if (!isLeaf) count++;
  return count;
}

export function localLeafs(account: Account): number {
  return account.connections.size - localClients(account);
}
