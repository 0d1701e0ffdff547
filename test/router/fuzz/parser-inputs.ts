/** One mutated input for the parsers that run in this process, and what a failure of them may look like. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAccount, createOperator, createUser } from 'nkeys.js';
import { accountOptions } from '../../../main/router/jwt/account-options.ts';
import { accountProblems } from '../../../main/router/jwt/account-problems.ts';
import { decodeAccountClaims } from '../../../main/router/jwt/account-claims.ts';
import { decodeActivationClaims } from '../../../main/router/jwt/activation.ts';
import { decodeOperatorClaims } from '../../../main/router/jwt/operator-claims.ts';
import { decodeUserClaims, userProblems } from '../../../main/router/jwt/user-claims.ts';
import { configure } from '../../../main/router/operate/configure.ts';
import { RouterError } from '../../../main/router/errors.ts';
import { connectionSuites, accountSuites } from '../differential/suites.ts';
import {
  accountJwt,
  activationJwt,
  operatorJwt,
  signJwt,
  userJwt,
  type Json,
} from '../support/jwt.ts';
import { mutateBytes, mutateJson } from './mutate.ts';
import type { Random } from './random.ts';

const operator = createOperator();
const account = createAccount();
const user = createUser();

const exportsAndImports: Json = {
  exports: [
    { name: 'e', subject: 'news.*.>', type: 'stream', token_req: true, account_token_position: 2 },
    {
      name: 's',
      subject: 'svc',
      type: 'service',
      response_type: 'Stream',
      response_threshold: 1_000,
      service_latency: { sampling: 50, results: 'l' },
    },
  ],
  imports: [
    {
      name: 'i',
      subject: 'a.*',
      account: account.getPublicKey(),
      type: 'stream',
      local_subject: 'b.$1',
      share: true,
      token: 'x',
    },
  ],
  mappings: {
    'a.*': [
      { subject: 'b.$1', weight: 50 },
      { subject: 'c', weight: 50, cluster: 'x' },
    ],
  },
  default_permissions: {
    pub: { allow: ['a'], deny: ['b'] },
    sub: { allow: ['c q'] },
    resp: { max: 1, ttl: 5 },
  },
  revocations: { '*': 1_700_000_000 },
  signing_keys: [
    account.getPublicKey(),
    {
      kind: 'user_scope',
      key: account.getPublicKey(),
      role: 'r',
      template: { pub: { allow: ['{{name()}}'] } },
    },
  ],
};
const rights: Json = {
  pub: { allow: ['a.>', 'b'], deny: ['c'] },
  sub: { allow: ['a q'], deny: ['*.x'] },
  resp: { max: 2, ttl: 1_000_000 },
  src: ['10.0.0.0/8', '::1/128'],
  times: [{ start: '08:00:00', end: '17:00:00' }],
  times_location: 'Europe/Berlin',
  allowed_connection_types: ['STANDARD', 'WEBSOCKET'],
  tags: ['a:b'],
};

const tokens: readonly { text: string; decode: (text: string) => unknown }[] = [
  {
    text: operatorJwt(operator, {
      signing_keys: [operator.getPublicKey()],
      operator_service_urls: ['nats://x'],
    }),
    decode: decodeOperatorClaims,
  },
  {
    text: accountJwt(operator, account, exportsAndImports),
    decode: (text) => {
      const claims = decodeAccountClaims(text);
      return [accountProblems(claims), accountOptions(claims)];
    },
  },
  {
    text: userJwt(account, user, rights),
    decode: (text) => userProblems(decodeUserClaims(text), Date.now()),
  },
  { text: activationJwt(account, account, 'a.>', 'stream'), decode: decodeActivationClaims },
];
const signers = [operator, account, user];

const configs = [...connectionSuites, ...accountSuites].flatMap(({ config }) =>
  config === undefined ? [] : [Buffer.from(config)],
);
const jwts = tokens.map(({ text }) => Buffer.from(text));

/** Judges one mutated configuration in a folder of its own. Throws what the parser should not. */
export function configInput(random: Random, folder: string): string {
  const bytes = mutateBytes(random, random.pick(configs), configs);
  const path = join(folder, 'fuzz.conf');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, bytes);
  const text = bytes.toString('latin1');
  judge(text, () => configure({ config: path } as Parameters<typeof configure>[0], { X: '1' }));
  return text;
}

/** Judges one mutated JWT: its text changed, or its claims, signed again. */
export function jwtInput(random: Random): string {
  const { text, decode } = random.pick(tokens);
  let input: string;
  if (random.chance(0.3)) {
    input = mutateBytes(random, Buffer.from(text), jwts).toString('latin1');
  } else {
    const claims: unknown = JSON.parse(
      Buffer.from(text.split('.')[1] ?? '', 'base64url').toString(),
    );
    input = signJwt(random.pick(signers), mutateJson(random, claims) as Json);
  }
  judge(input, () => decode(input));
  return input;
}

function judge(input: string, parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    if (error instanceof RouterError) return;
    throw new Error(`${String(error)} on ${JSON.stringify(input.slice(0, 2_000))}`, {
      cause: error,
    });
  }
}
