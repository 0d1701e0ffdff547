import { hashSync } from 'bcryptjs';
import { createAccount, createOperator, createUser, type KeyPair } from 'nkeys.js';
import { expect, test } from 'vitest';
import { createAuthenticator } from '../../../main/router/auth/authenticator.ts';
import type { Credentials } from '../../../main/router/auth/types.ts';
import { silentLog } from '../../../main/router/log.ts';
import type { RouterOptions } from '../../../main/router/options.ts';
import { startNatsServer } from '../../support/nats-server.ts';
import {
  accountJwt,
  base64url,
  claims,
  createTrust,
  NO_USER_LIMITS,
  operatorJwt,
  scopedUserJwt,
  signJwt,
  signJwtV1,
  signNonce,
  userJwt,
  type Json,
} from '../support/jwt.ts';
import { login } from './login.ts';

/** Credentials as the client has them, once it knows the nonce. */
type Attempt = Credentials | ((nonce: string) => Credentials);

/** The same logins at nats-server and here have to end the same way. */
async function compare(
  config: string,
  options: RouterOptions,
  attempts: Readonly<Record<string, Attempt>>,
): Promise<Record<string, string>> {
  await using server = await startNatsServer(config);
  const authenticator = createAuthenticator(options, { log: silentLog, version: '2.10.27' });
  await authenticator.start();
  const theirs: Record<string, string> = {};
  const ours: Record<string, string> = {};
  for (const [name, attempt] of Object.entries(attempts)) {
    let given: Credentials = {};
    let challenge: string | undefined;
    const { verdict } = await login(server.port, (nonce) => {
      challenge = nonce;
      given = typeof attempt === 'function' ? attempt(nonce ?? '') : attempt;
      const { token, ...rest } = given;
      return {
        connect: { verbose: false, ...rest, ...(token !== undefined && { auth_token: token }) },
      };
    });
    theirs[name] = verdict;
    const own = await authenticator.authenticate(given, {
      type: 'STANDARD',
      host: '127.0.0.1',
      ...(challenge !== undefined && { nonce: challenge }),
    });
    ours[name] = own.ok ? 'accepted' : own.text;
    expect(authenticator.challenges, 'nonce').toBe(challenge !== undefined);
  }
  await authenticator.close();
  expect(ours).toEqual(theirs);
  return ours;
}

const hash = (text: string): string => hashSync(text, 4);
const by =
  (user: KeyPair): Attempt =>
  (nonce) => ({ nkey: user.getPublicKey(), sig: signNonce(user, nonce) });

const guesses: Record<string, Attempt> = {
  nothing: {},
  right: { user: 'joe', pass: 'secret' },
  wrong: { user: 'joe', pass: 'Secret' },
  'no password': { user: 'joe' },
  'empty password': { user: 'joe', pass: '' },
  'another user': { user: 'jo', pass: 'secret' },
  'only a password': { pass: 'secret' },
  token: { token: 'secret' },
  'wrong token': { token: 'secre' },
  'user and token': { user: 'joe', pass: 'secret', token: 'secret' },
};

test('logins - nobody is asked without authorization', async () => {
  const verdicts = await compare(
    '',
    {},
    { ...guesses, nkey: by(createUser()), jwt: { jwt: 'a.b.c' } },
  );
  expect(new Set(Object.values(verdicts))).toEqual(new Set(['accepted']));
});

test.each([
  ['plain', 'secret'],
  ['bcrypt', hash('secret')],
])('logins - a single user and a token, %s', async (_, password) => {
  await compare(
    `authorization { user: joe, password: "${password}" }`,
    { authorization: { user: 'joe', password } },
    guesses,
  );
  await compare(
    `authorization { token: "${password}" }`,
    { authorization: { token: password } },
    guesses,
  );
});

