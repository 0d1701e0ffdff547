/**
 * The user NKey with which this peer answers a NATS server's nonce, and the JWT by which the account key
 * vouches for it. The account key itself never signs bytes that a server chose.
 */
import { createHash, sign, type KeyObject } from 'node:crypto';
import { base32 } from 'nkeys.js/lib/base32.js';
import { encodeNKey } from '../base/nkey.ts';
import { rawPublicKey } from './ed25519.ts';
import type { NatsUser, PeerKey } from './types.ts';

const HEADER = { typ: 'JWT', alg: 'ed25519-nkey' };
/** Named in the JWT; shown in a server's connection list. */
const USER_NAME = 'skerry';

/** @param issuedAt milliseconds since 1970 */
export function createNatsUser(options: {
  account: PeerKey;
  accountKey: KeyObject;
  userKey: KeyObject;
  issuedAt: number;
}): NatsUser {
  const key = encodeNKey('user', rawPublicKey(options.userKey));
  return {
    key,
    jwt: userJwt({ ...options, user: key }),
    signNonce: (nonce) => new Uint8Array(sign(null, nonce, options.userKey)),
  };
}

/** A NATS user JWT, version 2 (NATS ADR-14): no limits of its own, no expiry, issued by the account. */
function userJwt(options: {
  account: PeerKey;
  accountKey: KeyObject;
  user: string;
  issuedAt: number;
}): string {
  const claims = {
    iat: Math.floor(options.issuedAt / 1_000),
    iss: options.account,
    name: USER_NAME,
    sub: options.user,
    nats: { pub: {}, sub: {}, subs: -1, data: -1, payload: -1, type: 'user', version: 2 },
  };
  const digest = createHash('sha512-256').update(JSON.stringify(claims)).digest();
  const jti = Buffer.from(base32.encode(digest)).toString('latin1');
  const body = `${segment(HEADER)}.${segment({ jti, ...claims })}`;
  const signature = sign(null, Buffer.from(body, 'latin1'), options.accountKey);
  return `${body}.${signature.toString('base64url')}`;
}

function segment(value: unknown): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');
}
