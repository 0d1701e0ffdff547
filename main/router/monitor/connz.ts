/** `/connz`: open and closed connections. */
import type { Account } from '../account/account.ts';
import { RouterError } from '../errors.ts';
import { intersection } from '../subject/intersection.ts';
import { toWire } from '../subject/wire.ts';
import { Breath, gather } from './breath.ts';
import type { ClosedConnection } from './closed-connections.ts';
import {
  connectionFacts,
  identityFacts,
  subscriptionFacts,
  userOf,
  type SubscriptionFacts,
} from './connection-facts.ts';
import { timeText } from './go-format.ts';
import { LazyList } from './json-text.ts';
import { isClosed, isSortOrder, type Listed, sorted } from './sort-order.ts';
import type { Statistics } from './statistics.ts';
import type { MonitoredConnection, RouterView } from './view.ts';

const DEFAULT_LIMIT = 1_024;

export interface ConnzOptions {
  readonly sort?: string;
  /** Names users and accounts. */
  readonly auth?: boolean;
  readonly subscriptions?: boolean;
  readonly subscriptionsDetail?: boolean;
  readonly offset?: number;
  readonly limit?: number;
  readonly cid?: number;
  readonly state?: 'open' | 'closed' | 'any';
  readonly user?: string;
  readonly account?: string;
  /** Only connections with a subscription that shares a subject with this one; goes with `account`. */
  readonly filterSubject?: string;
  readonly mqttClient?: string;
}

/** @throws RouterError 'router-query' in nats-server's words */
export async function connz(
  router: RouterView,
  statistics: Statistics,
  options: ConnzOptions,
): Promise<object> {
  const { sort = '', state = 'open', account: accountName = '' } = options;
  refuseWrong(options);
  const now = Date.now();
  const offset = Math.max(options.offset ?? 0, 0);
  const wanted = options.limit ?? 0;
  const limit = (options.cid ?? 0) > 0 ? 1 : wanted > 0 ? wanted : DEFAULT_LIMIT;
  const account = accountName === '' ? undefined : await router.localAccount(accountName);
  if (accountName !== '' && account === undefined) {
    return answer('', now, { total: 0, offset, limit, count: 0, connections: null });
  }
  const open = state === 'closed' ? [] : await openConnections(router, account);
  const gone =
    state === 'open'
      ? []
      : statistics.closed
          .all()
          .filter((each) => accountName === '' || each.account === accountName);
  const matching: Listed[] = await matchingOpen(open, options);
  for (const each of matchingClosed(gone, options)) matching.push(each);
  const page = await sorted(matching, sort === '' ? 'cid' : sort, now, [offset, offset + limit]);
  return answer(router.id, now, {
    total: open.length + gone.length,
    offset,
    limit,
    count: page.length,
    connections: new LazyList(
      entries(page, now, options),
      options.subscriptions === true || options.subscriptionsDetail === true,
    ),
  });
}

function answer(
  id: string,
  now: number,
  rest: {
    readonly total: number;
    readonly offset: number;
    readonly limit: number;
    readonly count: number;
    readonly connections: LazyList<object> | null;
  },
): object {
  return {
    server_id: id,
    now: timeText(now),
    num_connections: rest.count,
    total: rest.total,
    offset: rest.offset,
    limit: rest.limit,
    connections: rest.connections,
  };
}

function refuseWrong({ sort = '', state, account = '', filterSubject = '' }: ConnzOptions): void {
  if (sort !== '' && !isSortOrder(sort)) throw wrong(`invalid sorting option: ${sort}`);
  if ((sort === 'stop' || sort === 'reason') && state !== 'closed')
    throw wrong(`sort by ${sort} only valid on closed connections`);
  if (filterSubject !== '' && filterSubject !== '>' && account === '')
    throw wrong('filter by subject only valid with account filtering');
}

function wrong(message: string): RouterError {
  return new RouterError('router-query', message);
}

