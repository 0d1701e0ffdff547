/** The system account: requests that are answered, and events that are sent. */
import { chat, connectLine, pub, type Case, type Suite } from '../cases.ts';
import type { Session } from '../session.ts';

const config = `
server_name: "reference"
server_tags: ["one", "two"]
accounts {
  SYS { users: [ { user: sys, password: x } ] }
  A {
    users: [ { user: a, password: x, permissions: { publish: ["foo", "$SYS.REQ.USER.INFO"], subscribe: { allow: ">", deny: "secret" } } }, { user: free, password: x } ]
    exports: [ { service: "svc", latency: "latency.svc" }, { stream: "out.>" } ]
  }
  B { users: [ { user: b, password: x } ], imports: [ { service: { account: A, subject: "svc" } }, { stream: { account: A, subject: "out.>" } } ] }
}
system_account: SYS
no_auth_user: b
http: "127.0.0.1:-1"
`;

/** Asks a subject of the system account, `<id>` for the server's, and waits for what comes. */
function ask(subject: string, body = '', user = 'sys'): Case {
  return {
    name: `${user} asks ${subject} ${body}`,
    async run(session: Session) {
      const wire = await session.open(user);
      await session.send(wire, 'SUB inbox.> 1\r\n');
      const to = subject.replace('<id>', wire.info.server_id);
      await session.send(wire, `${pub(to, body, 'inbox.1')}\r\n`);
      await session.messages(wire, 1, 150);
    },
  };
}

/** Subscribes, then lets things happen and waits for the events. */
function event(
  name: string,
  subject: string,
  happen: (session: Session) => Promise<void>,
  count = 1,
): Case {
  return {
    name,
    async run(session) {
      const sys = await session.open('sys');
      await session.send(sys, `SUB ${subject} 1\r\n`);
      await happen(session);
      await session.messages(sys, count, 300);
    },
  };
}

const requests: readonly Case[] = [
  ...[
    '',
    'STATSZ',
    'VARZ',
    'SUBSZ',
    'CONNZ',
    'ROUTEZ',
    'GATEWAYZ',
    'LEAFZ',
    'ACCOUNTZ',
    'HEALTHZ',
    'JSZ',
    'NOPE',
    'IDZ',
  ].flatMap((what) => [
    ask(what === '' ? '$SYS.REQ.SERVER.PING' : `$SYS.REQ.SERVER.PING.${what}`),
    ...(what === '' ? [] : [ask(`$SYS.REQ.SERVER.<id>.${what}`)]),
  ]),
  ask('$SYS.REQ.SERVER.NOTHERE.VARZ'),
  ask('$SYS.REQ.SERVER.PING.CONNZ', '{"auth":true,"subscriptions":true,"limit":1}'),
  ask('$SYS.REQ.SERVER.PING.CONNZ', '{"acc":"A"}'),
  ask('$SYS.REQ.SERVER.PING.SUBSZ', '{"subscriptions":true,"test":"inbox.1"}'),
  ask('$SYS.REQ.SERVER.PING.ACCOUNTZ', '{"account":"A"}'),
  ask('$SYS.REQ.SERVER.PING.ACCOUNTZ', '{"account":"NOPE"}'),
  ask('$SYS.REQ.SERVER.PING.VARZ', '{"server_name":"other"}'),
  ask('$SYS.REQ.SERVER.PING.VARZ', '{"server_name":"reference"}'),
  ask('$SYS.REQ.SERVER.PING.VARZ', '{"tags":["one"]}'),
  ask('$SYS.REQ.SERVER.PING.VARZ', '{"tags":["three"]}'),
  ask('$SYS.REQ.SERVER.PING.VARZ', '{not json'),
  ask('$SYS.REQ.SERVER.PING.VARZ', 'x'),
  ...['CONNZ', 'SUBSZ', 'LEAFZ', 'JSZ', 'INFO', 'STATZ', 'CONNS', 'NOPE'].map((what) =>
    ask(`$SYS.REQ.ACCOUNT.A.${what}`),
  ),
  ask('$SYS.REQ.ACCOUNT.NOPE.CONNZ'),
  ask('$SYS.REQ.ACCOUNT.NOPE.INFO'),
  ask('$SYS.REQ.ACCOUNT.SYS.INFO'),
  ask('$SYS.REQ.ACCOUNT.PING.CONNZ'),
  ask('$SYS.REQ.ACCOUNT.PING.STATZ'),
  ask('$SYS.REQ.ACCOUNT.PING.STATZ', '{"accounts":["A","B"]}'),
  ask('$SYS.REQ.ACCOUNT.PING.STATZ', '{"accounts":["A"],"include_unused":true}'),
  ask('$SYS.REQ.ACCOUNT.PING.NOPE'),
  ask('$SYS.REQ.ACCOUNT.A.CLAIMS.LOOKUP'),
  ask('$SYS.REQ.CLAIMS.LIST'),
  ask('$SYS.REQ.CLAIMS.UPDATE', 'not.a.jwt'),
  ...['sys', 'a', 'free', 'b'].map((user) => ask('$SYS.REQ.USER.INFO', '', user)),
  ...['free', 'b'].flatMap((user) =>
    [
      '$SYS.REQ.SERVER.PING',
      '$SYS.REQ.ACCOUNT.PING.CONNZ',
      '$SYS.REQ.ACCOUNT.PING.STATZ',
      '$SYS.REQ.ACCOUNT.A.CONNZ',
      '$SYS.REQ.SERVER.PING.VARZ',
    ].map((subject) => ask(subject, '', user)),
  ),
  chat('USER.INFO without a reply', 'free PUB $SYS.REQ.USER.INFO 0\r\n', 'free PING'),
  chat(
    'system subjects in an ordinary account',
    'free SUB $SYS.> 1',
    `free ${pub('$SYS.ACCOUNT.A.CONNECT')}`,
    'free PING',
  ),
  chat('subscribing to all as the system user', 'sys SUB foo 1', `sys ${pub('foo')}`),
];

