/** What users may publish and subscribe to. */
import { chat, hpub, pub, type Case, type Suite } from '../cases.ts';

const config = `
authorization {
  default_permissions: { publish: "default.>", subscribe: ["default.>", "_INBOX.>"] }
  users: [
    { user: admin, password: x, permissions: { publish: ">", subscribe: ">" } }
    { user: plain, password: x }
    { user: one, password: x, permissions: { publish: "foo", subscribe: "foo" } }
    { user: wild, password: x, permissions: { publish: ["foo.*", "bar.>"], subscribe: ["foo.*", "bar.>"] } }
    { user: deny, password: x, permissions: { publish: { deny: ["foo.secret", "bar.>"] }, subscribe: { deny: ["foo.secret", "bar.>"] } } }
    { user: both, password: x, permissions: { publish: { allow: "foo.>", deny: "foo.secret" }, subscribe: { allow: "foo.>", deny: ["foo.secret", "foo.*.x"] } } }
    { user: none, password: x, permissions: { publish: { deny: ">" }, subscribe: { deny: ">" } } }
    { user: empty, password: x, permissions: { publish: [], subscribe: [] } }
    { user: pubonly, password: x, permissions: { publish: "foo" } }
    { user: subonly, password: x, permissions: { subscribe: "foo" } }
    { user: queue, password: x, permissions: { publish: ">", subscribe: { allow: ["foo v1", "bar v*", "baz >", "plain"], deny: ["foo v2", "qux evil"] } } }
    { user: qdeny, password: x, permissions: { publish: ">", subscribe: { deny: ["foo evil", "bar >", "baz *"] } } }
    { user: service, password: x, permissions: { subscribe: "service.>", publish: "log", allow_responses: true } }
    { user: twice, password: x, permissions: { subscribe: "service.>", allow_responses: { max: 2, expires: "1m" } } }
    { user: short, password: x, permissions: { subscribe: "service.>", allow_responses: { max: 5, expires: "100ms" } } }
    { user: denyall, password: x, permissions: { subscribe: "service.>", publish: { deny: ">" }, allow_responses: true } }
  ]
}`;

const subjects = [
  'foo',
  'foo.a',
  'foo.secret',
  'foo.a.x',
  'bar',
  'bar.a',
  'default.x',
  '>',
  'foo.*',
  'foo.>',
  '*',
  '*.*',
  'foo.secret.x',
  '*.secret',
  '_INBOX.x',
];
const users = [
  'plain',
  'one',
  'wild',
  'deny',
  'both',
  'none',
  'empty',
  'pubonly',
  'subonly',
  'service',
];

const matrix: readonly Case[] = users.flatMap((user) => [
  chat(
    `${user} publishes`,
    'admin SUB > 1',
    ...subjects.map((subject) => `${user} ${pub(subject, `at ${subject}`)}`),
  ),
  chat(
    `${user} subscribes`,
    ...subjects.map((subject, i) => `${user} SUB ${subject} ${i}`),
    ...subjects.map((subject) => `admin ${pub(subject, `at ${subject}`)}`),
  ),
  chat(
    `${user} subscribes in a queue group`,
    ...subjects.map((subject, i) => `${user} SUB ${subject} group q.${i}`),
    ...subjects.map((subject) => `admin ${pub(subject, `at ${subject}`)}`),
  ),
  chat(
    `${user} asks with a reply`,
    'admin SUB > 1',
    `${user} ${pub('foo', 'x', 'foo.a')}`,
    `${user} ${pub('foo', 'x', 'bar.a')}`,
    `${user} ${pub('foo.a', 'x', '_INBOX.x')}`,
    `${user} ${hpub('foo', ['a: b'], 'x', 'default.y')}`,
  ),
]);

const queue: readonly Case[] = ['queue', 'qdeny'].flatMap((user) =>
  ['foo', 'bar', 'baz', 'plain', 'qux'].map((subject) =>
    chat(
      `${user} subscribes to ${subject} in all kinds of queue groups`,
      `${user} SUB ${subject} 1`,
      ...['v1', 'v2', 'v10', 'evil', 'v', 'x.y'].map(
        (group, i) => `${user} SUB ${subject} ${group} q${i}`,
      ),
      `admin ${pub(subject)}`,
    ),
  ),
);

