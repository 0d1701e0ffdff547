/** Operator mode with a memory resolver: what the JWTs of users and accounts allow. */
import { createAccount, createOperator, createUser, type KeyPair } from 'nkeys.js';
import {
  accountJwt,
  activationJwt,
  operatorJwt,
  scopedUserJwt,
  signNonce,
  userJwt,
  type Json,
} from '../../support/jwt.ts';
import { chat, connectLine, pub, type Case, type Suite } from '../cases.ts';
import type { Session } from '../session.ts';
import type { Wire } from '../wire.ts';

const operator = createOperator();
const signer = createOperator();
const [sys, acc, other, small, expired, unsigned, unknown] = Array.from({ length: 7 }, () =>
  createAccount(),
) as [KeyPair, KeyPair, KeyPair, KeyPair, KeyPair, KeyPair, KeyPair];
const [accSigner, scoped] = [createAccount(), createAccount()];
const user = createUser();
const revoked = createUser();
const key = (of: KeyPair): string => of.getPublicKey();
const seconds = (from: number): number => Math.floor(Date.now() / 1_000) + from;

const scope: Json = {
  kind: 'user_scope',
  key: key(scoped),
  role: 'r',
  template: {
    pub: { allow: ['scoped.>', 'own.{{name()}}', 'tag.{{tag(team)}}'] },
    sub: { allow: ['scoped.>', '_INBOX.>', 'acc.{{account-name()}}'] },
    subs: 2,
    data: -1,
    payload: 30,
  },
};

const preload: Record<string, string> = {
  [key(sys)]: accountJwt(operator, sys, {}, { name: 'SYS' }),
  [key(acc)]: accountJwt(
    signer,
    acc,
    {
      signing_keys: [key(accSigner), scope],
      revocations: { [key(revoked)]: seconds(100) },
      exports: [
        { name: 'news', subject: 'news.>', type: 'stream' },
        { name: 'private', subject: 'private.>', type: 'stream', token_req: true },
        { name: 'svc', subject: 'svc', type: 'service' },
        { name: 'psvc', subject: 'psvc', type: 'service', token_req: true },
      ],
      mappings: { from: [{ subject: 'to', weight: 100 }] },
    },
    { name: 'ACC' },
  ),
  [key(other)]: accountJwt(
    operator,
    other,
    {
      imports: [
        {
          name: 'news',
          subject: 'news.>',
          account: key(acc),
          type: 'stream',
          local_subject: 'their.news.>',
        },
        {
          name: 'private',
          subject: 'private.x',
          account: key(acc),
          type: 'stream',
          token: activationJwt(acc, other, 'private.>', 'stream'),
        },
        { name: 'svc', subject: 'svc', account: key(acc), type: 'service', local_subject: 'ask' },
        {
          name: 'psvc',
          subject: 'psvc',
          account: key(acc),
          type: 'service',
          token: activationJwt(acc, other, 'psvc', 'service'),
        },
      ],
      default_permissions: { pub: { deny: ['nothing'] }, sub: {} },
    },
    { name: 'OTHER' },
  ),
  [key(small)]: accountJwt(
    operator,
    small,
    { limits: { subs: 2, conn: 1, payload: 20 } },
    { name: 'SMALL' },
  ),
  [key(expired)]: accountJwt(operator, expired, {}, { name: 'OLD', exp: seconds(-10) }),
  [key(unsigned)]: accountJwt(createOperator(), unsigned, {}, { name: 'BAD' }),
};

const config = (extra = ''): string => `
operator: ${operatorJwt(operator, { system_account: key(sys), signing_keys: [key(signer)] })}
system_account: ${key(sys)}
resolver: MEMORY
resolver_preload { ${Object.entries(preload)
  .map(([name, jwt]) => `${name}: ${jwt}`)
  .join('\n')} }
${extra}`;

/** Logs in with a JWT and the signed nonce. */
async function enter(
  session: Session,
  name: string,
  jwt: string,
  by: KeyPair = user,
  more: Json = {},
): Promise<Wire> {
  const wire = await session.open(name, { connect: false });
  const sig = signNonce(by, wire.info.nonce ?? '');
  await session.send(wire, `${connectLine({ jwt, sig, ...more })}\r\n`);
  return wire;
}

