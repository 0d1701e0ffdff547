import { createAccount, createOperator, createUser, type KeyPair } from 'nkeys.js';
import { expect, test } from 'vitest';
import { decodeAccountClaims } from '../../../main/router/jwt/account-claims.ts';
import { accountOptions } from '../../../main/router/jwt/account-options.ts';
import { accountProblems } from '../../../main/router/jwt/account-problems.ts';
import { activate } from '../../../main/router/jwt/activation.ts';
import { fillTemplate } from '../../../main/router/jwt/scope.ts';
import { isFromSource } from '../../../main/router/jwt/sources.ts';
import { endOfStay } from '../../../main/router/jwt/times.ts';
import { decodeUserClaims } from '../../../main/router/jwt/user-claims.ts';
import { accountJwt, activationJwt, NO_USER_LIMITS, userJwt, type Json } from '../support/jwt.ts';

const operator = createOperator();
const owner = createAccount();
const other = createAccount();
const otherKey = other.getPublicKey();

const account = (nats: Json, of: KeyPair = owner) =>
  decodeAccountClaims(accountJwt(operator, of, nats));
const problems = (nats: Json): readonly string[] => accountProblems(account(nats));

test('account claims - become the options of an account', () => {
  const options = accountOptions(
    account({
      limits: { conn: 5, subs: 0, payload: 100, leaf: 2 },
      exports: [
        { subject: 's.*', type: 'stream', token_req: true, account_token_position: 2 },
        {
          subject: 'q',
          type: 'service',
          response_type: 'Chunked',
          response_threshold: 5_000_000_000,
          service_latency: { sampling: 'headers', results: 'lat' },
        },
      ],
      imports: [
        { subject: 'a.*', account: otherKey, type: 'stream', local_subject: 'b.*' },
        { subject: 'p', account: otherKey, type: 'stream', to: 'prefix' },
        { subject: 'local', account: otherKey, type: 'service', to: 'remote', share: true },
        { subject: 'remote.*', account: otherKey, type: 'service', local_subject: 'here.$1' },
      ],
      mappings: { m: [{ subject: 'n', weight: 40, cluster: 'c' }, { subject: 'o' }] },
      default_permissions: { pub: { deny: ['x'] } },
    }),
  );
  expect(options).toEqual({
    name: owner.getPublicKey(),
    nkey: owner.getPublicKey(),
    nameTag: 'acc',
    exports: [
      { kind: 'stream', subject: 's.*', tokenRequired: true, accountTokenPosition: 2 },
      {
        kind: 'service',
        subject: 'q',
        responseType: 'chunked',
        responseThreshold: 5000,
        latency: { subject: 'lat', sampling: 'headers' },
      },
    ],
    imports: [
      { kind: 'stream', account: otherKey, subject: 'a.*', to: 'b.*' },
      { kind: 'stream', account: otherKey, subject: 'p', prefix: 'prefix' },
      { kind: 'service', account: otherKey, subject: 'remote', to: 'local', share: true },
      { kind: 'service', account: otherKey, subject: 'remote.*', to: 'here.$1' },
    ],
    mappings: [
      {
        source: 'm',
        destinations: [
          { subject: 'n', weight: 40, cluster: 'c' },
          { subject: 'o', weight: 100 },
        ],
      },
    ],
    limits: {
      maxConnections: 5,
      maxSubscriptions: 0,
      maxPayload: 100,
      maxLeafnodes: 2,
      maxImports: -1,
      maxExports: -1,
    },
    defaultPermissions: { publish: { deny: ['x'] } },
  });
});

