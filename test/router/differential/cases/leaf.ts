/** The leaf protocol as a soliciting server would speak it, byte for byte. */
import { chat, hpub, pub, type Case, type Suite } from '../cases.ts';
import type { Session } from '../session.ts';
import type { Wire } from '../wire.ts';

const hello = {
  version: '2.9.10',
  server_id: 'NDYMXM5ZI6SHVRFFFF6CU3DFQVDBAJVP5F2NFRBOHB6LIA5IBEMCMSQF',
  name: 'leaf',
  tls_required: false,
  headers: true,
  jetstream: false,
  deny_pub: [],
};

const loop = 'LS+ $LDS.Ab1CdEfGhIjKlMnOpQrStU';

/** Opens a leaf connection and says CONNECT. */
async function leaf(session: Session, fields: object = {}, name = 'L'): Promise<Wire> {
  const wire = await session.open(name, { to: 'leafnodes', connect: false });
  await session.send(wire, `CONNECT ${JSON.stringify({ ...hello, ...fields })}\r\n`);
  return wire;
}

/** `L …` goes to the leaf connection (opened with these fields), other lines to clients as in `chat`. */
function leafCase(name: string, fields: object, ...lines: readonly string[]): Case {
  const clients = chat('', ...lines.filter((line) => !line.startsWith('L')));
  return {
    name,
    async run(session) {
      let wire: Wire | undefined;
      let pending: string[] = [];
      const flush = async (): Promise<void> => {
        if (pending.length > 0) await chat(clients.name, ...pending).run(session);
        pending = [];
      };
      for (const line of lines) {
        if (!line.startsWith('L')) {
          pending.push(line);
          continue;
        }
        await flush();
        wire ??= await leaf(session, fields);
        const text = line.slice(2);
        if (text === '!close') await session.close(wire);
        else if (text !== '') await session.send(wire, `${text}\r\n`);
      }
      await flush();
    },
  };
}

const lines = [
  'LS+',
  'LS+ ',
  'LS+ foo',
  'ls+ foo',
  'LS+ foo bar',
  'LS+ foo bar 1',
  'LS+ foo bar x',
  'LS+ foo bar 1 2',
  'LS+ foo..bar',
  'LS+ >',
  'LS-',
  'LS- foo',
  'LS- nope',
  'LS- foo bar',
  'LMSG foo 1\r\nx',
  'LMSG foo',
  'LMSG',
  'LMSG foo 2\r\nx',
  'LMSG foo x\r\nx',
  'LMSG foo reply 1\r\nx',
  'LMSG foo + reply q1 1\r\nx',
  'LMSG foo | q1 q2 1\r\nx',
  'LMSG foo | 1\r\nx',
  'HMSG foo 12 13\r\nNATS/1.0\r\n\r\nx',
  'HMSG foo reply 12 13\r\nNATS/1.0\r\n\r\nx',
  'HMSG foo 13 12\r\nNATS/1.0\r\n\r\nx',
  'PING',
  'PONG',
  'PUB foo 1\r\nx',
  'SUB foo 1',
  'UNSUB 1',
  'MSG foo 1 1\r\nx',
  'RS+ A foo',
  'INFO {}',
  '+OK',
  "-ERR 'x'",
  'HELLO',
  'CONNECT {}',
  "-ERR 'Loop detected'",
];

