import { hashSync } from 'bcryptjs';
import { createAccount, createUser } from 'nkeys.js';
import { afterEach, expect, test } from 'vitest';
import {
  createAuthenticator,
  type RouterAuthenticator,
} from '../../../main/router/auth/authenticator.ts';
import { Passwords } from '../../../main/router/auth/passwords.ts';
import type { ConnectionFacts } from '../../../main/router/auth/types.ts';
import { silentLog } from '../../../main/router/log.ts';
import type { ConnectionType, RouterOptions } from '../../../main/router/options.ts';
import { signNonce } from '../support/jwt.ts';

const NONCE = 'abcdefghijklmno';
const facts = (type: ConnectionType, more: Partial<ConnectionFacts> = {}): ConnectionFacts => ({
  type,
  host: '127.0.0.1',
  nonce: NONCE,
  ...more,
});
const open: RouterAuthenticator[] = [];
const make = (
  options: RouterOptions,
  more: Partial<Parameters<typeof createAuthenticator>[1]> = {},
) => {
  const made = createAuthenticator(options, { log: silentLog, version: '2.10.27', ...more });
  open.push(made);
  return made;
};

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

test('authenticator - plain passwords and NKeys are answered at once, hashes later', async () => {
  const authenticator = make({
    authorization: {
      users: [
        { user: 'a', password: 'x', permissions: { publish: { allow: ['p'] } } },
        { user: 'b', password: hashSync('x', 4) },
      ],
      defaultPermissions: { subscribe: { deny: ['d'] } },
    },
  });
  expect(authenticator.authenticate({ user: 'a', pass: 'x' }, facts('STANDARD'))).toEqual({
    ok: true,
    account: '$G',
    user: 'a',
    permissions: { publish: { allow: ['p'] } },
  });
  const hashed = authenticator.authenticate({ user: 'b', pass: 'x' }, facts('STANDARD'));
  expect(hashed).toBeInstanceOf(Promise);
  expect(await hashed).toMatchObject({ ok: true, permissions: { subscribe: { deny: ['d'] } } });
  expect(authenticator.authenticate({ user: 'b', pass: 'x' }, facts('STANDARD'))).toMatchObject({
    ok: true,
  });
});

test('authenticator - no_auth_user lets operations in before CONNECT and INFO does not ask', () => {
  const users = [{ user: 'a', password: 'x' }];
  expect(make({ authorization: { users } })).toMatchObject({
    required: true,
    anonymous: false,
    advertised: true,
  });
  const anonymous = make({ authorization: { users }, noAuthUser: 'a' });
  expect(anonymous).toMatchObject({ required: true, anonymous: true, advertised: false });
  expect(anonymous.authenticate({}, facts('STANDARD'))).toMatchObject({ ok: true, user: 'a' });
  expect(make({})).toMatchObject({
    required: false,
    anonymous: true,
    advertised: false,
    challenges: false,
  });
  expect(make({ accounts: [{ name: '$SYS', users }] })).toMatchObject({
    required: true,
    anonymous: true,
    advertised: true,
  });
});

test('authenticator - no_auth_user may be an NKey', () => {
  const [a, b] = [createUser(), createUser()];
  const [nkey, other] = [a.getPublicKey(), b.getPublicKey()];
  const authenticator = make({
    authorization: { users: [{ nkey }, { nkey: other }] },
    noAuthUser: nkey,
  });
  expect(authenticator.challenges).toBe(true);
  expect(authenticator.authenticate({}, facts('STANDARD'))).toMatchObject({ ok: true, user: nkey });
  expect(authenticator.authenticate({ nkey }, facts('STANDARD'))).toMatchObject({ ok: true });
  expect(authenticator.authenticate({ nkey: other }, facts('STANDARD'))).toMatchObject({
    ok: false,
  });
  expect(
    authenticator.authenticate({ nkey: other, sig: signNonce(b, NONCE) }, facts('STANDARD')),
  ).toMatchObject({ ok: true });
});

test('authenticator - websockets may have a login of their own', () => {
  const authenticator = make({
    authorization: { user: 'a', password: 'x' },
    websocket: { host: '', port: 0, authorization: { token: 't' } },
  });
  expect(authenticator.authenticate({ user: 'a', pass: 'x' }, facts('WEBSOCKET'))).toMatchObject({
    ok: false,
  });
  expect(authenticator.authenticate({ token: 't' }, facts('WEBSOCKET'))).toMatchObject({
    ok: true,
  });
  expect(authenticator.authenticate({ token: 't' }, facts('STANDARD'))).toMatchObject({
    ok: false,
  });
  const open = make({
    websocket: { host: '', port: 0, authorization: { user: 'w', password: 'x' } },
  });
  expect(open.required).toBe(false);
  expect(open.for('WEBSOCKET').required).toBe(true);
});

