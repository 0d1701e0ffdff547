/** `$SYS.REQ.SERVER.<id|PING>.<what>`: what a server says of itself. */
import { RouterError } from '../errors.ts';
import type { ConnzOptions } from '../monitor/connz.ts';
import type { Facts } from '../monitor/facts.ts';
import type { RequestBody } from './request-body.ts';
import { skipped } from './request-desk.ts';

/** Makes an answer's `data`; `skipped` when there is to be none. */
export interface FactRequest {
  /** How nats-server calls what it reads the body into. */
  readonly options: string;
  make(facts: Facts, body: RequestBody): unknown;
}

/** ConnState as a number. */
const states = ['open', 'closed', 'any'] as const;

export const serverRequests: Readonly<Record<string, FactRequest>> = {
  VARZ: { options: 'VarzEventOptions', make: (facts) => facts.varz() },
  SUBSZ: {
    options: 'SubszEventOptions',
    make: (facts, body) =>
      subscriptions(facts, body, body.flag('subscriptions'), body.text('account')),
  },
  CONNZ: {
    options: 'ConnzEventOptions',
    make: (facts, body) => facts.connz(connzOptions(body, body.text('acc'))),
  },
  ROUTEZ: { options: 'RoutezEventOptions', make: (facts) => facts.routez() },
  GATEWAYZ: { options: 'GatewayzEventOptions', make: (facts) => facts.gatewayz() },
  LEAFZ: {
    options: 'LeafzEventOptions',
    make: (facts, body) =>
      facts.leafz({ subscriptions: body.flag('subscriptions'), account: body.text('account') }),
  },
  ACCOUNTZ: {
    options: 'AccountzEventOptions',
    make: (facts, body) => facts.accountz(body.text('account')),
  },
  JSZ: {
    options: 'JszEventOptions',
    make: (facts, body) => (body.flag('leader_only') ? skipped : facts.jsz()),
  },
  HEALTHZ: { options: 'HealthzEventOptions', make: health },
  PROFILEZ: { options: 'ProfilezEventOptions', make: profile },
  IPQUEUESZ: { options: 'IpqueueszEventOptions', make: () => ({}) },
  RAFTZ: { options: 'RaftzEventOptions', make: () => null },
};

/** `$SYS.REQ.ACCOUNT.<account>.<what>`: what this server says of an account. */
export const accountRequests: Readonly<
  Record<string, Omit<FactRequest, 'make'> & { make: AccountMake }>
> = {
  SUBSZ: {
    options: 'SubszEventOptions',
    make: (facts, body, account) => subscriptions(facts, body, true, account),
  },
  CONNZ: {
    options: 'ConnzEventOptions',
    make: (facts, body, account) => facts.connz(connzOptions(body, account)),
  },
  LEAFZ: {
    options: 'LeafzEventOptions',
    make: (facts, body, account) =>
      facts.leafz({ subscriptions: body.flag('subscriptions'), account }),
  },
  JSZ: {
    options: 'JszEventOptions',
    make() {
      throw new RouterError('router-query', 'jetstream not enabled');
    },
  },
  INFO: {
    options: 'AccInfoEventOptions',
    make: (facts, _body, account) => facts.accountDetail(account),
  },
  STATZ: {
    options: 'AccountStatzEventOptions',
    // PING is answered by a subscription of its own.
    make: (facts, body, account) =>
      account === 'PING' ? skipped : statz(facts, [account], body.flag('include_unused')),
  },
};

type AccountMake = (facts: Facts, body: RequestBody, account: string) => unknown;

/** `$SYS.REQ.ACCOUNT.PING.STATZ` */
export const pingStatz: FactRequest = {
  options: 'AccountStatzEventOptions',
  make: (facts, body) => statz(facts, body.texts('accounts'), body.flag('include_unused')),
};

function statz(facts: Facts, accounts: readonly string[], includeUnused: boolean): unknown {
  const answer = facts.accountStatz({ accounts, includeUnused });
  return answer.count === 0 && !includeUnused ? skipped : answer.facts;
}

async function subscriptions(
  facts: Facts,
  body: RequestBody,
  listed: boolean,
  account: string,
): Promise<object> {
  const answer = await facts.subsz({
    subscriptions: listed,
    account,
    offset: body.integer('offset'),
    limit: body.integer('limit'),
    test: body.text('test'),
  });
  return answer.facts;
}

function connzOptions(body: RequestBody, account: string): ConnzOptions {
  return {
    sort: body.text('sort'),
    auth: body.flag('auth'),
    subscriptions: body.flag('subscriptions'),
    subscriptionsDetail: body.flag('subscriptions_detail'),
    offset: body.integer('offset'),
    limit: body.integer('limit'),
    cid: body.integer('cid', 'uint64'),
    mqttClient: body.text('mqtt_client'),
    state: states[body.integer('state', 'server.ConnState')] ?? 'open',
    user: body.text('user'),
    account,
    filterSubject: body.text('filter_subject'),
  };
}

function health(facts: Facts, body: RequestBody): object {
  const { code, body: health } = facts.healthz({
    account: body.text('account'),
    stream: body.text('stream'),
    consumer: body.text('consumer'),
    details: body.flag('details'),
  });
  const { status, ...rest } = health as { status: string };
  return { status, status_code: code, ...rest };
}

/** There are no profiles to be had. */
function profile(_facts: Facts, body: RequestBody): object {
  const name = body.text('name');
  if (name === '') return { error: 'Profile name not specified' };
  return { error: `Profile ${JSON.stringify(name)} not found` };
}