const events: readonly Case[] = [
  event('a client connects', '$SYS.ACCOUNT.A.CONNECT', async (session) => {
    await session.open('free', { connect: { name: 'someone', lang: 'test', version: '9' } });
  }),
  event('a client connects to any account', '$SYS.ACCOUNT.*.CONNECT', async (session) => {
    await session.open('b');
  }),
  event(
    'a client connects as the user for all others',
    '$SYS.ACCOUNT.*.CONNECT',
    async (session) => {
      const wire = await session.open('X', { connect: false });
      await session.send(wire, 'CONNECT {"verbose":false}\r\n');
    },
  ),
  event('a client disconnects', '$SYS.ACCOUNT.A.DISCONNECT', async (session) => {
    const wire = await session.open('free');
    await session.send(wire, `SUB foo 1\r\n${pub('foo')}\r\n`);
    await session.close(wire);
  }),
  event('a client is disconnected for an error', '$SYS.ACCOUNT.A.DISCONNECT', async (session) => {
    const wire = await session.open('free');
    await session.send(wire, 'HELLO\r\n');
  }),
  event('a client breaks off in a payload', '$SYS.ACCOUNT.A.DISCONNECT', async (session) => {
    const wire = await session.open('free');
    await session.push(wire, 'PUB foo 10\r\nx');
    await session.close(wire);
  }),
  event('a login fails', '$SYS.SERVER.*.CLIENT.AUTH.ERR', async (session) => {
    const wire = await session.open('X', { connect: false });
    await session.send(wire, `${connectLine({ user: 'free', pass: 'wrong' })}\r\n`);
  }),
  event('a login with an unknown user fails', '$SYS.SERVER.*.CLIENT.AUTH.ERR', async (session) => {
    const wire = await session.open('X', { connect: false });
    await session.send(wire, `${connectLine({ user: 'nobody', pass: 'secret', name: 'n' })}\r\n`);
  }),
  event(
    'how many connections an account has',
    '$SYS.SERVER.ACCOUNT.A.CONNS',
    async (session) => {
      const wire = await session.open('free');
      await session.pause(50);
      await session.close(wire);
    },
    2,
  ),
  event('the old name of the same', '$SYS.ACCOUNT.A.SERVER.CONNS', async (session) => {
    await session.open('free');
  }),
  event(
    'the server says how it is',
    '$SYS.SERVER.*.STATSZ',
    async (session) => {
      await session.open('free');
    },
    0,
  ),
];

export const system: readonly Suite[] = [
  {
    name: 'system account',
    config,
    login: (name) => ({ user: name.replace(/\d+$/, ''), pass: 'x' }),
    cases: [...requests, ...events],
  },
];