/** All clients, or the clients and leaf nodes of an account. */
async function openConnections(
  { clients, local, leafs }: RouterView,
  account: Account | undefined,
): Promise<MonitoredConnection[]> {
  const isIn = (each: MonitoredConnection): boolean =>
    account === undefined || each.account === account;
  const open: MonitoredConnection[] = [];
  await gather(clients.values(), isIn, open);
  await gather(local.all, isIn, open);
  return account === undefined ? open : gather(leafs, isIn, open);
}

async function matchingOpen(
  connections: readonly MonitoredConnection[],
  { cid = 0, user = '', mqttClient = '', filterSubject = '' }: ConnzOptions,
): Promise<MonitoredConnection[]> {
  if (cid > 0) return connections.filter((each) => each.id === cid);
  if (mqttClient !== '') return [];
  const named = await gather(connections, (each) => user === '' || userOf(each) === user);
  return filterSubject === '' || filterSubject === '>'
    ? named
    : withInterest(named, toWire(filterSubject));
}

async function withInterest(
  connections: readonly MonitoredConnection[],
  subject: string,
): Promise<MonitoredConnection[]> {
  const breath = new Breath();
  const found: MonitoredConnection[] = [];
  for (const connection of connections) {
    for (const subscription of connection.subscriptions.values()) {
      if (breath.due) await breath.take();
      if (intersection(subject, subscription.subject) === undefined) continue;
      found.push(connection);
      break;
    }
  }
  return found;
}

function matchingClosed(
  connections: readonly ClosedConnection[],
  { cid = 0, user = '', mqttClient = '' }: ConnzOptions,
): readonly ClosedConnection[] {
  if (cid > 0) return connections.filter((each) => each.facts.cid === cid).slice(0, 1);
  if (mqttClient !== '') return [];
  return user === '' ? connections : connections.filter((each) => each.user === user);
}

/** Made one by one, while they are written. */
function* entries(page: readonly Listed[], now: number, options: ConnzOptions): Generator<object> {
  for (const each of page)
    yield isClosed(each) ? closedEntry(each, options) : openEntry(each, now, options);
}

function openEntry(connection: MonitoredConnection, now: number, options: ConnzOptions): object {
  askForRoundTrip(connection);
  const { auth = false, subscriptions = false, subscriptionsDetail = false } = options;
  const listed = connection.subscriptions.size > 0;
  return {
    ...connectionFacts(connection, now),
    ...(auth ? identityFacts(connection) : undefined),
    subscriptions_list:
      listed && subscriptions && !subscriptionsDetail
        ? new LazyList(subjectsOf(detailsOf(connection)))
        : undefined,
    subscriptions_list_detail:
      listed && subscriptionsDetail ? new LazyList(detailsOf(connection)) : undefined,
  };
}

/** Whoever asks again sees it then. */
function askForRoundTrip({ ping, options, takesInfo }: MonitoredConnection): void {
  if (ping?.rtt === 0 && takesInfo === true && options?.lang) ping.measure?.();
}

function closedEntry(connection: ClosedConnection, options: ConnzOptions): object {
  const { auth = false, subscriptions = false, subscriptionsDetail = false } = options;
  const listed = connection.subscriptions.length > 0;
  return {
    ...connection.facts,
    ...(auth ? connection.identity : undefined),
    subscriptions_list:
      listed && subscriptions && !subscriptionsDetail
        ? connection.subscriptions.map(({ subject }) => subject)
        : undefined,
    subscriptions_list_detail: listed && subscriptionsDetail ? connection.subscriptions : undefined,
  };
}

function* detailsOf(connection: MonitoredConnection): Generator<SubscriptionFacts> {
  for (const subscription of connection.subscriptions.values())
    yield subscriptionFacts(subscription, false);
}

function* subjectsOf(details: Iterable<SubscriptionFacts>): Generator<string> {
  for (const { subject } of details) yield subject;
}