const cases: readonly Case[] = [
  {
    name: 'INFO of the leaf port',
    async run(session) {
      await session.open('L', { to: 'leafnodes', connect: false });
    },
  },
  ...lines.map((line) =>
    leafCase(
      `the line ${JSON.stringify(line)}`,
      {},
      'a SUB foo 1',
      'a SUB foo q2 q2',
      'L',
      `L ${line}`,
      `a ${pub('foo')}`,
      'L PING',
    ),
  ),
  ...[
    'PING',
    'LS+ foo',
    'PUB foo 1\r\nx',
    'HELLO',
    'CONNECT {',
    'CONNECT {"lang":"go","version":"1","verbose":false,"pedantic":false}',
    'CONNECT {}',
    'INFO {}',
    'PONG',
  ].map((line): Case => ({
    name: `${JSON.stringify(line)} first`,
    async run(session) {
      const wire = await session.open('L', { to: 'leafnodes', connect: false });
      await session.send(wire, `${line}\r\n`);
      await session.send(wire, 'PING\r\n');
    },
  })),
  leafCase(
    'interest that was there',
    {},
    'a SUB foo 1',
    'a SUB bar.* 2',
    'a SUB foo group 3',
    'b SUB foo 1',
    'b SUB foo group 2',
    'b SUB $SYS.x 3',
    'b SUB _INBOX.y.* 4',
    'L',
  ),
  leafCase(
    'interest that comes and goes',
    {},
    'L',
    'a SUB foo 1',
    'b SUB foo 1',
    'a UNSUB 1',
    'b UNSUB 1',
    'a SUB foo g 2',
    'b SUB foo g 2',
    'a UNSUB 2',
    'b !close',
    'a SUB x.> 5',
    'a UNSUB 5 1',
    `b2 ${pub('x.y')}`,
  ),
  leafCase(
    'messages to the leaf',
    {},
    'L LS+ foo',
    'L LS+ bar.*',
    `a ${pub('foo')}`,
    `a ${pub('foo', 'x', 'inbox')}`,
    `a ${pub('bar.x')}`,
    `a ${hpub('foo', ['k: v'], 'x', 'r')}`,
    `a ${hpub('foo', ['k: v'], 'x')}`,
    `a ${pub('baz')}`,
    'L LS- foo',
    `a ${pub('foo')}`,
  ),
  leafCase(
    'messages to a queue group of the leaf',
    {},
    'L LS+ foo g 2',
    `a ${pub('foo')}`,
    `a ${pub('foo', 'x', 'r')}`,
    `a ${hpub('foo', ['k: v'])}`,
    'L LS+ foo h 1',
    `a ${pub('foo')}`,
    `a ${pub('foo', 'y', 'r')}`,
    'L LS- foo g',
    `a ${pub('foo')}`,
  ),
  leafCase(
    'a local member goes before the leaf',
    {},
    'L LS+ foo g 2',
    'a SUB foo g q1',
    ...['1', '2', '3', '4'].map((body) => `b ${pub('foo', body)}`),
    'a UNSUB q1',
    `b ${pub('foo', '5')}`,
  ),
  leafCase(
    'a weight that changes',
    {},
    'L LS+ foo g 1',
    'L LS+ foo g 5',
    `a ${pub('foo')}`,
    'L LS+ foo g 0',
    `a ${pub('foo')}`,
  ),
  leafCase(
    'messages from the leaf',
    {},
    'a SUB foo 1',
    'a SUB foo.> 2',
    'L',
    'L LMSG foo 1\r\nx',
    'L LMSG foo.bar reply 1\r\nx',
    'L HMSG foo 12 13\r\nNATS/1.0\r\n\r\nx',
    'L HMSG foo reply 12 13\r\nNATS/1.0\r\n\r\nx',
    'L LMSG nobody reply 1\r\nx',
  ),
  leafCase(
    'messages from the leaf to queue groups',
    {},
    'a SUB foo g q1',
    'a SUB foo h q2',
    'a SUB foo 3',
    'L',
    'L LMSG foo | g 1\r\nx',
    'L LMSG foo + reply g h 1\r\nx',
    'L LMSG foo | nope 1\r\nx',
    'L HMSG foo | g 12 13\r\nNATS/1.0\r\n\r\nx',
    'L HMSG foo + reply g h 12 13\r\nNATS/1.0\r\n\r\nx',
    'L LMSG foo 1\r\nx',
  ),
  leafCase(
    'a request to the leaf and its answer',
    {},
    'L LS+ svc',
    'a SUB inbox.* 1',
    `a ${pub('svc', 'ask', 'inbox.1')}`,
    'L LMSG inbox.1 6\r\nanswer',
  ),
  leafCase(
    'no responders behind a leaf',
    {},
    'L',
    'a SUB inbox.* 1',
    `a ${pub('svc', 'ask', 'inbox.1')}`,
    'L LS+ svc',
    `a ${pub('svc', 'ask', 'inbox.2')}`,
  ),
  leafCase(
    'no message goes back where it came from',
    {},
    'L LS+ foo',
    'L LMSG foo 1\r\nx',
    `a ${pub('foo')}`,
  ),
  leafCase(
    'a header to a leaf without headers',
    { headers: false },
    'L LS+ foo',
    `a ${hpub('foo', ['k: v'], 'x', 'r')}`,
    'L HMSG foo 12 13\r\nNATS/1.0\r\n\r\nx',
  ),
  leafCase(
    'a hub as leaf',
    { is_hub: true },
    'a SUB foo 1',
    'L',
    'L LS+ bar',
    `a ${pub('bar')}`,
    'L LMSG foo 1\r\nx',
  ),
  leafCase(
    'what the leaf may not send',
    { deny_pub: ['secret.>'] },
    'a SUB > 1',
    'L LS+ secret.x',
    `a ${pub('secret.x')}`,
    `a ${pub('open')}`,
    'L LMSG secret.x 1\r\nx',
  ),
  leafCase('a loop', {}, `L ${loop}`, `L ${loop}`, 'L PING'),
  leafCase(
    'a domain',
    { domain: 'hub', jetstream: true },
    'a SUB foo 1',
    'L',
    'L LS+ bar',
    `a ${pub('bar')}`,
  ),
  leafCase('a cluster', { cluster: 'abc' }, 'a SUB foo 1', 'L', 'L LS+ bar', `a ${pub('bar')}`),
  leafCase(
    'verbose',
    { verbose: true },
    'a SUB foo 1',
    'L',
    'L LS+ bar',
    'L LMSG foo 1\r\nx',
    'L PING',
  ),
  leafCase('an unknown protocol number', { protocol: 7 }, 'L', 'L LS+ bar', 'L PING'),
  leafCase(
    'the leaf goes away',
    {},
    'L LS+ svc',
    'L !close',
    'a SUB inbox 1',
    `a ${pub('svc', 'x', 'inbox')}`,
  ),
  {
    name: 'two leaves',
    async run(session) {
      const one = await leaf(session, {}, 'L1');
      const two = await leaf(session, { name: 'other', server_id: 'NOTHER' }, 'L2');
      await session.send(one, 'LS+ foo\r\n');
      await session.send(two, 'LS+ foo\r\nLS+ bar g 1\r\n');
      await session.send(one, 'LMSG foo 1\r\nx\r\n');
      await session.send(two, 'LMSG foo + reply g 1\r\ny\r\n');
      await session.send(one, 'LMSG bar | g 1\r\nz\r\n');
      await session.close(two);
      await session.send(one, 'LMSG foo 1\r\nx\r\n');
    },
  },
  {
    name: 'one name twice',
    async run(session) {
      await leaf(session, {}, 'L1');
      await leaf(session, {}, 'L2');
      await session.pause(20);
    },
  },
];

