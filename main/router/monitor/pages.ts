/** The monitoring pages: which facts a path stands for, and which parameters it takes. */
import { RouterError } from '../errors.ts';
import type { Facts } from './facts.ts';
import type { Query } from './query.ts';

export interface Page {
  readonly status: number;
  /** JSON; see json-text.ts. */
  readonly body: unknown;
  /** All in one line. */
  readonly compact?: boolean;
}

type Make = (facts: Facts, query: Query) => unknown;

const makers: Readonly<Record<string, Make>> = {
  '/varz': (facts) => facts.varz(),
  '/connz': connzPage,
  '/subsz': subszPage,
  '/routez'(facts, query) {
    query.subscriptions();
    return facts.routez();
  },
  '/gatewayz'(facts, query) {
    query.subscriptions();
    query.flag('accs');
    return facts.gatewayz();
  },
  '/leafz': (facts, query) =>
    facts.leafz({ subscriptions: query.flag('subs'), account: query.text('acc') }),
  '/accountz': (facts, query) => facts.accountz(query.text('acc')),
  '/accstatz': (facts, query) => facts.accountStatz({ includeUnused: query.flag('unused') }).facts,
  '/jsz': jszPage,
  '/ipqueuesz'(_facts, query) {
    query.flag('all');
    return {};
  },
};

/** Another name of `/subsz`. */
const SUBSZ_ALIAS = '/subscriptionsz';

/**
 * @param path below the base path
 * @returns undefined for a page that there is not
 * @throws RouterError 'router-query' for wrong parameters
 */
export async function pageOf(path: string, facts: Facts, query: Query): Promise<Page | undefined> {
  const name = path === SUBSZ_ALIAS ? '/subsz' : path;
  if (name === '/healthz') {
    facts.statistics.countPage(name);
    return healthzPage(facts, query);
  }
  const make = Object.hasOwn(makers, name) ? makers[name] : undefined;
  if (make === undefined) return undefined;
  facts.statistics.countPage(name);
  return { status: 200, body: await make(facts, query) };
}

function connzPage(facts: Facts, query: Query): Promise<object> {
  const sort = query.text('sort');
  const auth = query.flag('auth');
  const { listed, detailed } = query.subscriptions();
  return facts.connz({
    sort,
    auth,
    subscriptions: listed,
    subscriptionsDetail: detailed,
    offset: query.integer('offset'),
    limit: query.integer('limit'),
    cid: query.id('cid'),
    state: query.state(),
    user: query.text('user'),
    account: query.text('acc'),
    filterSubject: query.text('filter_subject'),
    mqttClient: query.text('mqtt_client'),
  });
}

async function subszPage(facts: Facts, query: Query): Promise<object> {
  const answer = await facts.subsz({
    subscriptions: query.flag('subs'),
    offset: query.integer('offset'),
    limit: query.integer('limit'),
    test: query.text('test'),
    account: query.text('acc'),
  });
  return answer.count === 0 ? answer.index : answer.facts;
}

function jszPage(facts: Facts, query: Query): object {
  for (const name of ['accounts', 'streams', 'consumers', 'config']) query.flag(name);
  for (const name of ['offset', 'limit']) query.integer(name);
  const leaderOnly = query.flag('leader-only');
  for (const name of ['raft', 'stream-leader-only']) query.flag(name);
  if (leaderOnly) throw new RouterError('router-query', 'filtered response: not leader');
  return facts.jsz();
}

function healthzPage(facts: Facts, query: Query): Page {
  for (const name of ['js-enabled', 'js-enabled-only', 'js-server-only']) query.flag(name);
  const { code, body } = facts.healthz({
    details: query.flag('details'),
    account: query.text('account'),
    stream: query.text('stream'),
    consumer: query.text('consumer'),
  });
  return { status: code, body, compact: true };
}