test('logins - users and NKeys, in accounts and without, by connection type', async () => {
  const [a, b, stranger] = [createUser(), createUser(), createUser()];
  const bcrypt = hash('secret');
  const verdicts = await compare(
    `authorization { users = [
       { user: joe, password: secret }, { user: hashed, password: "${bcrypt}" }, { user: blank, password: "" },
       { nkey: ${a.getPublicKey()} }, { user: ws, password: secret, allowed_connection_types: [WEBSOCKET] },
       { user: std, password: secret, allowed_connection_types: [WEBSOCKET, STANDARD] } ] }
     accounts { A { users = [ { user: ann, password: secret }, { nkey: ${b.getPublicKey()}, allowed_connection_types: [LEAFNODE] } ] } }`,
    {
      authorization: {
        users: [
          { user: 'joe', password: 'secret' },
          { user: 'hashed', password: bcrypt },
          { user: 'blank', password: '' },
          { nkey: a.getPublicKey() },
          { user: 'ws', password: 'secret', allowedConnectionTypes: ['WEBSOCKET'] },
          { user: 'std', password: 'secret', allowedConnectionTypes: ['WEBSOCKET', 'STANDARD'] },
        ],
      },
      accounts: [
        {
          name: 'A',
          users: [
            { user: 'ann', password: 'secret' },
            { nkey: b.getPublicKey(), allowedConnectionTypes: ['LEAFNODE'] },
          ],
        },
      ],
    },
    {
      ...guesses,
      hashed: { user: 'hashed', pass: 'secret' },
      'hashed again': { user: 'hashed', pass: 'secret' },
      'the hash itself': { user: 'hashed', pass: bcrypt },
      'hashed wrong': { user: 'hashed', pass: 'secrets' },
      blank: { user: 'blank' },
      'another account': { user: 'ann', pass: 'secret' },
      'websocket only': { user: 'ws', pass: 'secret' },
      'websocket or not': { user: 'std', pass: 'secret' },
      nkey: by(a),
      'nkey of leaf nodes': by(b),
      'unknown nkey': by(stranger),
      'nkey without signature': { nkey: a.getPublicKey() },
      'nkey signed by another': (nonce) => ({
        nkey: a.getPublicKey(),
        sig: signNonce(stranger, nonce),
      }),
      'nkey signed another nonce': { nkey: a.getPublicKey(), sig: signNonce(a, 'abcdefghijklmno') },
      'nkey in padded base64': (nonce) => ({
        nkey: a.getPublicKey(),
        sig: signNonce(a, nonce, 'base64'),
      }),
      'nkey no base64': { nkey: a.getPublicKey(), sig: '$$$' },
      'nkey before user': (nonce) => ({
        nkey: a.getPublicKey(),
        sig: signNonce(a, nonce),
        user: 'joe',
        pass: 'x',
      }),
    },
  );
  expect(verdicts).toMatchObject({
    right: 'accepted',
    nkey: 'accepted',
    'nkey in padded base64': 'accepted',
  });
});

test.each([
  ['a user', 'joe', 'secret'],
  ['a user with a hash', 'joe', hash('secret')],
])('logins - no_auth_user is %s', async (_, noAuthUser, password) => {
  await compare(
    `authorization { users = [ { user: joe, password: "${password}" }, { user: ann, password: x } ] }, no_auth_user: joe`,
    {
      authorization: {
        users: [
          { user: 'joe', password },
          { user: 'ann', password: 'x' },
        ],
      },
      noAuthUser,
    },
    { ...guesses, nkey: by(createUser()) },
  );
});

test('logins - users of the system account alone lock nobody out', async () => {
  await compare(
    'accounts { $SYS { users = [ { user: joe, password: secret } ] } }',
    { accounts: [{ name: '$SYS', users: [{ user: 'joe', password: 'secret' }] }] },
    guesses,
  );
  await compare(
    'accounts { S { users = [ { user: joe, password: secret } ] }, B {} }, system_account: S',
    {
      accounts: [{ name: 'S', users: [{ user: 'joe', password: 'secret' }] }, { name: 'B' }],
      systemAccount: 'S',
    },
    guesses,
  );
});