const withUsers = `
accounts { A { users: [ { user: a, password: x } ] }, B { users: [ { user: b, password: x } ] } }
leafnodes {
  listen: "127.0.0.1:-1"
  authorization { users: [ { user: leafa, password: y, account: A }, { user: leafb, password: y, account: B } ] }
}`;

const login: readonly Case[] = [
  leafCase('no login', {}, 'L', 'L PING'),
  leafCase('a wrong password', { user: 'leafa', pass: 'x' }, 'L', 'L PING'),
  leafCase('a client user at the leaf port', { user: 'a', pass: 'x' }, 'L', 'L PING'),
  leafCase(
    'account A',
    { user: 'leafa', pass: 'y' },
    'a SUB foo 1',
    'b SUB bar 1',
    'L',
    'L LMSG foo 1\r\nx',
    'L LMSG bar 1\r\nx',
    'L LS+ x',
    `a ${pub('x')}`,
    `b ${pub('x')}`,
  ),
  leafCase(
    'account B',
    { user: 'leafb', pass: 'y' },
    'a SUB foo 1',
    'b SUB bar 1',
    'L',
    'L LMSG foo 1\r\nx',
    'L LMSG bar 1\r\nx',
  ),
];

const single: readonly Case[] = [
  leafCase('no login', {}, 'L', 'L PING'),
  leafCase('the login', { user: 'leaf', pass: 'y' }, 'a SUB foo 1', 'b SUB bar 1', 'L', 'L PING'),
  leafCase('a wrong password', { user: 'leaf', pass: 'z' }, 'L', 'L PING'),
];

const restricted = `
accounts {
  A {
    users: [ { user: a, password: x }, { user: leaf, password: y, permissions: { publish: ["up.>"], subscribe: ["down.>"] } } ]
    exports: [ { stream: "news.>" }, { service: "svc" } ]
  }
  B {
    users: [ { user: b, password: x }, { user: leafb, password: y } ]
    imports: [ { stream: { account: A, subject: "news.>" } }, { service: { account: A, subject: "svc" } } ]
  }
}
leafnodes { listen: "127.0.0.1:-1" }`;

const permitted: readonly Case[] = [
  leafCase(
    'what the login lets through',
    { user: 'leaf', pass: 'y' },
    'a SUB > 1',
    'a SUB up.x 2',
    'L',
    'L LS+ down.x',
    'L LS+ other',
    'L LS+ >',
    `a ${pub('down.x')}`,
    `a ${pub('other')}`,
    'L LMSG up.x 1\r\nx',
    'L LMSG down.y 1\r\nx',
    'L PING',
  ),
  leafCase(
    'exports to a leaf',
    { user: 'leafb', pass: 'y' },
    'a SUB svc 1',
    'b SUB inbox 2',
    'L',
    'L LS+ news.x',
    `a ${pub('news.x')}`,
    'L LMSG svc inbox.1 3\r\nask',
    'a !reply answer',
  ),
];

const byUser = (name: string): object => ({ user: name.replace(/\d+$/, ''), pass: 'x' });

export const leafnodes: readonly Suite[] = [
  { name: 'leaf nodes', config: 'leafnodes { listen: "127.0.0.1:-1" }', cases },
  { name: 'leaf nodes with users', config: withUsers, login: byUser, cases: login },
  {
    name: 'leaf nodes with one login',
    config: `accounts { A { users: [ { user: a, password: x } ] }, B { users: [ { user: b, password: x } ] } }
leafnodes { listen: "127.0.0.1:-1", authorization { user: leaf, password: y, account: B } }`,
    login: byUser,
    cases: single,
  },
  { name: 'leaf nodes of account users', config: restricted, login: byUser, cases: permitted },
];
