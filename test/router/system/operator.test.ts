import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createInbox, jwtAuthenticator, type NatsConnection } from 'nats';
import { createUser, type KeyPair } from 'nkeys.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRouter, type TestRouter } from '../listen/support.ts';
import { getJson } from '../monitor/pages.ts';
import { accountJwt, createTrust, userJwt } from '../support/jwt.ts';

const { operator, system, owner, jwts } = createTrust();
const [systemKey, ownerKey] = [system.getPublicKey(), owner.getPublicKey()];
let folder = '';
let running: TestRouter | undefined;
const connections: NatsConnection[] = [];

async function login(account: KeyPair, nats: object = {}): Promise<NatsConnection> {
  const user = createUser();
  const jwt = userJwt(account, user, { ...nats });
  const connection = await connect({
    servers: `127.0.0.1:${running?.port ?? 0}`,
    authenticator: jwtAuthenticator(jwt, user.getSeed()),
  });
  connections.push(connection);
  return connection;
}

async function ask(admin: NatsConnection, subject: string, body = ''): Promise<unknown> {
  const answer = await admin.request(subject, body, { timeout: 5_000 });
  const text = answer.string();
  return text.startsWith('{') ? (JSON.parse(text) as unknown) : text;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-system-'));
  running = await startRouter({
    listen: { host: '127.0.0.1', port: -1 },
    monitor: { host: '127.0.0.1', port: -1 },
    operator: {
      jwts: [jwts.operator],
      resolver: { kind: 'full', dir: join(folder, 'jwts') },
      preload: { [systemKey]: jwts.system, [ownerKey]: jwts.owner },
    },
  });
});
afterAll(async () => {
  for (const connection of connections) await connection.close();
  await running?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test('accounts of an operator are listed, looked up and updated by the system account', async () => {
  const admin = await login(system);
  expect(await ask(admin, '$SYS.REQ.CLAIMS.LIST')).toMatchObject({
    server: { jetstream: false },
    data: expect.arrayContaining([systemKey, ownerKey]) as unknown,
  });
  const lookup = `$SYS.REQ.ACCOUNT.${ownerKey}.CLAIMS.LOOKUP`;
  expect(await ask(admin, lookup)).toBe(jwts.owner);
  const newer = accountJwt(operator, owner, {}, { name: 'renamed' });
  expect(await ask(admin, '$SYS.REQ.CLAIMS.UPDATE', newer)).toMatchObject({
    data: { account: ownerKey, code: 200, message: 'jwt updated' },
  });
  expect(await ask(admin, lookup)).toBe(newer);
  expect(await ask(admin, '$SYS.REQ.CLAIMS.UPDATE', 'no.jwt')).toMatchObject({
    error: { code: 500 },
  });
});

test('all JWTs are handed to a server that has others', async () => {
  const admin = await login(system);
  const messages = admin.subscribe(createInbox(), { timeout: 5_000 });
  admin.publish('$SYS.REQ.CLAIMS.PACK', 'not the same', { reply: messages.getSubject() });
  const packed: string[] = [];
  for await (const message of messages) {
    if (message.data.length === 0) break;
    packed.push(message.string());
  }
  expect(packed.some((line) => line.startsWith(`${systemKey}|`))).toBe(true);
});

test('an account of an operator is shown with its JWT', async () => {
  await login(owner);
  const url = running?.router.addresses().monitoring[0] ?? '';
  const { account_detail } = await getJson<{ account_detail: Record<string, unknown> }>(
    url,
    `/accountz?acc=${ownerKey}`,
  );
  expect(account_detail).toMatchObject({
    account_name: ownerKey,
    issuer_key: operator.getPublicKey(),
    expired: false,
    decoded_jwt: { sub: ownerKey },
  });
});

test('bearer tokens are shown to nobody', async () => {
  const user = createUser();
  const bearer = userJwt(owner, user, { bearer_token: true });
  const connection = await connect({
    servers: `127.0.0.1:${running?.port ?? 0}`,
    authenticator: jwtAuthenticator(bearer),
  });
  connections.push(connection);
  await login(owner);
  const admin = await login(system);
  const url = running?.router.addresses().monitoring[0] ?? '';
  const page = await getJson<{ connections: Record<string, unknown>[] }>(url, '/connz?auth=1');
  const one = page.connections.find((each) => each['authorized_user'] === user.getPublicKey());
  expect(one).toMatchObject({ account: ownerKey, issuer_key: ownerKey });
  expect(one).not.toHaveProperty('jwt');
  expect(page.connections.some((each) => each['jwt'] !== undefined)).toBe(true);
  const answer = await admin.request('$SYS.REQ.SERVER.PING.CONNZ', '{"auth":true}');
  expect(answer.string()).not.toContain(bearer);
});