function jwtCase(
  name: string,
  jwt: string,
  by: KeyPair = user,
  more: Json = {},
  ...lines: readonly string[]
): Case {
  return {
    name,
    async run(session) {
      const wire = await enter(session, 'u', jwt, by, more);
      for (const line of ['SUB foo 1', pub('foo'), ...lines])
        await session.send(wire, `${line}\r\n`);
    },
  };
}

const full = userJwt(acc, user);

const logins: readonly Case[] = [
  chat('INFO has a nonce', 'A'),
  chat('no JWT', `A ${connectLine()}`),
  chat('a user and password', `A ${connectLine({ user: 'a', pass: 'b' })}`),
  chat('a JWT that is none', `A ${connectLine({ jwt: 'x.y.z', sig: 'abc' })}`),
  chat('an empty JWT', `A ${connectLine({ jwt: '', sig: '' })}`),
  chat('a JWT without a signature', `A ${connectLine({ jwt: full })}`),
  chat('a public key without a JWT', `A ${connectLine({ nkey: key(user), sig: 'x' })}`),
  jwtCase('a user', full),
  jwtCase('a user with its nkey too', full, user, { nkey: key(user) }),
  jwtCase('another user signs', full, createUser()),
  jwtCase('a user of a signing key', userJwt(accSigner, user, { issuer_account: key(acc) })),
  jwtCase('a user of a signing key without the account', userJwt(accSigner, user)),
  jwtCase(
    'a user of a key that signs for nobody',
    userJwt(createAccount(), user, { issuer_account: key(acc) }),
  ),
  jwtCase('a user of an unknown account', userJwt(unknown, user)),
  jwtCase('a user of an expired account', userJwt(expired, user)),
  jwtCase('a user of an account that another operator signed', userJwt(unsigned, user)),
  jwtCase('an expired user', userJwt(acc, user, {}, { exp: seconds(-5) })),
  jwtCase('a user that is not yet valid', userJwt(acc, user, {}, { nbf: seconds(1_000) })),
  jwtCase('a user that lives long', userJwt(acc, user, {}, { exp: seconds(1_000) })),
  jwtCase('a revoked user', userJwt(acc, revoked), revoked),
  jwtCase('an altered JWT', `${full.slice(0, -4)}AAAA`),
  jwtCase('an account JWT as user', preload[key(acc)] ?? '', acc),
  jwtCase('a bearer', userJwt(acc, user, { bearer_token: true }), createUser()),
  jwtCase('a user of the system account', userJwt(sys, user), user, {}, 'SUB $SYS.x 2'),
  chat(
    'a bearer without a signature',
    `A ${connectLine({ jwt: userJwt(acc, user, { bearer_token: true }) })}`,
    'A PING',
  ),
  jwtCase('only over WebSocket', userJwt(acc, user, { allowed_connection_types: ['WEBSOCKET'] })),
  jwtCase('STANDARD allowed', userJwt(acc, user, { allowed_connection_types: ['STANDARD'] })),
  jwtCase(
    'an unknown connection type',
    userJwt(acc, user, { allowed_connection_types: ['PIGEON'] }),
  ),
  jwtCase('from here', userJwt(acc, user, { src: ['127.0.0.0/8'] })),
  jwtCase('from elsewhere', userJwt(acc, user, { src: ['10.0.0.0/8'] })),
  jwtCase('at all times', userJwt(acc, user, { times: [{ start: '00:00:00', end: '23:59:59' }] })),
  jwtCase(
    'permissions',
    userJwt(acc, user, {
      pub: { allow: ['foo'] },
      sub: { allow: ['foo', '_INBOX.>'], deny: ['secret'] },
    }),
    user,
    {},
    pub('bar'),
    'SUB bar 2',
    'SUB secret 3',
  ),
  jwtCase(
    'queue permissions',
    userJwt(acc, user, { sub: { allow: ['foo', 'bar g'] } }),
    user,
    {},
    'SUB bar 2',
    'SUB bar g q1',
    'SUB bar h q2',
  ),
  jwtCase(
    'responses',
    userJwt(acc, user, { pub: { allow: ['foo'] }, resp: { max: 1, ttl: 0 } }),
    user,
    {},
    'SUB svc 5',
    pub('inbox'),
  ),
  jwtCase(
    'limits of the user',
    userJwt(acc, user, { subs: 1, payload: 5 }),
    user,
    {},
    'SUB bar 2',
    pub('foo', '123456'),
  ),
  jwtCase(
    'a scoped user',
    scopedUserJwt(scoped, acc, user, { tags: ['team:blue'] }),
    user,
    {},
    pub('scoped.x'),
    pub('own.user'),
    pub('own.other'),
    pub('tag.blue'),
    pub('tag.red'),
    'SUB scoped.> 2',
    'SUB acc.ACC 3',
    'SUB _INBOX.x 4',
    pub('scoped.y', 'x'.repeat(31)),
  ),
  jwtCase(
    'a scoped user with rights of its own',
    userJwt(scoped, user, { issuer_account: key(acc), pub: { allow: ['>'] } }),
  ),
  jwtCase('a second CONNECT with nothing', full, user, {}, connectLine(), 'PING'),
  jwtCase('a mapping of the account', full, user, {}, 'SUB to 2', pub('from')),
  jwtCase(
    'limits of the account',
    userJwt(small, user),
    user,
    {},
    'SUB b 2',
    'SUB c 3',
    pub('foo', 'x'.repeat(21)),
  ),
];

