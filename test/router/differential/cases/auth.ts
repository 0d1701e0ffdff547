/** Logins without accounts: token, user, bcrypt, NKey, several users, nobody. */
import { createUser, fromSeed, type KeyPair } from 'nkeys.js';
import { chat, connectLine, pub, type Case, type Suite } from '../cases.ts';
import type { Wire } from '../wire.ts';

/** bcrypt of `secret`, cost 4. */
const hashed = '$2a$04$woETq7rLEccfwxR4f2d4ie878OQ8ahcOtzT0tu4bYab4aoQ26EMcW';

/** CONNECTs that every kind of login is asked. */
const attempts: readonly object[] = [
  {},
  { user: 'alice' },
  { pass: 'secret' },
  { user: 'alice', pass: 'secret' },
  { user: 'alice', pass: 'wrong' },
  { user: 'alice', pass: '' },
  { user: 'alice', pass: 'secret ' },
  { user: 'Alice', pass: 'secret' },
  { user: 'bob', pass: 'secret' },
  { user: '', pass: '' },
  { auth_token: 'secret' },
  { auth_token: 'wrong' },
  { auth_token: '' },
  { user: 'secret' },
  { user: 'alice', pass: 'secret', auth_token: 'secret' },
  { user: 'alice', pass: 'wrong', auth_token: 'secret' },
  { jwt: 'a.b.c', nkey: 'U', sig: 'x' },
  { nkey: 'UAAA' },
  { user: 'alice', pass: 'secret', verbose: true },
];

const logins: readonly Case[] = attempts.map((fields) =>
  chat(
    `CONNECT ${JSON.stringify(fields)}`,
    `A ${connectLine(fields)}`,
    'A SUB foo 1',
    `A ${pub('foo')}`,
  ),
);

const before: readonly Case[] = [
  'PING',
  'PONG',
  '+OK',
  'SUB foo 1',
  'UNSUB 1',
  'PUB foo 1\r\nx',
  'HPUB foo 12 13\r\nNATS/1.0\r\n\r\nx',
  'INFO {}',
  '-ERR x',
  'CONNECT',
  'CONNECT {',
  'CONNECT {}',
  'HELLO',
  '',
  'C',
  'X',
].map((line) => chat(`${JSON.stringify(line)} before logging in`, `A ${line}`, 'A PING'));

const other: readonly Case[] = [
  chat('INFO asks for a login', 'A'),
  chat(
    'a second CONNECT with a wrong password',
    `A ${connectLine({ user: 'alice', pass: 'secret' })}`,
    `A ${connectLine({ user: 'alice', pass: 'wrong' })}`,
    'A PING',
  ),
  chat(
    'a second CONNECT without a password',
    `A ${connectLine({ user: 'alice', pass: 'secret' })}`,
    `A ${connectLine()}`,
    'A PING',
  ),
  chat(
    'a login and more in one piece',
    `A ${connectLine({ user: 'alice', pass: 'secret' })}\r\nSUB foo 1\r\nPUB foo 1\r\nx`,
  ),
  chat(
    'a wrong login and more in one piece',
    `A ${connectLine({ user: 'alice', pass: 'no' })}\r\nSUB foo 1\r\nPUB foo 1\r\nx`,
  ),
  chat(
    'two CONNECTs in one piece',
    `A ${connectLine({ user: 'alice', pass: 'secret' })}\r\n${connectLine({ user: 'alice', pass: 'secret', verbose: true })}\r\nSUB foo 1`,
  ),
  chat('a long first line', `A ${'x'.repeat(400)}`, 'A PING'),
];

const all = [...logins, ...before, ...other];

const timeout: Case = {
  name: 'a client that says nothing is let go after the timeout',
  async run(session) {
    const wire = await session.open('A', { connect: false });
    await session.until(wire, /closed/, 3_000);
  },
};

/** A user key that is the same in every run. */
export const userKey: KeyPair = fromSeed(
  new TextEncoder().encode('SUAI6UI5DBNNZIYRBXC7ABAKXXFQNKVORK7PFAIV6NYV2LP7BZUDBYUCXE'),
);

export function signed(key: KeyPair, text: string): string {
  return Buffer.from(key.sign(Buffer.from(text))).toString('base64url');
}

const challenge = (wire: Wire): string => wire.info.nonce ?? '';