test.each<[string, Json]>([
  ['export without type', { exports: [{ subject: 'a' }] }],
  [
    'exports that overlap',
    {
      exports: [
        { subject: 'a.*', type: 'stream' },
        { subject: 'a.b', type: 'stream' },
      ],
    },
  ],
  [
    'exports that are equal',
    {
      exports: [
        { subject: 'a', type: 'service' },
        { subject: 'a', type: 'service' },
      ],
    },
  ],
  [
    'response type of a stream',
    { exports: [{ subject: 'a', type: 'stream', response_type: 'Stream' }] },
  ],
  [
    'unknown response type',
    { exports: [{ subject: 'a', type: 'service', response_type: 'Twice' }] },
  ],
  [
    'latency of a stream',
    { exports: [{ subject: 'a', type: 'stream', service_latency: { results: 'l' } }] },
  ],
  [
    'latency to a wildcard',
    { exports: [{ subject: 'a', type: 'service', service_latency: { results: 'l.*' } }] },
  ],
  [
    'sampling beyond 100',
    {
      exports: [
        { subject: 'a', type: 'service', service_latency: { sampling: 101, results: 'l' } },
      ],
    },
  ],
  [
    'token position at no star',
    { exports: [{ subject: 'a.*', type: 'stream', account_token_position: 1 }] },
  ],
  [
    'token position behind the end',
    { exports: [{ subject: 'a.*', type: 'stream', account_token_position: 3 }] },
  ],
  ['threshold of a stream', { exports: [{ subject: 'a', type: 'stream', response_threshold: 5 }] }],
  ['import from nowhere', { imports: [{ subject: 'a', type: 'stream' }] }],
  ['import without type', { imports: [{ subject: 'a', account: otherKey }] }],
  [
    'shared stream import',
    { imports: [{ subject: 'a', account: otherKey, type: 'stream', share: true }] },
  ],
  [
    'service imports that overlap',
    {
      imports: [
        { subject: 'a', account: otherKey, type: 'service' },
        { subject: 'b', account: otherKey, type: 'service', local_subject: 'a' },
      ],
    },
  ],
  [
    'local subject and to',
    { imports: [{ subject: 'a', account: otherKey, type: 'stream', to: 'b', local_subject: 'c' }] },
  ],
  [
    'local subject without the stars',
    { imports: [{ subject: 'a.*', account: otherKey, type: 'stream', local_subject: 'b' }] },
  ],
  [
    'reference to no star',
    { imports: [{ subject: 'a.*', account: otherKey, type: 'stream', local_subject: 'b.$2' }] },
  ],
  [
    'local subject with another end',
    { imports: [{ subject: 'a.>', account: otherKey, type: 'stream', local_subject: 'b' }] },
  ],
  [
    'no activation token',
    { imports: [{ subject: 'a', account: otherKey, type: 'stream', token: 'x' }] },
  ],
  [
    'more than 100 percent',
    {
      mappings: {
        a: [
          { subject: 'b', weight: 60 },
          { subject: 'c', weight: 60 },
        ],
      },
    },
  ],
  ['signing key that is none', { signing_keys: ['A'] }],
  ['auth user that is none', { authorization: { auth_users: ['U'] } }],
  ['allowed accounts without users', { authorization: { allowed_accounts: ['*'] } }],
  [
    'xkey that is none',
    { authorization: { auth_users: [createUser().getPublicKey()], xkey: 'X' } },
  ],
  ['empty token in a permission', { default_permissions: { sub: { deny: ['a..b'] } } }],
  ['info URL that is none', { info_url: 'nowhere' }],
  [
    'wildcard export where none may be',
    { limits: { wildcards: false, exports: 5 }, exports: [{ subject: 'a.*', type: 'stream' }] },
  ],
])('account claims - %s is a problem', (_, nats) => {
  expect(problems(nats)).not.toEqual([]);
});

test('account claims - nothing is wrong with what is right', () => {
  expect(
    problems({
      exports: [
        { subject: 'a.*', type: 'stream', account_token_position: 2 },
        { subject: 'a.*', type: 'service' },
      ],
      imports: [
        { subject: 'a.*.>', account: otherKey, type: 'stream', local_subject: 'b.$1.>' },
        { subject: 'r', account: otherKey, type: 'service', local_subject: 'c' },
      ],
      info_url: 'https://example.org',
      authorization: { auth_users: [createUser().getPublicKey()], allowed_accounts: ['*'] },
    }),
  ).toEqual([]);
});

test('activation - lets one account import, until it ends or is revoked', () => {
  const signer = createAccount();
  const exporter = { key: otherKey, signers: new Set([otherKey, signer.getPublicKey()]) };
  const now = Date.now();
  const second = Math.floor(now / 1000);
  const tryToken = (token: string, revocations = new Map<string, number>(), by = exporter) => {
    const claims = account({
      imports: [{ subject: 'p.a', account: otherKey, type: 'stream', token }],
    });
    const [one] = claims.imports;
    return one && activate(by, revocations, one, owner.getPublicKey(), now);
  };
  const good = activationJwt(other, owner, 'p.*', 'stream');
  expect(tryToken(good)).toEqual({ expires: Infinity });
  expect(tryToken(activationJwt(other, owner, 'p.a', 'stream', {}, { exp: second + 60 }))).toEqual({
    expires: (second + 60) * 1000,
  });
  const bySigner = activationJwt(signer, owner, 'p.a', 'stream', { issuer_account: otherKey });
  expect(tryToken(bySigner)).toBeDefined();
  expect(
    tryToken(bySigner, new Map(), { ...exporter, signers: new Set([otherKey]) }),
  ).toBeUndefined();
  expect(tryToken(good, new Map([['*', second + 5]]))).toBeUndefined();
  expect(tryToken(good, new Map([[owner.getPublicKey(), second + 5]]))).toBeUndefined();
  expect(tryToken(good, new Map([[owner.getPublicKey(), second - 5]]))).toBeDefined();
  for (const bad of [
    '',
    activationJwt(other, owner, 'q', 'stream'),
    activationJwt(other, owner, 'p.a', 'service'),
    activationJwt(other, signer, 'p.a', 'stream'),
    activationJwt(createAccount(), owner, 'p.a', 'stream'),
    activationJwt(other, owner, 'p.a', 'stream', {}, { exp: second - 5 }),
    activationJwt(other, owner, 'p.a', 'stream', {}, { nbf: second + 50 }),
  ])
    expect(tryToken(bad)).toBeUndefined();
});

