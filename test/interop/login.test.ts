import { createUser, type KeyPair } from 'nkeys.js';
import { describe, expect, test } from 'vitest';
import { createTrust, userJwt } from '../router/support/jwt.ts';
import type { ServerProcess } from '../router/support/router-process.ts';
import { selfSigned } from '../support/certificate.ts';
import { clients, type ReleasedClient } from './clients.ts';
import { connected, startRouter, Statuses, take } from './support.ts';

/** Whether the login works at all: one message to itself. */
async function works(
  client: ReleasedClient,
  server: ServerProcess,
  options: object,
): Promise<void> {
  await using connection = await connected(client, server, options);
  const subscription = connection.subscribe('self');
  connection.publish('self', 'here');
  expect(await take(subscription, 1)).toEqual(['here']);
}

async function refusal(client: ReleasedClient, server: ServerProcess, options: object) {
  const error: unknown = await connected(client, server, { reconnect: false, ...options }).catch(
    (reason: unknown) => reason,
  );
  return client.kindOf(error);
}

const seedOf = (key: KeyPair): Uint8Array => key.getSeed();

describe.each(clients)('$name logs in to the router', (client) => {
  test('with a token', async () => {
    await using server = await startRouter({ config: 'authorization { token: secret }' });
    await works(client, server, { token: 'secret' });
    expect(await refusal(client, server, { token: 'wrong' })).toBe('authorization');
    expect(await refusal(client, server, {})).toBe('authorization');
  });

  test('with a user, also by URL', async () => {
    await using server = await startRouter({
      config: 'authorization { users: [ { user: alice, password: "p w" } ] }',
    });
    await works(client, server, { user: 'alice', pass: 'p w' });
    expect(await refusal(client, server, { user: 'alice', pass: 'wrong' })).toBe('authorization');
  });

  test('with an NKey', async () => {
    const key = createUser();
    await using server = await startRouter({
      config: `authorization { users: [ { nkey: ${key.getPublicKey()} } ] }`,
    });
    await works(client, server, { authenticator: client.nkeyAuthenticator(seedOf(key)) });
    const authenticator = client.nkeyAuthenticator(seedOf(createUser()));
    expect(await refusal(client, server, { authenticator })).toBe('authorization');
  });

  test('with credentials of an operator’s user', async () => {
    const trust = createTrust();
    const { jwts, user } = trust;
    await using server = await startRouter({
      config: `operator: ${jwts.operator}
        system_account: ${trust.system.getPublicKey()}
        resolver: MEMORY
        resolver_preload {
          ${trust.system.getPublicKey()}: ${jwts.system}
          ${trust.owner.getPublicKey()}: ${jwts.owner}
        }`,
    });
    const creds = (key: KeyPair, exp?: number): Uint8Array =>
      Buffer.from(
        [
          '-----BEGIN NATS USER JWT-----',
          userJwt(trust.owner, user, {}, exp === undefined ? {} : { exp }),
          '------END NATS USER JWT------',
          '',
          '-----BEGIN USER NKEY SEED-----',
          Buffer.from(seedOf(key)).toString(),
          '------END USER NKEY SEED------',
          '',
        ].join('\n'),
      );
    await works(client, server, { authenticator: client.credsAuthenticator(creds(user)) });
    const wrong = client.credsAuthenticator(creds(createUser()));
    expect(await refusal(client, server, { authenticator: wrong })).toBe('authorization');
    const old = client.credsAuthenticator(creds(user, 1_000_000_000));
    expect(await refusal(client, server, { authenticator: old })).not.toBe('closed');
  });

  test('over TLS', async () => {
    const { cert, key } = await selfSigned();
    await using server = await startRouter({
      config: 'tls { cert_file: "cert.pem", key_file: "key.pem" }',
      files: { 'cert.pem': cert, 'key.pem': key },
    });
    await works(client, server, { tls: { ca: cert } });
    await expect(connected(client, server, { reconnect: false, tls: {} })).rejects.toThrow();
  });

  test('and hears of what it may not do', async () => {
    await using server = await startRouter({
      config: `authorization { users: [
        { user: a, password: b, permissions: { publish: "open", subscribe: ["open", "_INBOX.>"] } }
      ] }`,
    });
    await using connection = await connected(client, server, { user: 'a', pass: 'b' });
    const statuses = new Statuses(connection);
    const denied = Promise.withResolvers<unknown>();
    connection.subscribe('closed', { callback: (error) => denied.resolve(error) });
    expect(client.kindOf(await denied.promise)).toBe('permission');
    connection.publish('closed', 'x');
    expect(await statuses.next('error')).toBeDefined();
    const subscription = connection.subscribe('open');
    connection.publish('open', 'still here');
    expect(await take(subscription, 1)).toEqual(['still here']);
  });
});
