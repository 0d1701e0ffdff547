import { createAccount, createOperator, createUser } from 'nkeys.js';
import { expect, test } from 'vitest';
import { createAuthenticator } from '../../../main/router/auth/authenticator.ts';
import type { Admission, ConnectionFacts, Refusal } from '../../../main/router/auth/types.ts';
import { silentLog } from '../../../main/router/log.ts';
import type { RouterOptions } from '../../../main/router/options.ts';
import {
  accountJwt,
  activationJwt,
  createTrust,
  operatorJwt,
  scopedUserJwt,
  signNonce,
  userJwt,
  NO_USER_LIMITS,
  type Json,
} from '../support/jwt.ts';

const NONCE = 'abcdefghijklmno';
const facts: ConnectionFacts = { type: 'STANDARD', host: '127.0.0.1', nonce: NONCE };

function mode(
  account: Json = {},
  accountClaims: Json = {},
  more: RouterOptions['operator'] = {},
  now?: () => number,
) {
  const trust = createTrust(account, accountClaims);
  const { operator, system, owner, jwts } = trust;
  const authenticator = createAuthenticator(
    {
      operator: {
        jwts: [jwts.operator],
        resolver: { kind: 'memory' },
        preload: { [system.getPublicKey()]: jwts.system, [owner.getPublicKey()]: jwts.owner },
        ...more,
      },
    },
    { log: silentLog, version: '2.10.27', ...(now && { now }) },
  );
  return { ...trust, operator, authenticator };
}

function expectAdmitted(verdict: Admission | Refusal | Promise<unknown>): Admission {
  if (verdict instanceof Promise || !verdict.ok) throw new Error(JSON.stringify(verdict));
  return verdict;
}

test('operator mode - a user of a preloaded account gets in at once, with its limits', async () => {
  const { authenticator, owner, user } = mode();
  await authenticator.start();
  const jwt = userJwt(
    owner,
    user,
    { subs: 5, payload: 100, tags: ['a:b'] },
    { exp: 4_000_000_000 },
  );
  const admission = expectAdmitted(
    authenticator.authenticate({ jwt, sig: signNonce(user, NONCE) }, facts),
  );
  expect(admission).toMatchObject({
    account: owner.getPublicKey(),
    user: user.getPublicKey(),
    issuerKey: owner.getPublicKey(),
    nameTag: 'user',
    tags: ['a:b'],
    maxSubscriptions: 5,
    maxPayload: 100,
    expires: { at: 4_000_000_000_000, text: 'User Authentication Expired' },
  });
  expect(authenticator.operator?.accounts.known(owner.getPublicKey())?.options).toMatchObject({
    nameTag: 'acc',
  });
  expect(authenticator).toMatchObject({ required: true, challenges: true, anonymous: false });
  await authenticator.close();
});

test('operator mode - a scoped key gives the rights of its template', async () => {
  const signer = createAccount();
  const scope = {
    kind: 'user_scope',
    key: signer.getPublicKey(),
    role: 'r',
    template: {
      ...NO_USER_LIMITS,
      subs: 7,
      pub: { allow: ['{{name()}}.{{tag(x)}}.>', 'all'], deny: ['{{subject()}}'] },
      sub: { allow: ['{{tag(missing)}}'] },
      resp: { max: 3, ttl: 1_000_000_000 },
    },
  };
  const { authenticator, owner, user } = mode({ signing_keys: [scope] });
  await authenticator.start();
  const jwt = scopedUserJwt(signer, owner, user, { tags: ['x:1', 'x:2'] }, { name: 'joe' });
  const admission = expectAdmitted(
    authenticator.authenticate({ jwt, sig: signNonce(user, NONCE) }, facts),
  );
  expect(admission.permissions).toEqual({
    publish: { allow: ['joe.1.>', 'joe.2.>', 'all'], deny: [user.getPublicKey()] },
    subscribe: { allow: [], deny: ['>'] },
    responses: { max: 3, expires: 1000 },
  });
  expect(admission.maxSubscriptions).toBe(7);
  const own = scopedUserJwt(signer, owner, user, { subs: 1 });
  expect(
    authenticator.authenticate({ jwt: own, sig: signNonce(user, NONCE) }, facts),
  ).toMatchObject({ ok: false });
  await authenticator.close();
});