test('scope - a template takes names, keys and tags', () => {
  const tagged = decodeAccountClaims(
    accountJwt(operator, owner, { tags: ['zone:eu', 'zone:us'] }, { name: 'ACME' }),
  );
  const user = createUser();
  const claims = decodeUserClaims(
    userJwt(
      owner,
      user,
      { tags: ['dept:a', 'dept:b', 'one:1'], issuer_account: 'ACC' },
      { name: 'joe' },
    ),
  );
  const fill = (allow: string[], deny?: string[]) => {
    const template = decodeUserClaims(
      userJwt(owner, user, { ...NO_USER_LIMITS, pub: { allow, ...(deny && { deny }) } }),
    );
    return fillTemplate(template.rights, claims, tagged).permissions.publish;
  };
  expect(fill(['{{name()}}.{{Subject()}}.{{account-name()}}.{{account-subject()}}']).allow).toEqual(
    [`joe.${user.getPublicKey()}.ACME.ACC`],
  );
  expect(fill(['x.{{tag(dept)}}.{{account-tag(zone)}}']).allow).toEqual([
    'x.a.eu',
    'x.a.us',
    'x.b.eu',
    'x.b.us',
  ]);
  expect(fill(['{{tag(none)}}', 'plain', '{{unknown()}}', 'q {{name()}}']).allow).toEqual([
    'plain',
  ]);
  expect(fill(['{{tag(none)}}'], ['d'])).toEqual({ allow: [], deny: ['d', '>'] });
  expect(fill(['a{{name()}}']).allow).toEqual(['a{{name()}}']);
  expect(() => fill(['a'], ['{{tag(none)}}'])).toThrow(/invalid subject/);
  const many = decodeUserClaims(
    userJwt(owner, user, { tags: Array.from({ length: 40 }, (_, i) => `t:${i}`) }),
  );
  const template = decodeUserClaims(
    userJwt(owner, user, { pub: { allow: ['{{tag(t)}}.{{tag(t)}}'] } }),
  );
  expect(() => fillTemplate(template.rights, many, tagged)).toThrow(/too many/);
});

test('sources - networks of both kinds, and nobody without an address', () => {
  expect(isFromSource(undefined, '')).toBe(true);
  expect(isFromSource(['10.0.0.0/8'], '10.1.2.3')).toBe(true);
  expect(isFromSource(['10.0.0.0/8'], '::ffff:10.1.2.3')).toBe(true);
  expect(isFromSource(['10.0.0.0/8'], '11.1.2.3')).toBe(false);
  expect(isFromSource(['10.0.0.0/8'], '')).toBe(false);
  expect(isFromSource(['fe80::/10'], 'fe80::1')).toBe(true);
  expect(isFromSource(['::/0'], '10.1.2.3')).toBe(false);
  expect(isFromSource(['0.0.0.0/0'], '::1')).toBe(false);
  expect(isFromSource(['10.0.0.0/33', '10.0.0.0/8'], '10.0.0.1')).toBe(false);
});

test('times - a stay ends with its range, in the zone of the user', () => {
  const at = Date.UTC(2026, 2, 29, 0, 30);
  const range = (start: string, end: string) => [{ start, end }];
  expect(endOfStay(undefined, '', at)).toBe(Infinity);
  expect(endOfStay(range('00:00:00', '02:00:00'), 'UTC', at)).toBe(Date.UTC(2026, 2, 29, 2));
  expect(endOfStay(range('01:00:00', '02:00:00'), 'UTC', at)).toBeUndefined();
  expect(
    endOfStay([...range('05:00:00', '06:00:00'), ...range('0:00:00', '1:00:00')], 'UTC', at),
  ).toBe(Date.UTC(2026, 2, 29, 1));
  // Into the next day.
  expect(endOfStay(range('00:10:00', '00:05:00'), 'UTC', at)).toBe(Date.UTC(2026, 2, 30, 0, 5));
  expect(endOfStay(range('22:00:00', '02:00:00'), 'UTC', at)).toBeUndefined();
  // 01:30 in Berlin, where clocks go from 02:00 to 03:00 that night.
  expect(endOfStay(range('01:00:00', '04:00:00'), 'Europe/Berlin', at)).toBe(
    Date.UTC(2026, 2, 29, 2),
  );
  expect(endOfStay(range('20:00:00', '21:00:00'), 'America/New_York', at)).toBe(
    Date.UTC(2026, 2, 29, 1),
  );
});
