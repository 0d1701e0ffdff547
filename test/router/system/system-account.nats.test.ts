import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPair, type Pair } from '../differential/compare.ts';
import { RawClient } from '../listen/support.ts';
import { shapeOf } from '../monitor/pages.ts';
import type { ServerProcess } from '../support/router-process.ts';

const config = `
server_name: watched
server_tags: ["one", "two"]
accounts {
  SYS { users: [ { user: sys, password: x } ] }
  A { users: [ { user: a, password: x } ] }
  B { users: [ { user: b, password: x } ] }
}
system_account: SYS
`;

/** What 2.10, which the router follows, has and the reference (2.9) has not; `data: null` is 2.9's. */
const versions = new Set(['flags', 'slow_consumer_stats', 'status_code', 'num_subscriptions']);

/** A user that asks and waits for the answer. */
class Asker {
  readonly raw: RawClient;
  #count = 0;

  constructor(raw: RawClient) {
    this.raw = raw;
  }

  static async login(server: ServerProcess, user: string, fields: object = {}): Promise<Asker> {
    const raw = RawClient.to(server.ports.client);
    await raw.until('INFO');
    const connect = {
      verbose: false,
      lang: 'test',
      version: '1.0',
      protocol: 1,
      headers: true,
      no_responders: true,
      user,
      pass: 'x',
      ...fields,
    };
    raw.send(`CONNECT ${JSON.stringify(connect)}\r\nSUB in.* 1\r\nPING\r\n`);
    await raw.until('PONG');
    return new Asker(raw);
  }

