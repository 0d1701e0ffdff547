/** Makes the JWTs of operators, accounts and users as their tools do. For tests: it signs whatever it is told. */
import { createHash, createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { createAccount, createOperator, createUser, type KeyPair } from 'nkeys.js';
import { Codec } from 'nkeys.js/lib/codec.js';

export type Json = Readonly<Record<string, unknown>>;

/** PKCS #8 of an Ed25519 seed up to the seed itself (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const privateKeys = new WeakMap<KeyPair, KeyObject>();

const publicKeys = new WeakMap<KeyPair, string>();

/** nkeys.js computes it anew each time. */
function publicKeyOf(pair: KeyPair): string {
  const known = publicKeys.get(pair) ?? pair.getPublicKey();
  publicKeys.set(pair, known);
  return known;
}

/** nkeys.js signs in JavaScript, which takes a hundred times as long. */
function signWith(pair: KeyPair, text: string): Buffer {
  let key = privateKeys.get(pair);
  if (key === undefined) {
    const seed = Codec.decodeSeed(pair.getSeed()).buf;
    key = createPrivateKey({
      key: Buffer.concat([PKCS8_PREFIX, seed]),
      format: 'der',
      type: 'pkcs8',
    });
    privateKeys.set(pair, key);
  }
  return sign(null, Buffer.from(text), key);
}

/** Limits as the tools write them when nothing is limited. */
export const NO_USER_LIMITS: Json = { subs: -1, data: -1, payload: -1 };
export const NO_ACCOUNT_LIMITS: Json = {
  ...NO_USER_LIMITS,
  imports: -1,
  exports: -1,
  wildcards: true,
  conn: -1,
  leaf: -1,
};

export function base64url(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString(
    'base64url',
  );
}

/** Signs these claims as they are, version 2. */
export function signJwt(
  issuer: KeyPair,
  claims: Json,
  header: Json = { typ: 'JWT', alg: 'ed25519-nkey' },
): string {
  const signed = `${base64url(header)}.${base64url(claims)}`;
  return `${signed}.${signWith(issuer, signed).toString('base64url')}`;
}

/** Version 1: the signature does not cover the header. */
export function signJwtV1(issuer: KeyPair, claims: Json): string {
  const body = base64url(claims);
  const signature = signWith(issuer, body).toString('base64url');
  return `${base64url({ typ: 'jwt', alg: 'ed25519' })}.${body}.${signature}`;
}

/** Claims around the part under `nats`. */
export function claims(
  issuer: KeyPair,
  subject: KeyPair | string,
  nats: Json,
  more: Json = {},
): Json {
  const sub = typeof subject === 'string' ? subject : publicKeyOf(subject);
  const jti = createHash('sha256')
    .update(JSON.stringify([sub, nats, more]))
    .digest('hex');
  return {
    jti,
    iat: Math.floor(Date.now() / 1000),
    iss: publicKeyOf(issuer),
    sub,
    ...more,
    nats: { version: 2, ...nats },
  };
}

export function operatorJwt(operator: KeyPair, nats: Json = {}, more: Json = {}): string {
  return signJwt(
    operator,
    claims(operator, operator, { type: 'operator', ...nats }, { name: 'op', ...more }),
  );
}

export function accountJwt(
  issuer: KeyPair,
  account: KeyPair,
  nats: Json = {},
  more: Json = {},
): string {
  const limits = { ...NO_ACCOUNT_LIMITS, ...(nats['limits'] as Json | undefined) };
  return signJwt(
    issuer,
    claims(issuer, account, { type: 'account', ...nats, limits }, { name: 'acc', ...more }),
  );
}

export function userJwt(issuer: KeyPair, user: KeyPair, nats: Json = {}, more: Json = {}): string {
  return signJwt(
    issuer,
    claims(issuer, user, { type: 'user', ...NO_USER_LIMITS, ...nats }, { name: 'user', ...more }),
  );
}

/** As a scoped key wants it: without any right of its own. */
export function scopedUserJwt(
  signer: KeyPair,
  account: KeyPair,
  user: KeyPair,
  nats: Json = {},
  more: Json = {},
): string {
  const issuer_account = publicKeyOf(account);
  return signJwt(
    signer,
    claims(signer, user, { type: 'user', issuer_account, ...nats }, { name: 'user', ...more }),
  );
}

export function activationJwt(
  issuer: KeyPair,
  importer: KeyPair,
  subject: string,
  kind: 'stream' | 'service',
  nats: Json = {},
  more: Json = {},
): string {
  return signJwt(
    issuer,
    claims(issuer, importer, { type: 'activation', subject, kind, ...nats }, more),
  );
}

/** What the client answers to INFO's nonce. */
export function signNonce(
  user: KeyPair,
  nonce: string,
  encoding: 'base64url' | 'base64' = 'base64url',
): string {
  return signWith(user, nonce).toString(encoding);
}

/** An operator, its system account and one account. */
export function createTrust(account: Json = {}, accountClaims: Json = {}) {
  const operator = createOperator();
  const system = createAccount();
  const owner = createAccount();
  return {
    operator,
    system,
    owner,
    user: createUser(),
    jwts: {
      operator: operatorJwt(operator, { system_account: publicKeyOf(system) }),
      system: accountJwt(operator, system, {}, { name: 'SYS' }),
      owner: accountJwt(operator, owner, account, accountClaims),
    },
  };
}