const responses: readonly Case[] = ['service', 'twice', 'short', 'denyall'].flatMap((user) => [
  chat(
    `${user} answers once`,
    `${user} SUB service.a 1`,
    'admin SUB inbox.> 1',
    `admin ${pub('service.a', 'ask', 'inbox.1')}`,
    `${user} !reply one`,
    `${user} PING`,
  ),
  chat(
    `${user} answers three times`,
    `${user} SUB service.a 1`,
    'admin SUB inbox.> 1',
    `admin ${pub('service.a', 'ask', 'inbox.2')}`,
    `${user} !reply one`,
    `${user} !reply two`,
    `${user} !reply three`,
  ),
  chat(
    `${user} answers what was not asked`,
    `${user} SUB service.a 1`,
    'admin SUB inbox.> 1',
    `${user} ${pub('inbox.3')}`,
    `admin ${pub('service.a', 'ask', 'inbox.4')}`,
    `${user} ${pub('inbox.5')}`,
    `${user} ${pub('log')}`,
  ),
  chat(
    `${user} answers two that asked`,
    `${user} SUB service.> 1`,
    'admin SUB inbox.> 1',
    `admin ${pub('service.a', 'ask', 'inbox.6')}`,
    `admin ${pub('service.b', 'ask', 'inbox.7')}`,
    `${user} ${pub('inbox.6', 'a')}`,
    `${user} ${pub('inbox.7', 'b')}`,
    `${user} ${pub('inbox.6', 'c')}`,
  ),
  chat(
    `${user} answers with headers`,
    `${user} SUB service.a 1`,
    'admin SUB inbox.> 1',
    `admin ${hpub('service.a', ['a: b'], 'ask', 'inbox.8')}`,
    `${user} ${hpub('inbox.8', ['c: d'], 'answer')}`,
  ),
  chat(
    `${user} answers with a reply of its own`,
    `${user} SUB service.a 1`,
    'admin SUB inbox.> 1',
    `admin ${pub('service.a', 'ask', 'inbox.9')}`,
    `${user} ${pub('inbox.9', 'x', 'service.b')}`,
  ),
]);

const late: Case = {
  name: 'an answer after the time for it',
  async run(session) {
    const service = await session.open('short');
    await session.send(service, 'SUB service.a 1\r\n');
    const admin = await session.open('admin');
    await session.send(admin, 'SUB inbox.> 1\r\n');
    await session.send(admin, `${pub('service.a', 'ask', 'inbox.1')}\r\n`);
    await session.pause(200);
    await session.send(service, `${pub('inbox.1', 'late')}\r\n`);
  },
};

const other: readonly Case[] = [
  chat(
    'violations in verbose mode',
    'one CONNECT {"user":"one","pass":"x","pedantic":false}',
    `one ${pub('bar')}`,
    'one SUB bar 1',
    'one SUB bar g 2',
    `one ${pub('foo')}`,
    'one SUB foo 3',
  ),
  chat(
    'no responders for a denied reply',
    `one ${pub('foo', 'x', 'foo')}`,
    'one SUB foo 1',
    `one ${pub('foo', 'x', 'bar')}`,
  ),
  chat(
    'no responders with no right to the inbox',
    'plain SUB _INBOX.x 1',
    `plain ${pub('default.nobody', 'x', '_INBOX.x')}`,
  ),
  chat(
    'the reserved reply',
    `admin ${pub('foo', 'x', '_R_.a.b')}`,
    `admin ${pub('_R_.a.b', 'x')}`,
    'admin PING',
  ),
  chat(
    'UNSUB of what was denied',
    'one SUB bar 1',
    'one UNSUB 1',
    'one SUB foo 1',
    `one ${pub('foo')}`,
  ),
  chat(
    'a sid that was denied is used again',
    'one SUB bar 1',
    'one SUB foo 1',
    `one ${pub('foo')}`,
  ),
  chat(
    'another user on the same connection',
    'one SUB foo 1',
    'one CONNECT {"verbose":false,"pedantic":false,"user":"wild","pass":"x"}',
    `one ${pub('foo')}`,
    `one ${pub('foo.a')}`,
    `admin ${pub('foo')}`,
  ),
  chat(
    'what was withheld from another user on the same connection',
    'deny SUB > 1',
    'deny CONNECT {"verbose":false,"pedantic":false,"user":"wild","pass":"x"}',
    ...['foo.secret', 'bar.x', 'foo.a'].map((subject) => `admin ${pub(subject, subject)}`),
    'deny SUB foo.* 2',
    ...['foo.secret', 'foo.b'].map((subject) => `admin ${pub(subject, subject)}`),
    'deny CONNECT {"verbose":false,"pedantic":false,"user":"subonly","pass":"x"}',
    ...['foo.secret', 'bar.x', 'foo.c'].map((subject) => `admin ${pub(subject, subject)}`),
  ),
  chat(
    'withheld under a wildcard',
    'both SUB foo.> 1',
    'both SUB foo.*.* 2',
    ...['foo.a', 'foo.secret', 'foo.a.x', 'foo.a.y'].map(
      (subject) => `admin ${pub(subject, subject)}`,
    ),
  ),
  chat(
    'withheld in a queue group',
    'deny SUB > g q1',
    'admin SUB > g q1',
    ...['foo.secret', 'bar.x', 'bar.y', 'bar.z'].map((subject) => `admin ${pub(subject, subject)}`),
  ),
  chat(
    'a maximum counts what was delivered alone',
    'both SUB foo.> 1',
    'both UNSUB 1 2',
    ...['foo.secret', 'foo.a', 'foo.secret', 'foo.b', 'foo.c'].map(
      (subject) => `admin ${pub(subject, subject)}`,
    ),
  ),
];

export const permissions: readonly Suite[] = [
  {
    name: 'permissions',
    config,
    login: (name) => ({ user: name.replace(/\d+$/, ''), pass: 'x' }),
    cases: [...matrix, ...queue, ...responses, late, ...other],
  },
];
