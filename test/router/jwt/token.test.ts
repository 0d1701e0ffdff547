import fc from 'fast-check';
import { createAccount, createOperator, createUser } from 'nkeys.js';
import { expect, test } from 'vitest';
import { decodeAccountClaims } from '../../../main/router/jwt/account-claims.ts';
import { accountProblems } from '../../../main/router/jwt/account-problems.ts';
import { decodeActivationClaims } from '../../../main/router/jwt/activation.ts';
import { decodeOperatorClaims } from '../../../main/router/jwt/operator-claims.ts';
import { decodeGenericToken, undecorate } from '../../../main/router/jwt/token.ts';
import { decodeUserClaims, userProblems } from '../../../main/router/jwt/user-claims.ts';
import { RouterError } from '../../../main/router/errors.ts';
import {
  accountJwt,
  base64url,
  claims,
  operatorJwt,
  signJwt,
  userJwt,
  type Json,
} from '../support/jwt.ts';

const account = createAccount();
const user = createUser();
const good = userJwt(account, user, {
  pub: { allow: ['a'] },
  times: [{ start: '00:00:00', end: '23:59:59' }],
});

/** Whatever comes in: claims, or a RouterError 'router-jwt', soon. */
function decodeSafely(text: string): void {
  for (const decode of [
    decodeUserClaims,
    decodeAccountClaims,
    decodeOperatorClaims,
    decodeActivationClaims,
    decodeGenericToken,
  ]) {
    try {
      const claims = decode(text);
      if (decode === decodeUserClaims)
        userProblems(claims as ReturnType<typeof decodeUserClaims>, 0);
      if (decode === decodeAccountClaims)
        accountProblems(claims as ReturnType<typeof decodeAccountClaims>);
    } catch (error) {
      if (!(error instanceof RouterError) || error.code !== 'router-jwt') throw error;
    }
  }
}

const refusal = (text: string): string => {
  try {
    decodeUserClaims(text);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

test('jwt - base64url is strict, but a line feed at the end of a file is none of it', () => {
  expect(refusal(good)).toBe('');
  expect(refusal(`${good}\n`)).toBe('');
  for (const spoiled of [
    `${good}=`,
    `${good} `,
    good.replace('.', '\n.'),
    good.replace('.', '=.'),
    `${good}A`,
  ])
    expect(refusal(spoiled), JSON.stringify(spoiled.slice(-5))).not.toBe('');
});

test('jwt - every changed character is found', () => {
  for (let at = 0; at < good.length; at += 7) {
    const other = good[at] === 'A' ? 'B' : 'A';
    expect(refusal(good.slice(0, at) + other + good.slice(at + 1)), `character ${at}`).not.toBe('');
  }
});

test('jwt - depth and length have bounds', () => {
  let deep: Json = {};
  for (let i = 0; i < 100; i++) deep = { deep };
  expect(refusal(userJwt(account, user, { deep }))).toMatch(/nested/);
  expect(refusal(userJwt(account, user, { brackets: '[['.repeat(100) }))).toBe('');
  expect(refusal(userJwt(account, user, { a: 'x'.repeat(2 ** 20) }))).toMatch(/too long/);
  expect(refusal(`${'['.repeat(100_000)}.a.b`)).toMatch(/base64url/);
  expect(refusal(`${base64url('['.repeat(100_000))}.e30.e30`)).toMatch(/nested/);
  expect(
    refusal(userJwt(account, user, { tags: Array.from({ length: 5000 }, () => 'x') })),
  ).toMatch(/entries/);
});

test('jwt - messages quote nothing of a JWT that does not parse', () => {
  const secret = `${base64url('{"typ":"JWT"')}.${base64url('hunter2')}.AAAA`;
  expect(refusal(secret)).toBe('a part of the JWT is no JSON');
});

test('jwt - only the right roles sign', () => {
  const operator = createOperator();
  expect(refusal(signJwt(operator, claims(operator, user, { type: 'user' })))).toMatch(/no right/);
  expect(refusal(signJwt(user, claims(user, user, { type: 'user' })))).toMatch(/no right/);
  expect(() => decodeOperatorClaims(operatorJwt(account))).toThrow(/no right/);
  expect(() => decodeAccountClaims(accountJwt(user, account))).toThrow(/no right/);
  expect(refusal(accountJwt(operator, account))).toMatch(/no right/);
  expect(refusal(signJwt(account, claims(account, user, { type: 'account' })))).toMatch(
    /no user JWT/,
  );
});

test('jwt - a file with BEGIN and END holds one JWT', () => {
  const file = `-----BEGIN NATS OPERATOR JWT-----\n${good}\n------END NATS OPERATOR JWT------\n`;
  expect(undecorate(file)).toBe(good);
  expect(undecorate(` ${good}\n`)).toBe(good);
});

test('jwt - random text and bytes are refused with a reason', () => {
  fc.assert(fc.property(fc.string({ maxLength: 300 }), decodeSafely), { numRuns: 300 });
  const part = fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
    fc.json().map(base64url),
  );
  fc.assert(
    fc.property(part, part, part, (...parts) => decodeSafely(parts.join('.'))),
    { numRuns: 500 },
  );
});

test('jwt - mutated JWTs are refused with a reason', () => {
  fc.assert(
    fc.property(
      fc.nat(good.length - 1),
      fc.nat(20),
      fc.string({ maxLength: 5 }),
      (at, cut, put) => {
        const mutated = good.slice(0, at) + put + good.slice(at + cut);
        if (mutated !== good) decodeSafely(mutated);
      },
    ),
    { numRuns: 1000 },
  );
});

test('jwt - signed nonsense is refused with a reason', () => {
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom(-1, 1e300, '', [], {}, [null], 'user_scope'),
  );
  const key = fc.constantFrom(
    ...[
      'pub',
      'sub',
      'resp',
      'src',
      'times',
      'tags',
      'subs',
      'limits',
      'exports',
      'imports',
      'mappings',
    ],
    ...[
      'signing_keys',
      'revocations',
      'default_permissions',
      'authorization',
      'version',
      'account',
      '__proto__',
    ],
  );
  const nats = fc.dictionary(key, value, { maxKeys: 4 });
  const inner = fc.dictionary(
    fc.constantFrom(
      'subject',
      'type',
      'kind',
      'key',
      'template',
      'allow',
      'deny',
      'token',
      'start',
      'end',
      'weight',
    ),
    value,
  );
  const kind = fc.constantFrom('user', 'account', 'activation', 'operator');
  fc.assert(
    fc.property(kind, nats, inner, key, (type, body, deep, where) => {
      const listed = { ...body, [where]: [deep] };
      decodeSafely(signJwt(account, claims(account, account, { type, ...body })));
      decodeSafely(signJwt(account, claims(account, account, { type, ...listed })));
    }),
    { numRuns: 500 },
  );
});

test('jwt - an account with thousands of exports is checked at once', () => {
  const exports = Array.from({ length: 4000 }, (_, i) => ({ subject: `a.${i}.*`, type: 'stream' }));
  const decoded = decodeAccountClaims(accountJwt(createOperator(), account, { exports }));
  expect(accountProblems(decoded)).toEqual([]);
  const twice = decodeAccountClaims(
    accountJwt(createOperator(), account, {
      exports: [...exports.slice(1), { subject: 'a.>', type: 'stream' }],
    }),
  );
  expect(accountProblems(twice)).toHaveLength(3999);
});