test('authenticator - leaf nodes log in by their block, or as clients do and freely without a name', () => {
  const leaf = createUser();
  const nkey = leaf.getPublicKey();
  const users = { users: [{ user: 'a', password: 'x' }] };
  const own = make({
    authorization: users,
    leafnodes: { authorization: { users: [{ user: 'l', password: 'x', account: 'L' }] } },
  });
  expect(own.authenticate({ user: 'l', pass: 'x' }, facts('LEAFNODE'))).toMatchObject({
    ok: true,
    account: 'L',
  });
  expect(own.authenticate({ user: 'a', pass: 'x' }, facts('LEAFNODE'))).toMatchObject({
    ok: false,
  });
  expect(own.authenticate({ user: 'l', pass: 'x' }, facts('STANDARD'))).toMatchObject({
    ok: false,
  });
  const byKey = make({ leafnodes: { authorization: { nkey, account: 'K' } } });
  expect(
    byKey.authenticate({ nkey, sig: signNonce(leaf, NONCE) }, facts('LEAFNODE_WS')),
  ).toMatchObject({ ok: true, account: 'K' });
  expect(byKey.authenticate({ nkey }, facts('LEAFNODE'))).toMatchObject({ ok: false });
  expect(byKey.for('STANDARD').required).toBe(false);
  expect(byKey.for('LEAFNODE')).toMatchObject({ required: true, challenges: true });
  const shared = make({ authorization: users, leafnodes: { authorization: { account: 'D' } } });
  expect(shared.authenticate({}, facts('LEAFNODE'))).toMatchObject({ ok: true, account: 'D' });
  expect(shared.authenticate({ user: 'a', pass: 'x' }, facts('LEAFNODE'))).toMatchObject({
    ok: true,
    account: '$G',
  });
  expect(shared.authenticate({ user: 'a', pass: 'y' }, facts('LEAFNODE'))).toMatchObject({
    ok: false,
  });
});

test('authenticator - a link proves who a peer is, and the peer decides what it may', () => {
  const peerKey = createAccount().getPublicKey();
  const admission = { ok: true, account: 'P', user: peerKey } as const;
  const authenticator = make(
    {},
    { peerAdmission: (key) => (key === peerKey ? admission : undefined) },
  );
  expect(authenticator.authenticate({}, facts('STANDARD', { peerKey }))).toBe(admission);
  const stranger = createAccount().getPublicKey();
  expect(authenticator.authenticate({}, facts('STANDARD', { peerKey: stranger }))).toMatchObject({
    ok: false,
  });
  expect(make({}).authenticate({}, facts('STANDARD', { peerKey }))).toMatchObject({ ok: false });
});

test('authenticator - users that cannot be are refused with the configuration', () => {
  const users = [{ user: 'a', password: 'x' }];
  expect(() => make({ authorization: { users }, noAuthUser: 'b' })).toThrow(
    /no_auth_user: "b" not present/,
  );
  expect(() => make({ noAuthUser: 'b' })).toThrow(/not defined/);
  expect(() => make({ authorization: { users }, accounts: [{ name: 'A', users }] })).toThrow(
    /Duplicate user "a"/,
  );
  expect(() => make({ authorization: { users: [{ password: 'x' }] } })).toThrow(/requires a user/);
});

test('authenticator - a refusal tells the log why, and no secret', async () => {
  const authenticator = make({ authorization: { user: 'a', password: 'hunter2' } });
  const refusal = await authenticator.authenticate(
    { user: 'a', pass: 'hunter3' },
    facts('STANDARD'),
  );
  expect(refusal).toEqual({
    ok: false,
    text: 'Authorization Violation',
    reason: 'the password is wrong',
  });
});

test('passwords - the same question is asked once, the thread ends, bad hashes fit nothing', async () => {
  const passwords = new Passwords();
  const hash = hashSync('x', 4);
  const [first, second] = [passwords.check(hash, 'x'), passwords.check(hash, 'x')];
  expect(first).toBe(second);
  expect(await first).toBe(true);
  expect(passwords.check(hash, 'x')).toBe(true);
  expect(await passwords.check(hash, 'y')).toBe(false);
  expect(await passwords.check('$2a$04$short', 'x')).toBe(false);
  expect(await passwords.check(hash.replace(/^\$2./, '$2x'), 'x')).toBe(true);
  const pending = passwords.check(hash, 'z');
  await passwords.close();
  expect(await pending).toBe(false);
});

test('passwords - a flood of wrong ones is refused, not queued without end', async () => {
  const passwords = new Passwords();
  const hash = hashSync('x', 4);
  const answers = Array.from({ length: 1100 }, (_, i) => passwords.check(hash, `wrong ${i}`));
  expect(answers.filter((one) => one === false)).toHaveLength(1100 - 1024);
  await passwords.close();
  expect(await Promise.all(answers)).not.toContain(true);
});
