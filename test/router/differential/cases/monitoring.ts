/** The monitoring pages: which fields there are, and the values that two servers have in common. */
import { pub, type Case, type Suite } from '../cases.ts';
import type { Session } from '../session.ts';

const config = `
server_name: "reference"
http: "127.0.0.1:-1"
leafnodes { listen: "127.0.0.1:-1" }
max_payload: 2MB
ping_interval: 30
accounts {
  SYS { users: [ { user: sys, password: x } ] }
  A { users: [ { user: a, password: x } ], exports: [ { stream: "out.>" }, { service: "svc" } ], mappings: { from: to } }
  B { users: [ { user: b, password: x } ], imports: [ { stream: { account: A, subject: "out.>" } }, { service: { account: A, subject: "svc" } } ] }
}
system_account: SYS
`;

/** Two clients with some subscriptions and traffic. */
async function populate(session: Session): Promise<void> {
  const a = await session.open('a', { connect: { name: 'first', lang: 'test', version: '1.2.3' } });
  await session.send(a, 'SUB foo 1\r\nSUB foo.* q 2\r\nSUB bar 3\r\nUNSUB 3 5\r\n');
  await session.send(a, `${pub('foo', 'hello')}\r\n`);
  await session.open('b', { connect: { name: 'second' } });
}

function page(path: string, who: (session: Session) => Promise<void> = populate): Case {
  return {
    name: path,
    async run(session) {
      await who(session);
      const { status, type, body } = await session.page(path);
      session.note(`GET ${path}`, `${status} ${type}`);
      const json = /^\s*\{/.test(body);
      if (type.startsWith('text/html')) return;
      session.note('body', json ? (JSON.parse(body) as unknown) : body);
    },
  };
}

const nobody = (): Promise<void> => Promise.resolve();

/** What is said of one connection after it has gone. */
const gone: Case = {
  name: 'a closed connection',
  async run(session) {
    const wire = await session.open('a', { connect: { name: 'gone' } });
    await session.send(wire, 'SUB x 1\r\nSUB y q 2\r\n');
    await session.send(wire, 'HELLO\r\n');
    await session.pause(20);
    for (const query of ['', '&acc=A', '&subs=1&auth=1', '&subs=detail']) {
      const { body } = await session.page(`/connz?state=closed&cid=${wire.info.client_id}${query}`);
      session.note(query, JSON.parse(body));
    }
  },
};

const paths = [
  '/',
  '/healthz',
  '/varz',
  '/connz',
  '/connz?subs=1',
  '/connz?subs=true',
  '/connz?subs=detail',
  '/connz?auth=1',
  '/connz?auth=true&subs=detail',
  '/connz?limit=1',
  '/connz?limit=1&offset=1',
  '/connz?offset=10',
  '/connz?acc=A',
  '/connz?acc=NOPE',
  '/connz?user=a&auth=1',
  '/connz?cid=1',
  '/connz?cid=x',
  '/connz?limit=x',
  '/connz?offset=-1',
  '/connz?sort=nope',
  ...[
    'cid',
    'start',
    'subs',
    'pending',
    'msgs_to',
    'msgs_from',
    'bytes_to',
    'bytes_from',
    'last',
    'idle',
    'uptime',
    'rtt',
  ].map((sort) => `/connz?sort=${sort}`),
  '/connz?sort=stop',
  '/connz?sort=reason',
  '/connz?state=open',
  '/connz?state=any&limit=2',
  '/connz?state=nope',
  '/subsz',
  '/subsz?subs=1&acc=A',
  '/subsz?subs=1&limit=100&acc=A',
  '/subsz?acc=A&test=foo&subs=1',
  '/subsz?test=foo..bar',
  '/subscriptionsz',
  '/routez',
  '/routez?subs=1',
  '/gatewayz',
  '/leafz',
  '/leafz?subs=1',
  '/leafz?acc=A',
  '/accountz',
  '/accountz?acc=A',
  '/accountz?acc=B',
  '/accountz?acc=SYS',
  '/accountz?acc=NOPE',
  '/accstatz',
  '/accstatz?unused=1',
  '/jsz',
  '/jsz?accounts=1',
  '/healthz?js-enabled-only=true',
  '/healthz?js-enabled=true',
  '/nope',
  '/varz/',
  '/VARZ',
  '/healthz?callback=run',
];

export const monitoring: readonly Suite[] = [
  {
    name: 'monitoring',
    config,
    login: (name) => ({ user: name.replace(/\d+$/, ''), pass: 'x' }),
    cases: [...paths.map((path) => page(path)), page('/connz', nobody), gone],
  },
];