test('operator mode - a newer account JWT changes what its connections get', async () => {
  const { authenticator, operator, owner, user } = mode();
  await authenticator.start();
  const jwt = userJwt(owner, user);
  const admission = expectAdmitted(
    authenticator.authenticate({ jwt, sig: signNonce(user, NONCE) }, facts),
  );
  const key = owner.getPublicKey();
  const service = authenticator.operator;
  const outcomes: unknown[] = [];
  service?.accounts.on('changed', (account, before) => {
    outcomes.push(service.authenticator.recheck(admission, account, before));
  });
  const send = (nats: Json, more: Json = {}): unknown =>
    service?.claims.answer(
      `$SYS.REQ.ACCOUNT.${key}.CLAIMS.UPDATE`,
      Buffer.from(accountJwt(operator, owner, nats, more)),
    );
  expect(await send({}, { exp: 4_000_000_000 })).toMatchObject({
    kind: 'json',
    body: { data: { account: key, code: 200, message: 'jwt updated' } },
  });
  await send({ revocations: { [user.getPublicKey()]: 4_000_000_000 } });
  await send({ revocations: { '*': 1 } });
  await send({ limits: { disallow_bearer: true } });
  expect(outcomes).toMatchObject([
    { stay: { expires: { at: 4_000_000_000_000, text: 'Account Authentication Expired' } } },
    { end: 'User Authentication Revoked' },
    { stay: { account: key } },
    { stay: { account: key } },
  ]);
  const foreign = Buffer.from(accountJwt(createOperator(), owner));
  expect(
    await service?.claims.answer(`$SYS.REQ.ACCOUNT.${key}.CLAIMS.UPDATE`, foreign),
  ).toMatchObject({
    body: { error: { code: 500 } },
  });
  expect(outcomes).toHaveLength(4);
  await authenticator.close();
});

test('operator mode - an expired account lets nobody in until its JWT is renewed', async () => {
  let now = Date.now();
  const exp = Math.floor(now / 1000) + 60;
  const { authenticator, owner, user } = mode({}, { exp }, {}, () => now);
  await authenticator.start();
  const login = () =>
    authenticator.authenticate({ jwt: userJwt(owner, user), sig: signNonce(user, NONCE) }, facts);
  expect(login()).toMatchObject({
    ok: true,
    expires: { at: exp * 1000, text: 'Account Authentication Expired' },
  });
  now += 61_000;
  expect(login()).toMatchObject({ ok: false, text: 'Authorization Violation' });
  await authenticator.close();
});

test('operator mode - a private export wants a token, as long as it lasts', async () => {
  const exports = [
    { subject: 'private.*', type: 'stream', token_req: true },
    { subject: 'own.*', type: 'stream', token_req: true, account_token_position: 2 },
    { subject: 'public', type: 'service' },
  ];
  const { authenticator, owner } = mode({ exports });
  await authenticator.start();
  const accounts = authenticator.operator?.accounts;
  const exporter = owner.getPublicKey();
  const importer = createAccount();
  const key = importer.getPublicKey();
  const token = activationJwt(owner, importer, 'private.*', 'stream');
  const one = { kind: 'stream', account: exporter, subject: 'private.a', token } as const;
  const [first, second, third] = (await accounts?.lookup(exporter))?.options.exports ?? [];
  if (accounts === undefined || first === undefined || second === undefined || third === undefined)
    throw new Error('the account exports nothing');
  expect(accounts.activation(key, one, first)).toEqual({ expires: Infinity });
  expect(accounts.activation(key, { ...one, token: '' }, first)).toBeUndefined();
  expect(accounts.activation(exporter, one, first)).toBeUndefined();
  expect(accounts.activation(key, { ...one, subject: 'other.a' }, first)).toBeUndefined();
  expect(
    accounts.activation(key, { kind: 'stream', account: exporter, subject: `own.${key}` }, second),
  ).toBeDefined();
  expect(
    accounts.activation(key, { kind: 'service', account: exporter, subject: 'public' }, third),
  ).toBeDefined();
  expect(accounts.activation(key, { ...one, account: key }, first)).toBeUndefined();
  await authenticator.close();
});

test('operator mode - what cannot go together is refused with a reason', () => {
  const operator = createOperator();
  const system = createAccount().getPublicKey();
  const jwts = [operatorJwt(operator, { system_account: system })];
  const make = (options: RouterOptions) => () =>
    createAuthenticator(options, { log: silentLog, version: '2.10.27' });
  const memory = { jwts, resolver: { kind: 'memory' } } as const;
  expect(make({ operator: { jwts } })).toThrow(/resolver/);
  expect(make({ operator: memory, accounts: [{ name: 'A' }] })).toThrow(/Accounts/);
  expect(make({ operator: memory, noAuthUser: 'x' })).toThrow(/no_auth_user/);
  expect(make({ operator: memory, systemAccount: createAccount().getPublicKey() })).toThrow(
    /system_account/,
  );
  expect(make({ operator: { ...memory, jwts: ['x.y.z'] } })).toThrow(/operator JWT/);
  expect(make({ operator: { ...memory, preload: { A: 'x' } } })).toThrow(/preload/);
  expect(
    make({
      operator: { ...memory, jwts: [operatorJwt(operator, { assert_server_version: '3.0.0' })] },
    }),
  ).toThrow(/3\.0\.0/);
  expect(make({ operator: memory })).not.toThrow();
  expect(make({ operator: { ...memory, resolver: { kind: 'url', url: 'ftp://x' } } })).toThrow(
    /http/,
  );
  expect(make({ operator: { trustedKeys: [createUser().getPublicKey()] } })).toThrow(
    /operator nkey/,
  );
});