  /** The next message on a subject, after what has come already. */
  async message(subject: string): Promise<string> {
    const escaped = subject.replaceAll(/[.$*]/g, '\\$&');
    const pattern = new RegExp(`(?:^|\\n)H?MSG ${escaped} \\S+ [^\\r]*?(\\d+)\\r\\n`);
    for (;;) {
      const found = pattern.exec(this.raw.text);
      const at = (found?.index ?? 0) + (found?.[0].length ?? 0);
      const size = Number(found?.[1] ?? Infinity);
      if (found !== null && this.raw.text.length >= at + size) {
        const body = this.raw.text.slice(at, at + size);
        this.raw.text = this.raw.text.slice(at + size);
        return body;
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async ask(subject: string, body = ''): Promise<unknown> {
    const inbox = `in.${++this.#count}`;
    this.raw.send(`PUB ${subject} ${inbox} ${Buffer.byteLength(body)}\r\n${body}\r\n`);
    return shapeOfAnswer(await this.message(inbox));
  }

  async event(subject: string): Promise<unknown> {
    return shapeOfAnswer(await this.message(subject));
  }
}

/** Errors are compared word by word, all else by its shape. */
function shapeOfAnswer(text: string): unknown {
  if (!text.startsWith('{')) return text;
  const utf8 = Buffer.from(text, 'latin1').toString('utf8');
  const { data, error, ...rest } = JSON.parse(utf8) as Record<string, unknown>;
  return {
    ...(shapeOf(rest, versions) as object),
    ...(error === undefined ? { data: shapeOf(data, versions) } : { error }),
  };
}

interface Both {
  readonly reference: Asker;
  readonly subject: Asker;
}

let pair: Pair | undefined;
let sys: Both | undefined;
const own = new Map<string, Both>();

async function both(user: string, fields: object = {}): Promise<Both> {
  const { reference, subject } = pair as Pair;
  return {
    reference: await Asker.login(reference, user, fields),
    subject: await Asker.login(subject, user, fields),
  };
}

beforeAll(async () => {
  pair = await startPair({ config });
  sys = await both('sys', { name: 'watcher' });
  own.set('a', await both('a', { name: 'someone' }));
});
afterAll(() => pair?.[Symbol.asyncDispose]());

const requests: readonly (readonly [subject: string, body?: string | undefined])[] = [
  ['$SYS.REQ.SERVER.PING'],
  ['$SYS.REQ.SERVER.PING.STATSZ'],
  ['$SYS.REQ.SERVER.PING.VARZ'],
  ['$SYS.REQ.SERVER.PING.CONNZ'],
  ['$SYS.REQ.SERVER.PING.CONNZ', '{"auth":true,"subscriptions":true}'],
  ['$SYS.REQ.SERVER.PING.CONNZ', '{"subscriptions_detail":true,"limit":1,"offset":1}'],
  ['$SYS.REQ.SERVER.PING.CONNZ', '{"state":1}'],
  ['$SYS.REQ.SERVER.PING.CONNZ', '{"sort":"nope"}'],
  ['$SYS.REQ.SERVER.PING.CONNZ', '{"sort":"stop"}'],
  ['$SYS.REQ.SERVER.PING.CONNZ', '{"filter_subject":"x"}'],
  ['$SYS.REQ.SERVER.PING.CONNZ', '{"acc":"A","filter_subject":"in.x"}'],
  ['$SYS.REQ.SERVER.PING.CONNZ', 'null'],
  ['$SYS.REQ.SERVER.PING.SUBSZ'],
  ['$SYS.REQ.SERVER.PING.SUBSZ', '{"subscriptions":true,"account":"A"}'],
  ['$SYS.REQ.SERVER.PING.SUBSZ', '{"test":"a.*"}'],
  ['$SYS.REQ.SERVER.PING.GATEWAYZ'],
  ['$SYS.REQ.SERVER.PING.ACCOUNTZ'],
  ['$SYS.REQ.SERVER.PING.ACCOUNTZ', '{"account":"NOPE"}'],
  ['$SYS.REQ.SERVER.PING.JSZ'],
  ['$SYS.REQ.SERVER.PING.HEALTHZ'],
  ['$SYS.REQ.SERVER.PING.NOPE'],
  ['$SYS.REQ.ACCOUNT.A.CONNZ'],
  ['$SYS.REQ.ACCOUNT.A.CONNZ', '{"auth":true}'],
  ['$SYS.REQ.ACCOUNT.A.JSZ'],
  ['$SYS.REQ.ACCOUNT.A.STATZ'],
  ['$SYS.REQ.ACCOUNT.A.CONNS'],
  ['$SYS.REQ.ACCOUNT.NOPE.INFO'],
  ['$SYS.REQ.ACCOUNT.PING.STATZ'],
  ['$SYS.REQ.ACCOUNT.PING.STATZ', '{"accounts":["A"]}'],
  ['$SYS.REQ.ACCOUNT.NSUBS', '{"acc":"A","subject":"in.x"}'],
  ['$SYS.REQ.ACCOUNT.NSUBS', '{"acc":"A","subject":"in.*"}'],
  ['$SYS.DEBUG.SUBSCRIBERS', 'in.x'],
  ...[
    '{not json',
    'x',
    '{',
    '{"a" 1}',
    '{"a":1 "b":2}',
    '{"a":tru}',
    '{"a":01}',
    '{"a":-}',
    '{"a":1.}',
    '{"a":1e}',
    '{"a":"\n"}',
    '{"a":"\\x"}',
    '{"a":"\\u12g4"}',
    '{} {}',
    "{'a':1}",
    '[1,]',
    '[1 2]',
    '[]',
    '5',
    '"x"',
    '{"tags":5}',
    '{"server_name":5}',
    '{"server_name":true}',
    '{"tags":[5]}',
  ].map((body) => ['$SYS.REQ.SERVER.PING.VARZ', body] as const),
];

test.each(requests.map(([subject, body = '']) => [subject, body] as const))(
  'system account beside nats-server - %s %j',
  async (subject, body) => {
    const { reference, subject: router } = sys as Both;
    expect(await router.ask(subject, body)).toEqual(await reference.ask(subject, body));
  },
);

test.each([
  '$SYS.REQ.ACCOUNT.PING.CONNZ',
  '$SYS.REQ.SERVER.PING.CONNZ',
  '$SYS.REQ.ACCOUNT.PING.STATZ',
  '$SYS.REQ.SERVER.PING',
  '$SYS.REQ.SERVER.PING.VARZ',
  '$SYS.REQ.ACCOUNT.A.CONNZ',
])('system account beside nats-server - a user of another account asks %s', async (subject) => {
  const { reference, subject: router } = own.get('a') as Both;
  expect(await router.ask(subject)).toEqual(await reference.ask(subject));
});

test('system account beside nats-server - what is said of a client that comes and goes', async () => {
  const { reference, subject: router } = sys as Both;
  const subjects = ['$SYS.ACCOUNT.B.CONNECT', '$SYS.ACCOUNT.B.DISCONNECT'];
  for (const asker of [reference, router]) {
    for (const [at, subject] of subjects.entries()) asker.raw.send(`SUB ${subject} e${at}\r\n`);
    await asker.ask('$SYS.REQ.SERVER.PING');
  }
  const clients = await both('b', { name: 'short' });
  for (const { raw } of [clients.reference, clients.subject]) {
    raw.send('PUB in.me 2\r\nhi\r\nPING\r\n');
    await raw.until('hi');
    raw.socket.end();
  }
  for (const subject of subjects) {
    expect(await router.event(subject)).toEqual(await reference.event(subject));
  }
});

test.each(['$SYS.ACCOUNT.B.SERVER.CONNS', '$SYS.SERVER.ACCOUNT.B.CONNS'])(
  'system account beside nats-server - how many connections there are, on %s',
  async (subject) => {
    const { reference, subject: router } = sys as Both;
    for (const asker of [reference, router]) {
      asker.raw.send(`SUB ${subject} ${subject}\r\n`);
      await asker.ask('$SYS.REQ.SERVER.PING');
    }
    const clients = await both('b');
    expect(await router.event(subject)).toEqual(await reference.event(subject));
    for (const { raw } of [clients.reference, clients.subject]) raw.socket.end();
    expect(await router.event(subject)).toEqual(await reference.event(subject));
  },
);

test('system account beside nats-server - what is said of a refused login', async () => {
  const { reference, subject: router } = sys as Both;
  for (const asker of [reference, router]) {
    asker.raw.send('SUB $SYS.SERVER.*.CLIENT.AUTH.ERR err\r\n');
    await asker.ask('$SYS.REQ.SERVER.PING');
  }
  const events: unknown[] = [];
  for (const [asker, server] of [
    [reference, (pair as Pair).reference],
    [router, (pair as Pair).subject],
  ] as const) {
    const raw = RawClient.to(server.ports.client);
    await raw.until('INFO');
    const id = String(raw.info()['server_id']);
    raw.send('CONNECT {"user":"a","pass":"wrong","name":"n","lang":"test","version":"1"}\r\n');
    events.push(await asker.event(`$SYS.SERVER.${id}.CLIENT.AUTH.ERR`));
  }
  expect(events[1]).toEqual(events[0]);
});
