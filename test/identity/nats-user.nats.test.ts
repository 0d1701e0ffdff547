import { sign } from 'node:crypto';
import { connect, credsAuthenticator, StringCodec, type Authenticator } from 'nats';
import { createOperator, fromPublic, type KeyPair } from 'nkeys.js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openIdentity, openKeys } from '../../main/identity/open-identity.ts';
import { exportCredsFile } from '../../main/identity/transfer-formats.ts';
import { ed25519PrivateKey } from '../../main/identity/ed25519.ts';
import type { NatsUser } from '../../main/identity/types.ts';
import { startNatsServer } from '../support/nats-server.ts';
import { freshHome, osProtection } from './support/homes.ts';

const home = freshHome();
const from = () => ({ home: home.path, protection: osProtection });

function authenticatorOf(user: NatsUser): Authenticator {
  return (nonce) => ({
    jwt: user.jwt,
    nkey: user.key,
    sig: Buffer.from(user.signNonce(Buffer.from(nonce ?? ''))).toString('base64url'),
  });
}

function decodeJwt(jwt: string) {
  const [header = '', claims = '', signature = ''] = jwt.split('.');
  const json = (part: string): Record<string, unknown> =>
    JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
  return {
    header: json(header),
    claims: json(claims),
    signed: Buffer.from(`${header}.${claims}`),
    signature: Buffer.from(signature, 'base64url'),
  };
}

/** A JWT as an operator writes it: what the server trusts above the accounts. */
function operatorJwt(operator: KeyPair, subject: string, name: string, nats: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { jti: 'TEST', iat: 1, iss: operator.getPublicKey(), name, sub: subject, nats };
  const body = `${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${part(claims)}`;
  return `${body}.${Buffer.from(operator.sign(Buffer.from(body))).toString('base64url')}`;
}

test('nats user - its JWT is issued by the account key, for the user key, without limits', async () => {
  const { identity, natsUser } = await openIdentity(from());
  const { header, claims, signed, signature } = decodeJwt(natsUser.jwt);
  expect(header).toEqual({ typ: 'JWT', alg: 'ed25519-nkey' });
  expect(claims).toMatchObject({
    iss: identity.key,
    sub: natsUser.key,
    jti: expect.stringMatching(/^[A-Z2-7]{52}$/),
    nats: { type: 'user', version: 2, subs: -1, data: -1, payload: -1, pub: {}, sub: {} },
  });
  expect(claims).not.toHaveProperty('exp');
  expect(fromPublic(identity.key).verify(signed, signature)).toBe(true);
});

test('nats user - a nonce is signed by the user key, not by the account key', async () => {
  const { identity, natsUser } = await openIdentity(from());
  const nonce = Buffer.from('aRandomNonce-15');
  const signature = natsUser.signNonce(nonce);
  expect(fromPublic(natsUser.key).verify(nonce, signature)).toBe(true);
  expect(fromPublic(identity.key).verify(nonce, signature)).toBe(false);
  const { userSeed } = await openKeys(from());
  expect(new Uint8Array(sign(null, nonce, ed25519PrivateKey(userSeed)))).toEqual(signature);
});

test('nats user - a real server in operator mode lets it in, by key and by creds file', async () => {
  const { identity, natsUser } = await openIdentity(from());
  const operator = createOperator();
  const unlimited = {
    ...{ subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true },
    ...{ conn: -1, leaf: -1 },
  };
  const account = { limits: unlimited, type: 'account', version: 2 };
  await using server = await startNatsServer(`
    operator: ${operatorJwt(operator, operator.getPublicKey(), 'test', { type: 'operator', version: 2 })}
    resolver: MEMORY
    resolver_preload: { ${identity.key}: ${operatorJwt(operator, identity.key, 'peer', account)} }
  `);

  const creds = join(home.path, 'user.creds');
  await exportCredsFile(from(), creds);
  for (const authenticator of [
    authenticatorOf(natsUser),
    credsAuthenticator(readFileSync(creds)),
  ]) {
    const nats = await connect({ servers: server.url, authenticator });
    const subscription = nats.subscribe('tide', { max: 1 });
    nats.publish('tide', StringCodec().encode('high'));
    for await (const { data } of subscription) expect(StringCodec().decode(data)).toBe('high');
    await nats.close();
  }

  const other = await openIdentity({ home: join(home.path, 'other'), protection: osProtection });
  await expect(
    connect({
      servers: server.url,
      authenticator: authenticatorOf(other.natsUser),
      reconnect: false,
    }),
  ).rejects.toThrow(/authorization/i);
});
