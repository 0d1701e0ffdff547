/** `/subsz`: the subject indexes, and on request their subscriptions. */
import type { Account } from '../account/account.ts';
import { RouterError } from '../errors.ts';
import type { Subscription } from '../connection/subscription.ts';
import { isLiteral, isValidSubject, matches } from '../subject/match.ts';
import { toWire } from '../subject/wire.ts';
import { Breath } from './breath.ts';
import { subscriptionFacts, type SubscriptionFacts } from './connection-facts.ts';
import { timeText } from './go-format.ts';
import { LazyList } from './json-text.ts';
import type { Statistics } from './statistics.ts';
import type { RouterView } from './view.ts';

const DEFAULT_LIMIT = 1_024;
/** Subscriptions that are looked at before the clock is. */
const LOOKED_AT = 64;

export interface SubszOptions {
  readonly offset?: number;
  readonly limit?: number;
  readonly subscriptions?: boolean;
  readonly account?: string;
  /** A subject as it is published: only subscriptions that match it. */
  readonly test?: string;
}

export interface IndexFacts {
  readonly num_subscriptions: number;
  readonly num_cache: number;
  readonly num_inserts: number;
  readonly num_removes: number;
  readonly num_matches: number;
  readonly cache_hit_rate: number;
  readonly max_fanout: number;
  readonly avg_fanout: number;
}

/** @throws RouterError 'router-query' in nats-server's words */
export async function subsz(
  router: RouterView,
  statistics: Statistics,
  options: SubszOptions,
): Promise<{
  readonly index: IndexFacts;
  /** How many subscriptions the facts list. */
  readonly count: number;
  readonly facts: object;
}> {
  const { test = '', account = '' } = options;
  if (test !== '' && !(isValidSubject(toWire(test)) && isLiteral(toWire(test)))) {
    throw new RouterError(
      'router-query',
      `invalid test subject, must be valid publish subject: ${test}`,
    );
  }
  const offset = Math.max(options.offset ?? 0, 0);
  const wanted = options.limit ?? 0;
  const limit = wanted > 0 ? wanted : DEFAULT_LIMIT;
  const accounts =
    account === ''
      ? [...router.accounts.values()]
      : [...router.accounts.values()].filter(({ name }) => name === account);
  const now = Date.now();
  const index = await indexFacts(accounts, statistics);
  const list =
    options.subscriptions === true ? await listed(accounts, toWire(test), offset, limit) : [];
  return {
    index,
    count: list.length,
    facts: {
      server_id: router.id,
      now: timeText(now),
      ...index,
      total: list.length,
      offset,
      limit,
      subscriptions_list: list.length === 0 ? undefined : new LazyList(factsOf(list)),
    },
  };
}

/** One page of what is subscribed here, leaf nodes' interest apart. */
async function listed(
  accounts: readonly Account[],
  test: string,
  offset: number,
  limit: number,
): Promise<Subscription[]> {
  const breath = new Breath();
  const page: Subscription[] = [];
  let seen = 0;
  let looked = 0;
  for (const subscription of subscriptionsOf(accounts)) {
    if (++looked % LOOKED_AT === 0 && breath.due) await breath.take();
    if (subscription.connection.isLeaf) continue;
    if (test !== '' && !matches(subscription.subject, test)) continue;
    if (seen++ < offset) continue;
    page.push(subscription);
    if (page.length === limit) break;
  }
  return page;
}

/** Made while they are written. */
function* factsOf(list: readonly Subscription[]): Generator<SubscriptionFacts> {
  for (const subscription of list) yield subscriptionFacts(subscription, true);
}

function* subscriptionsOf(accounts: readonly Account[]): Generator<Subscription> {
  for (const { index } of accounts) yield* index.all();
}

export async function indexFacts(
  accounts: Iterable<Account>,
  statistics: Statistics,
): Promise<IndexFacts> {
  const breath = new Breath();
  const sum = { subscriptions: 0, inserts: 0, removes: 0, matched: 0, misses: 0 };
  const cache = { entries: 0, receivers: 0, most: 0 };
  for (const account of accounts) {
    if (breath.due) await breath.take();
    const { index } = account;
    const { entries, receivers, most } = index.cacheStatistics();
    sum.subscriptions += index.size;
    sum.inserts += index.inserts;
    sum.removes += index.removes;
    sum.misses += index.misses;
    // Every message is matched once.
    sum.matched += Math.max(statistics.totalsOf(account).inMessages, index.misses);
    cache.entries += entries;
    cache.receivers += receivers;
    cache.most = Math.max(cache.most, most);
  }
  return {
    num_subscriptions: sum.subscriptions,
    num_cache: cache.entries,
    num_inserts: sum.inserts,
    num_removes: sum.removes,
    num_matches: sum.matched,
    cache_hit_rate: sum.matched === 0 ? 0 : (sum.matched - sum.misses) / sum.matched,
    max_fanout: cache.most,
    avg_fanout: cache.entries === 0 ? 0 : cache.receivers / cache.entries,
  };
}