const sharing: readonly Case[] = [
  {
    name: 'streams and services of another account',
    async run(session) {
      const a = await enter(session, 'a', full);
      const b = await enter(session, 'b', userJwt(other, user));
      await session.send(a, 'SUB svc 1\r\nSUB psvc 2\r\n');
      await session.send(b, 'SUB their.news.> 1\r\nSUB private.x 2\r\nSUB inbox.* 3\r\n');
      for (const subject of ['news.a', 'private.x', 'private.y', 'other']) {
        await session.send(a, `${pub(subject)}\r\n`);
      }
      for (const subject of ['ask', 'psvc', 'svc']) {
        await session.send(b, `${pub(subject, 'ask', 'inbox.1')}\r\n`);
        if (a.last.reply !== '') await session.send(a, `${pub(a.last.reply, 'answer')}\r\n`);
      }
    },
  },
  {
    name: 'the connection limit of an account',
    async run(session) {
      await enter(session, 'a', userJwt(small, user));
      const b = await enter(session, 'b', userJwt(small, user));
      await session.send(b, 'PING\r\n');
    },
  },
  {
    name: 'a user whose time ends',
    async run(session) {
      const wire = await enter(session, 'a', userJwt(acc, user, {}, { exp: seconds(2) }));
      await session.until(wire, /closed/, 4_000);
    },
  },
  {
    name: 'who a user is',
    async run(session) {
      const wire = await enter(
        session,
        'a',
        userJwt(acc, user, { pub: { allow: ['$SYS.REQ.USER.INFO'] } }),
      );
      await session.send(wire, 'SUB inbox 1\r\n');
      await session.send(wire, `${pub('$SYS.REQ.USER.INFO', '', 'inbox')}\r\n`);
      await session.messages(wire, 1, 300);
    },
  },
  {
    name: 'what the system account knows of an account',
    async run(session) {
      const wire = await enter(session, 'a', userJwt(sys, user));
      await session.send(wire, 'SUB inbox.* 1\r\n');
      for (const what of [
        `ACCOUNT.${key(acc)}.INFO`,
        `ACCOUNT.${key(acc)}.CLAIMS.LOOKUP`,
        `ACCOUNT.${key(unknown)}.CLAIMS.LOOKUP`,
        `ACCOUNT.${key(acc)}.CONNZ`,
        'CLAIMS.LIST',
        'CLAIMS.PACK',
      ]) {
        await session.send(wire, `${pub(`$SYS.REQ.${what}`, '', 'inbox.1')}\r\n`);
        await session.pause(20);
      }
    },
  },
];

export const jwts: readonly Suite[] = [
  { name: 'operator mode', config: config(), cases: [...logins, ...sharing] },
];
