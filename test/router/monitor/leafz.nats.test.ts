import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPair, type Pair } from '../differential/compare.ts';
import { clientOf, reaches, until } from '../leaf/support.ts';
import { startServer, type ServerProcess } from '../support/router-process.ts';
import { getJson, shapeOf } from './pages.ts';

type Json = Record<string, unknown>;

const hubConfig = `
server_name: hub
leafnodes { listen: "127.0.0.1:-1", authorization { user: l, password: p } }
`;
const config = (hubs: readonly number[]): string => `
server_name: middle
server_tags: [one]
http: 127.0.0.1:-1
leafnodes {
  listen: "127.0.0.1:-1"
  authorization { users: [ { user: leaf, password: p, account: A } ] }
  remotes: [
    { urls: [${hubs.map((port) => `"nats-leaf://l:p@127.0.0.1:${port}"`).join()}]
      account: B, deny_imports: ["x.>"], deny_exports: y, no_randomize: true }
  ]
}
websocket { listen: "127.0.0.1:-1", no_tls: true, allowed_origins: ["http://a.example"], handshake_timeout: 3 }
accounts {
  SYS { users: [ { user: sys, password: x } ] }
  A { users: [ { user: a, password: x } ] }
  B { users: [ { user: b, password: x } ] }
}
system_account: SYS
`;

/** What 2.10, which the router follows, has and the reference (2.9) has not. */
const versions = new Set(['name', 'is_spoke', 'compression', 'num_subscriptions']);

let pair: Pair | undefined;
const started: ServerProcess[] = [];
const closing: (() => Promise<void>)[] = [];

async function start(text: string): Promise<ServerProcess> {
  const server = await startServer('nats-server', { config: text });
  started.push(server);
  return server;
}

function read(server: ServerProcess, path: string): Promise<Json> {
  return getJson(`http://127.0.0.1:${server.ports.monitoring ?? 0}`, path);
}

/** Each gets a hub and a leaf node, both of them real ones, and the same traffic. */
beforeAll(async () => {
  const hubs = [await start(hubConfig), await start(hubConfig)];
  const [one = 0, other = 0] = hubs.map(({ ports }) => ports.leafnodes);
  pair = await startPair({ config: config([one]) });
  // A hub takes one leaf node of a name: the router has the other one.
  await pair.subject.start(config([other]));
  for (const middle of [pair.reference, pair.subject]) {
    const leaf = await start(`
      server_name: leaf
      leafnodes { remotes: [ { url: "nats-leaf://leaf:p@127.0.0.1:${middle.ports.leafnodes ?? 0}" } ] }
    `);
    await until('two leaf nodes', async () => (await read(middle, '/leafz'))['leafnodes'] === 2);
    const below = await clientOf(leaf.ports.client);
    const above = await clientOf(middle.ports.client, { user: 'a', pass: 'x' });
    closing.push(
      () => below.close(),
      () => above.close(),
    );
    below.subscribe('foo');
    below.subscribe('bar.*', { queue: 'q' });
    await reaches(below, above);
    above.publish('foo', 'hello');
    await above.flush();
    // Its first PING comes after a second.
    await until('a round trip', async () => {
      const { leafs } = (await read(middle, '/leafz')) as { leafs: { rtt: string }[] };
      return leafs.some(({ rtt }) => rtt !== '0s');
    });
  }
});
afterAll(async () => {
  for (const close of closing) await close();
  await pair?.[Symbol.asyncDispose]();
  for (const server of started) await server[Symbol.asyncDispose]();
});

const byAccount = (leafs: unknown): Json[] =>
  (leafs as Json[]).toSorted((a, b) => (String(a['account']) < String(b['account']) ? -1 : 1));

test.each(['/leafz', '/leafz?subs=1', '/leafz?acc=A'])(
  'leaf nodes are shown as nats-server shows them - %s',
  async (path) => {
    const { reference, subject } = pair as Pair;
    const [theirs, ours] = await Promise.all([read(reference, path), read(subject, path)]);
    expect(shapeOf({ ...ours, leafs: [] })).toEqual(shapeOf({ ...theirs, leafs: [] }));
    expect(ours['leafnodes']).toBe(theirs['leafnodes']);
    const [shapes, expected] = [ours, theirs].map(({ leafs }) =>
      byAccount(leafs).map((leaf) => shapeOf(leaf, versions)),
    );
    expect(shapes).toEqual(expected);
    const counts = ['account', 'ip', 'in_msgs', 'out_msgs', 'in_bytes', 'out_bytes'];
    const counted = (list: unknown): unknown[] =>
      byAccount(list).map((leaf) => counts.map((name) => leaf[name]));
    // Probes of interest are answered until the first gets through.
    expect(counted(ours['leafs'])[1]).toEqual(counted(theirs['leafs'])[1]);
    expect(byAccount(ours['leafs'])[0]).toMatchObject({ account: 'A', ip: '127.0.0.1' });
  },
);

test('leaf nodes are shown with what 2.10 knows beyond that', async () => {
  const { leafs } = await read((pair as Pair).subject, '/leafz');
  expect(byAccount(leafs)).toMatchObject([
    { name: 'leaf', is_spoke: false, account: 'A', compression: 'not supported' },
    { name: 'hub', is_spoke: true, account: 'B', compression: 'not supported' },
  ]);
});

test('leaf nodes are among the connections of their account, as nats-server has them', async () => {
  const { reference, subject } = pair as Pair;
  for (const path of ['/connz?acc=A&auth=1&subs=1', '/connz?acc=B&auth=1&subs=1']) {
    const [theirs, ours] = await Promise.all([read(reference, path), read(subject, path)]);
    expect(shapeOf(ours)).toEqual(shapeOf(theirs));
    const named = (page: Json): unknown[] =>
      (page['connections'] as Json[]).map(({ kind, name, version }) => [kind, name, version]);
    expect(named(ours)).toEqual(named(theirs));
  }
});

test('lists of the configuration are shown as nats-server shows them', async () => {
  const { reference, subject } = pair as Pair;
  const [theirs, ours] = await Promise.all([read(reference, '/varz'), read(subject, '/varz')]);
  for (const key of ['leaf', 'websocket', 'tags', 'leafnodes', 'connections']) {
    expect([key, shapeOf(ours[key])]).toEqual([key, shapeOf(theirs[key])]);
  }
  expect(ours['leaf']).toMatchObject({
    remotes: [{ local_account: 'B', deny: { exports: ['y'], imports: ['x.>'] } }],
  });
  const [stat, other] = await Promise.all([reference, subject].map((at) => read(at, '/accstatz')));
  expect(shapeOf(other, versions)).toEqual(shapeOf(stat, versions));
});
