/** What a reload (HUP) does to those who are connected. */
import { chat, pub, type Case, type Suite } from '../cases.ts';
import type { Session } from '../session.ts';

interface Users {
  /** Entries of the users of A and of B, and lines at the top. */
  readonly a?: string;
  readonly b?: string;
  readonly exports?: string;
  readonly imports?: string;
  readonly top?: string;
}

const usersOfA = `{ user: a, password: x, permissions: { publish: ["foo", "bar"], subscribe: ["foo", "bar", "baz.*"] } }
  { user: free, password: x }`;

const config = ({
  a = usersOfA,
  b = '{ user: b, password: x }',
  exports = '',
  imports = '',
  top = '',
}: Users = {}): string => `
accounts {
  A { users: [ ${a} ], exports: [ ${exports} ] }
  B { users: [ ${b} ], imports: [ ${imports} ] }
}
${top}`;

const ends = /Reloaded server configuration|Failed to reload server configuration/g;
const failure = /Failed to reload server configuration/;

/** Reloads with another configuration and waits until the log says how that went. */
async function reload(session: Session, text: string): Promise<void> {
  const { server } = session;
  const before = server.log.length;
  await server.configure(text);
  server.signal('SIGHUP');
  const said = (): string => server.log.slice(before);
  for (let i = 0; i < 500 && said().match(ends) === null; i++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  await session.pause(20);
  session.note('reloads', failure.exec(said())?.[0] ?? 'reloaded');
}

/** Lines, a reload, more lines, and the first configuration again. */
function reloadCase(
  name: string,
  before: readonly string[],
  changed: string,
  after: readonly string[],
): Case {
  return {
    name,
    async run(session) {
      await chat('', ...before).run(session);
      await reload(session, changed);
      await chat('', ...after).run(session);
      await reload(session, config());
    },
  };
}

const both = [
  `a ${pub('foo')}`,
  `a ${pub('bar')}`,
  `free ${pub('foo', 'y')}`,
  `free ${pub('bar', 'y')}`,
];

const cases: readonly Case[] = [
  reloadCase('nothing changes', ['a SUB foo 1', 'free SUB > 2'], config(), both),
  reloadCase(
    'less may be subscribed to',
    ['a SUB foo 1', 'a SUB bar 2', 'a SUB baz.x 3'],
    config({ a: usersOfA.replace('"foo", "bar", "baz.*"', '"foo"') }),
    [...both, `free ${pub('baz.x')}`],
  ),
  reloadCase(
    'less may be subscribed to in a queue group',
    ['a SUB foo g q1', 'a SUB bar g q2'],
    config({ a: usersOfA.replace('"foo", "bar", "baz.*"', '"foo"') }),
    both,
  ),
  reloadCase(
    'less may be published',
    ['free SUB > 1'],
    config({ a: usersOfA.replace('publish: ["foo", "bar"]', 'publish: "foo"') }),
    both,
  ),
  reloadCase(
    'more may be published',
    ['free SUB > 1', `a ${pub('new')}`],
    config({ a: usersOfA.replace('publish: ["foo", "bar"]', 'publish: ">"') }),
    [`a ${pub('new')}`],
  ),
  reloadCase(
    'a user goes',
    ['a SUB foo 1', 'free SUB foo 2'],
    config({ a: '{ user: free, password: x }' }),
    [`free ${pub('foo')}`, 'a PING'],
  ),
  reloadCase(
    'a password changes',
    ['a SUB foo 1', 'b SUB foo 2'],
    config({ b: '{ user: b, password: other }' }),
    ['a PING', 'b PING'],
  ),
  reloadCase(
    'a user moves to another account',
    ['free SUB foo 1', 'b SUB foo 1'],
    config({
      a: '{ user: a, password: x }',
      b: '{ user: b, password: x }, { user: free, password: x }',
    }),
    [`b ${pub('foo')}`, `a ${pub('foo')}`],
  ),
  reloadCase(
    'a user comes',
    ['a SUB foo 1'],
    config({ b: '{ user: b, password: x }, { user: late, password: x }' }),
    ['late SUB foo 1', `b ${pub('foo')}`],
  ),
  reloadCase(
    'an import comes',
    ['b SUB news.a 1', `free ${pub('news.a', '1')}`],
    config({
      exports: '{ stream: "news.>" }',
      imports: '{ stream: { account: A, subject: "news.>" } }',
    }),
    [`free ${pub('news.a', '2')}`, 'b SUB news.b 2', `free ${pub('news.b', '3')}`],
  ),
  reloadCase(
    'mappings come',
    ['free SUB > 1', `free ${pub('from', '1')}`],
    `${config().replace('exports: [  ]', 'mappings: { from: to }')}`,
    [`free ${pub('from', '2')}`],
  ),
  reloadCase('a smaller payload', ['free PING'], config({ top: 'max_payload: 10' }), [
    `free ${pub('foo', 'x'.repeat(11))}`,
    'free PING',
    'free2 PING',
  ]),
  reloadCase('an unknown field', ['free SUB foo 1'], config({ top: 'unknown_field: 1' }), [
    `free ${pub('foo')}`,
  ]),
  reloadCase('a file that does not parse', ['free SUB foo 1'], 'accounts {', [
    `free ${pub('foo')}`,
  ]),
  reloadCase('another server name', ['free SUB foo 1'], config({ top: 'server_name: other' }), [
    `free ${pub('foo')}`,
  ]),
];

export const reloads: readonly Suite[] = [
  {
    name: 'reload',
    config: config(),
    login: (name) => ({ user: name.replace(/\d+$/, ''), pass: 'x' }),
    cases,
  },
];