test('logins - user JWTs of an operator', async () => {
  const signer = createAccount();
  const scoped = createAccount();
  const denying = createAccount();
  const scope = (key: KeyPair, template: Json): Json => ({
    kind: 'user_scope',
    key: key.getPublicKey(),
    role: '',
    template: { ...NO_USER_LIMITS, ...template },
  });
  const revoked = createUser();
  const reissued = createUser();
  const second = Math.floor(Date.now() / 1000);
  const { operator, system, owner, user, jwts } = createTrust({
    signing_keys: [
      signer.getPublicKey(),
      scope(scoped, { pub: { allow: ['{{name()}}.>'] }, allowed_connection_types: ['STANDARD'] }),
      scope(denying, { pub: { deny: ['{{tag(none)}}'] } }),
    ],
    revocations: {
      [revoked.getPublicKey()]: second + 100,
      [reissued.getPublicKey()]: second - 100,
    },
  });
  const [expired, bearerless, capped, revoking, strange, absent, self, spoiled] = Array.from(
    { length: 8 },
    () => createAccount(),
  ) as [KeyPair, KeyPair, KeyPair, KeyPair, KeyPair, KeyPair, KeyPair, KeyPair];
  const preload: Record<string, string> = {
    [system.getPublicKey()]: jwts.system,
    [owner.getPublicKey()]: jwts.owner,
    [expired.getPublicKey()]: accountJwt(operator, expired, {}, { exp: second - 10 }),
    [bearerless.getPublicKey()]: accountJwt(operator, bearerless, {
      limits: { disallow_bearer: true },
    }),
    [revoking.getPublicKey()]: accountJwt(operator, revoking, {
      revocations: { '*': second + 100 },
    }),
    [strange.getPublicKey()]: accountJwt(createOperator(), strange),
    [self.getPublicKey()]: accountJwt(self, self),
    [spoiled.getPublicKey()]: accountJwt(operator, spoiled, {
      exports: [{ subject: 'a b', type: 'stream' }],
    }),
    [capped.getPublicKey()]: accountJwt(operator, capped, {
      limits: { imports: 0 },
      imports: [{ subject: 'a', account: owner.getPublicKey(), type: 'stream' }],
    }),
  };
  const signed =
    (jwt: string, by: KeyPair = user): Attempt =>
    (nonce) => ({ jwt, sig: signNonce(by, nonce) });
  const own = (nats: Json = {}, more: Json = {}): Attempt =>
    signed(userJwt(owner, user, nats, more));
  const clock = (minutes: number): string =>
    new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 19);
  const good = userJwt(owner, user);
  const [header = '', body = '', signature = ''] = good.split('.');
  const nowhere = { times_location: 'UTC' };

  const verdicts = await compare(
    `operator: ${jwts.operator}
     resolver: MEMORY
     resolver_preload: { ${Object.entries(preload)
       .map(([key, jwt]) => `${key}: ${jwt}`)
       .join('\n')} }`,
    { operator: { jwts: [jwts.operator], resolver: { kind: 'memory' }, preload } },
    {
      nothing: {},
      'user and password': { user: 'joe', pass: 'x' },
      nkey: by(user),
      good: own(),
      'no signature': { jwt: good },
      'signed by another': signed(good, createUser()),
      'signed another nonce': { jwt: good, sig: signNonce(user, 'abcdefghijklmno') },
      'padded base64': (nonce) => ({ jwt: good, sig: signNonce(user, nonce, 'base64') }),
      garbage: { jwt: 'a.b.c' },
      'two parts': signed(`${header}.${body}`),
      'four parts': signed(`${good}.x`),
      'other signature': signed(`${header}.${body}.${signature.slice(0, -4)}AAAA`),
      'other claims': signed(`${header}.${base64url({ iss: owner.getPublicKey() })}.${signature}`),
      'other algorithm': signed(
        signJwt(owner, claims(owner, user, { type: 'user' }), { typ: 'JWT', alg: 'none' }),
      ),
      'other type': signed(
        signJwt(owner, claims(owner, user, { type: 'user' }), { typ: 'JWS', alg: 'ed25519-nkey' }),
      ),
      'account JWT': signed(accountJwt(owner, owner)),
      'version 3': own({ version: 3 }),
      'version 0': own({ version: 0 }),
      'version 1': signed(
        signJwtV1(owner, {
          iat: second,
          iss: owner.getPublicKey(),
          sub: user.getPublicKey(),
          type: 'user',
          nats: {},
        }),
      ),
      'version 1 signed as 2': signed(
        signJwt(owner, {
          iat: second,
          iss: owner.getPublicKey(),
          sub: user.getPublicKey(),
          type: 'user',
          nats: {},
        }),
      ),
      'number for text': own({}, { name: 5 }),
      'text for number': own({ subs: '5' }),
      'null for number': own({ subs: null }),
      'upper-case keys': own({ BEARER_TOKEN: true }),
      expired: own({}, { exp: second - 5 }),
      'still valid': own({}, { exp: second + 500 }),
      'not yet valid': own({}, { nbf: second + 500 }),
      'valid since': own({}, { nbf: second - 5 }),
      'signing key': signed(scopedUserJwt(signer, owner, user, NO_USER_LIMITS)),
      'signing key without account': signed(userJwt(signer, user)),
      'unknown signing key': signed(scopedUserJwt(createAccount(), owner, user, NO_USER_LIMITS)),
      'bad account key': own({ issuer_account: 'A' }),
      scoped: signed(scopedUserJwt(scoped, owner, user)),
      'scoped with rights': signed(scopedUserJwt(scoped, owner, user, { subs: 1 })),
      'scoped with an empty list': signed(
        scopedUserJwt(scoped, owner, user, { pub: { allow: [] } }),
      ),
      'scoped with an odd name': signed(scopedUserJwt(scoped, owner, user, {}, { name: 'a b' })),
      'scoped with an unusable deny': signed(scopedUserJwt(denying, owner, user)),
      bearer: { jwt: userJwt(owner, user, { bearer_token: true }) },
      'bearer where none may be': { jwt: userJwt(bearerless, user, { bearer_token: true }) },
      'no bearer there': signed(userJwt(bearerless, user)),
      revoked: signed(userJwt(owner, revoked), revoked),
      'issued again': signed(userJwt(owner, reissued), reissued),
      'all revoked': signed(userJwt(revoking, user)),
      'expired account': signed(userJwt(expired, user)),
      'untrusted account': signed(userJwt(strange, user)),
      'self-signed account': signed(userJwt(self, user)),
      'account with a bad export': signed(userJwt(spoiled, user)),
      'account over its limits': signed(userJwt(capped, user)),
      'unknown account': signed(userJwt(absent, user)),
      'source fits': own({ src: ['10.0.0.0/8', '127.0.0.0/8'] }),
      'source as text': own({ src: '127.0.0.1/32, 10.0.0.0/8' }),
      'other source': own({ src: ['10.0.0.0/8'] }),
      'IPv6 source': own({ src: ['::/0'] }),
      'bad source': own({ src: ['127.0.0.1'] }),
      'in time': own({ times: [{ start: clock(-60), end: clock(60) }], ...nowhere }),
      'out of time': own({ times: [{ start: clock(60), end: clock(120) }], ...nowhere }),
      'bad time': own({ times: [{ start: '1', end: '2' }] }),
      'bad zone': own({ times_location: 'Moon/Sea' }),
      'zone without times': own({ times_location: 'Europe/Berlin' }),
      'standard only': own({ allowed_connection_types: ['STANDARD'] }),
      'lower case type': own({ allowed_connection_types: ['standard'] }),
      'websocket only': own({ allowed_connection_types: ['WEBSOCKET'] }),
      'unknown type': own({ allowed_connection_types: ['PIGEON'] }),
      'unknown type and standard': own({ allowed_connection_types: ['PIGEON', 'STANDARD'] }),
      'subject with spaces': own({ pub: { allow: ['a b c'] } }),
      'queue for publish': own({ pub: { allow: ['a b'] } }),
      'queue for subscribe': own({ sub: { allow: ['a b'] } }),
    },
  );
  expect(Object.keys(verdicts).length).toBeGreaterThan(60);
  expect(verdicts).toMatchObject({
    good: 'accepted',
    'version 1': 'accepted',
    'signing key': 'accepted',
    scoped: 'accepted',
    bearer: 'accepted',
    revoked: 'Authorization Violation',
  });
});