function nkeyCase(name: string, fields: (wire: Wire) => object): Case {
  return {
    name,
    async run(session) {
      const wire = await session.open('A', { connect: false });
      await session.send(wire, `${connectLine(fields(wire))}\r\n`);
      await session.send(wire, 'SUB foo 1\r\n');
      await session.send(wire, `${pub('foo')}\r\n`);
    },
  };
}

const publicKey = userKey.getPublicKey();
const nkeys: readonly Case[] = [
  ...before,
  chat('INFO has a nonce', 'A'),
  nkeyCase('the challenge signed', (wire) => ({
    nkey: publicKey,
    sig: signed(userKey, challenge(wire)),
  })),
  nkeyCase('the challenge signed, in plain base64', (wire) => ({
    nkey: publicKey,
    sig: Buffer.from(userKey.sign(Buffer.from(challenge(wire)))).toString('base64'),
  })),
  nkeyCase('another text signed', () => ({ nkey: publicKey, sig: signed(userKey, 'another') })),
  nkeyCase('signed by another key', (wire) => ({
    nkey: publicKey,
    sig: signed(createUser(), challenge(wire)),
  })),
  nkeyCase('an unknown key', (wire) => {
    const key = createUser();
    return { nkey: key.getPublicKey(), sig: signed(key, challenge(wire)) };
  }),
  nkeyCase('no signature', () => ({ nkey: publicKey })),
  nkeyCase('an empty signature', () => ({ nkey: publicKey, sig: '' })),
  nkeyCase('a signature that is none', () => ({ nkey: publicKey, sig: '!!!' })),
  nkeyCase('a signature without a key', (wire) => ({ sig: signed(userKey, challenge(wire)) })),
  nkeyCase('a key that is none', (wire) => ({
    nkey: 'UNOPE',
    sig: signed(userKey, challenge(wire)),
  })),
  nkeyCase('the key in lower case', (wire) => ({
    nkey: publicKey.toLowerCase(),
    sig: signed(userKey, challenge(wire)),
  })),
  nkeyCase('a JWT outside operator mode', (wire) => ({
    jwt: 'a.b.c',
    nkey: publicKey,
    sig: signed(userKey, challenge(wire)),
  })),
  nkeyCase('a password beside', () => ({ user: 'alice', pass: 'secret' })),
  nkeyCase('nothing', () => ({})),
];

export const auth: readonly Suite[] = [
  { name: 'a token', config: 'authorization { token: secret }', cases: all },
  { name: 'a hashed token', config: `authorization { token: "${hashed}" }`, cases: logins },
  { name: 'one user', config: 'authorization { user: alice, password: secret }', cases: all },
  {
    name: 'a hashed password',
    config: `authorization { user: alice, password: "${hashed}" }`,
    cases: all,
  },
  {
    name: 'users',
    config: `authorization { users: [ {user: alice, password: secret}, {user: bob, pass: "${hashed}"}, {user: carol, password: ""} ] }`,
    cases: [
      ...all,
      chat('an empty password', `A ${connectLine({ user: 'carol' })}`),
      chat('the hash is no password', `A ${connectLine({ user: 'bob', pass: hashed })}`),
    ],
  },
  {
    name: 'users and one for all others',
    config:
      'authorization { users: [ {user: alice, password: secret}, {user: anyone, password: x, permissions: {publish: foo}} ] }\nno_auth_user: anyone',
    cases: [
      ...all,
      chat('publishing as one of the others', `A ${connectLine()}`, `A ${pub('bar')}`),
      chat(
        'before CONNECT as one of the others',
        'A SUB foo 1',
        `A ${pub('foo')}`,
        `A ${pub('bar')}`,
      ),
    ],
  },
  { name: 'NKeys', config: `authorization { users: [ {nkey: ${publicKey}} ] }`, cases: nkeys },
  {
    name: 'NKeys and users',
    config: `authorization { users: [ {nkey: ${publicKey}, permissions: {publish: "nope"}}, {user: alice, password: secret} ] }`,
    cases: [...nkeys, ...logins],
  },
  {
    name: 'a short time to log in',
    config: 'authorization { user: a, password: b, timeout: 0.3 }',
    cases: [timeout],
  },
  {
    name: 'connection types',
    config:
      'authorization { users: [ {user: alice, password: secret, allowed_connection_types: ["WEBSOCKET"]}, {user: bob, password: secret, allowed_connection_types: ["standard", "LEAFNODE"]} ] }',
    cases: logins,
  },
];
