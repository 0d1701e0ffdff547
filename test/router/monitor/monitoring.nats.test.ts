import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPair, type Pair } from '../differential/compare.ts';
import { RawClient } from '../listen/support.ts';
import type { ServerProcess } from '../support/router-process.ts';
import { getPage, shapeOf } from './pages.ts';

const config = `
server_name: watched
server_tags: ["one", "two"]
http: "127.0.0.1:-1"
leafnodes { listen: "127.0.0.1:-1" }
websocket { listen: "127.0.0.1:-1", no_tls: true, compression: true, same_origin: true }
max_subscriptions: 1000
accounts {
  SYS { users: [ { user: sys, password: x } ] }
  A {
    users: [ { user: a, password: x } ]
    exports: [ { stream: "out.>" }, { service: "svc", response_type: stream }, { service: "own", accounts: [B] } ]
    mappings: { from: to, "w.*": [ { destination: "v.$1", weight: 30% } ] }
  }
  B {
    users: [ { user: b, password: x } ]
    imports: [ { stream: { account: A, subject: "out.>" }, prefix: p }, { service: { account: A, subject: "own" }, to: "theirs" } ]
  }
}
system_account: SYS
`;

/** Keys of 2.10, which the router follows, that the reference (2.9) does not have, and the other way round. */
const versions = new Set([
  // /varz
  'slow_consumer_stats',
  // /routez
  'server_name',
  // /accstatz; a part of /subsz in both, where its value is compared in other tests
  'num_subscriptions',
  // Imports of /accountz: 2.10 names the services of the system account the other way round.
  'imports',
]);

/** Pages that 2.9 answers otherwise, with the reason. */
const otherwise: Readonly<Record<string, string>> = {
  '/connz?sort=rtt': '2.10 sorts by round trip',
  '/leafz': '2.10 has an empty list where 2.9 has null',
  '/leafz?subs=1': 'the same',
  '/accountz?acc=SYS': '2.10 has $SYS.REQ.USER.INFO among the exports and imports',
};

const paths = [
  '/varz',
  ...['', '?subs=1', '?subs=detail', '?auth=1', '?auth=1&subs=detail', '?limit=1', '?offset=1'].map(
    (query) => `/connz${query}`,
  ),
  ...['?offset=9', '?limit=-1', '?offset=-1', '?acc=A', '?acc=NOPE', '?user=a&auth=1'].map(
    (query) => `/connz${query}`,
  ),
  ...['?cid=x', '?cid=99', '?limit=x', '?auth=x', '?subs=x', '?sort=x', '?state=x'].map(
    (query) => `/connz${query}`,
  ),
  ...[
    'cid start subs pending msgs_to msgs_from bytes_to bytes_from last idle uptime rtt stop reason',
  ]
    .join(' ')
    .split(' ')
    .map((sort) => `/connz?sort=${sort}`),
  ...[
    'closed',
    'any',
    'all',
    'OPEN',
    'closed&auth=1&subs=1',
    'closed&sort=stop',
    'closed&acc=A',
  ].map((query) => `/connz?state=${query}`),
  '/connz?limit=99999999999999999999',
  '/subsz',
  '/subsz?subs=1&acc=A',
  '/subsz?subs=1&acc=A&limit=1&offset=1',
  '/subsz?subs=1&test=foo.bar&acc=A',
  '/subsz?subs=1&test=nobody.hears&acc=A',
  '/subsz?test=foo.*',
  '/subsz?subs=x',
  '/subscriptionsz?acc=NOPE',
  '/routez',
  '/routez?subs=detail',
  '/routez?subs=x',
  '/gatewayz',
  '/gatewayz?accs=x',
  '/gatewayz?accs=1&gw_name=x',
  '/leafz',
  '/leafz?subs=1',
  '/leafz?subs=x',
  '/accountz',
  '/accountz?acc=A',
  '/accountz?acc=B',
  '/accountz?acc=SYS',
  '/accountz?acc=NOPE',
  '/accstatz',
  '/accstatz?unused=1',
  '/accstatz?unused=x',
  '/jsz',
  '/jsz?accounts=true&streams=true&consumers=1&config=1',
  '/jsz?limit=x',
  '/jsz?leader-only=x',
  '/healthz',
  '/healthz?js-enabled-only=true',
  '/healthz?js-server-only=true',
  '/healthz?js-enabled=x',
  '/healthz?callback=back',
  '/varz?callback=back',
  '/nope',
  '/connz/',
  '/Varz',
];