test('logins - a strict operator wants signing keys all the way down', async () => {
  const operator = createOperator();
  const signing = createOperator();
  const system = createAccount();
  const accounts = Array.from({ length: 3 }, () => createAccount()) as [KeyPair, KeyPair, KeyPair];
  const [direct, keyed, bare] = accounts;
  const signer = createAccount();
  const user = createUser();
  const jwt = operatorJwt(operator, {
    system_account: system.getPublicKey(),
    signing_keys: [signing.getPublicKey()],
    strict_signing_key_usage: true,
  });
  const preload = {
    [system.getPublicKey()]: accountJwt(signing, system),
    [direct.getPublicKey()]: accountJwt(operator, direct),
    [keyed.getPublicKey()]: accountJwt(signing, keyed, { signing_keys: [signer.getPublicKey()] }),
    [bare.getPublicKey()]: accountJwt(signing, bare),
  };
  const signed =
    (jwt: string): Attempt =>
    (nonce) => ({ jwt, sig: signNonce(user, nonce) });
  const verdicts = await compare(
    `operator: ${jwt}
     resolver: MEMORY
     resolver_preload: { ${Object.entries(preload)
       .map(([key, text]) => `${key}: ${text}`)
       .join('\n')} }`,
    { operator: { jwts: [jwt], resolver: { kind: 'memory' }, preload } },
    {
      'account by the operator itself': signed(userJwt(direct, user)),
      'user by a signing key': signed(scopedUserJwt(signer, keyed, user, NO_USER_LIMITS)),
      'user by the account itself': signed(userJwt(keyed, user)),
      'user by an account without signing keys': signed(userJwt(bare, user)),
    },
  );
  expect(verdicts['user by a signing key']).toBe('accepted');
});