let pair: Pair | undefined;

/** Two clients that stay and one that has gone. */
async function populate(server: ServerProcess): Promise<void> {
  const fields = { verbose: false, lang: 'test', version: '1.0', protocol: 1, headers: true };
  const login = async (user: string, more: string): Promise<RawClient> => {
    const raw = RawClient.to(server.ports.client);
    await raw.until('INFO');
    const connect = { ...fields, user, pass: 'x', name: `client ${user}` };
    raw.send(`CONNECT ${JSON.stringify(connect)}\r\n${more}PING\r\n`);
    await raw.until('PONG');
    return raw;
  };
  const gone = await login('a', 'SUB x 1\r\nSUB y q 2\r\n');
  gone.socket.end();
  await gone.closed;
  const one = await login('a', 'SUB foo.* 1\r\nSUB foo.bar q 2\r\nSUB bar 3\r\nUNSUB 3 9\r\n');
  one.send('PUB foo.bar 5\r\nhello\r\nPUB bar 1\r\nx\r\nPING\r\n');
  await one.until('PONG\r\n');
  await login('b', 'SUB p.out.x 1\r\n');
}

beforeAll(async () => {
  pair = await startPair({ config });
  await Promise.all([populate(pair.reference), populate(pair.subject)]);
});
afterAll(() => pair?.[Symbol.asyncDispose]());

async function page(server: ServerProcess, path: string): Promise<unknown> {
  const { status, type, body } = await getPage(
    `http://127.0.0.1:${String(server.ports.monitoring)}`,
    path,
  );
  const json = /^(?:back\()?(\{[^]*\})\)?$/.exec(body)?.[1];
  return { status, type, body: json === undefined ? body : shapeOf(JSON.parse(json), versions) };
}

test.each(paths.filter((path) => otherwise[path] === undefined))(
  'monitoring beside nats-server - %s',
  async (path) => {
    const { reference, subject } = pair as Pair;
    expect(await page(subject, path)).toEqual(await page(reference, path));
  },
);

test.each(Object.keys(otherwise))(
  'monitoring beside nats-server - %s answers as 2.10 does',
  async (path) => {
    expect(await page((pair as Pair).subject, path)).toMatchObject({
      status: 200,
      type: 'application/json',
    });
  },
);

test('monitoring beside nats-server - the settings of both are the same', async () => {
  const read = async (server: ServerProcess): Promise<Record<string, unknown>> => {
    const { body } = await getPage(`http://127.0.0.1:${String(server.ports.monitoring)}`, '/varz');
    return JSON.parse(body) as Record<string, unknown>;
  };
  const { reference, subject } = pair as Pair;
  const [theirs, ours] = await Promise.all([read(reference), read(subject)]);
  const settings = [
    'proto host auth_required max_connections max_subscriptions ping_interval ping_max http_host',
    'http_base_path https_port auth_timeout max_control_line max_payload max_pending cluster gateway',
    'mqtt jetstream tls_timeout write_deadline connections routes remotes leafnodes tags',
    'system_account slow_consumers in_msgs in_bytes out_msgs out_bytes total_connections',
  ]
    .join(' ')
    .split(' ');
  for (const key of settings) expect([key, ours[key]]).toEqual([key, theirs[key]]);
});

test('monitoring beside nats-server - exports and mappings are the same', async () => {
  const read = async (server: ServerProcess): Promise<Record<string, unknown>> => {
    const url = `http://127.0.0.1:${String(server.ports.monitoring)}`;
    const { body } = await getPage(url, '/accountz?acc=A');
    return (JSON.parse(body) as { account_detail: Record<string, unknown> }).account_detail;
  };
  const { reference, subject } = pair as Pair;
  const [theirs, ours] = await Promise.all([read(reference), read(subject)]);
  const bySubject = (list: unknown): unknown =>
    (list as { subject: string }[]).toSorted((a, b) => (a.subject < b.subject ? -1 : 1));
  expect(bySubject(ours['exports'])).toEqual(bySubject(theirs['exports']));
  expect(ours['mappings']).toEqual(theirs['mappings']);
});
