import {
  connect,
  createInbox,
  ErrorCode,
  jwtAuthenticator,
  NatsError,
  type NatsConnection,
} from 'nats';
import { createAccount, createUser, type KeyPair } from 'nkeys.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type ServerKind, type ServerProcess } from '../support/router-process.ts';
import {
  accountJwt,
  activationJwt,
  claims,
  createTrust,
  signJwt,
  userJwt,
  type Json,
} from '../support/jwt.ts';

/** Accounts of an operator that share private things with tokens, on nats-server and on the router. */
const trust = createTrust();
const { operator, system, jwts } = trust;
const exporter = createAccount();
const importer = createAccount();

const exportsClaims = (revocations: Json = {}): Json => ({
  exports: [
    { name: 'news', subject: 'news.>', type: 'stream', token_req: true, revocations },
    { name: 'svc', subject: 'svc.*', type: 'service', token_req: true, revocations },
    { name: 'open', subject: 'open', type: 'service' },
  ],
});
const account = exporter.getPublicKey();
const importsClaims: Json = {
  imports: [
    {
      name: 'news',
      subject: 'news.sport',
      account,
      type: 'stream',
      local_subject: 'sport',
      token: activationJwt(exporter, importer, 'news.sport', 'stream'),
    },
    {
      name: 'svc',
      subject: 'svc.add',
      account,
      type: 'service',
      local_subject: 'add',
      token: activationJwt(exporter, importer, 'svc.add', 'service'),
    },
    { name: 'no token', subject: 'svc.sub', account, type: 'service' },
    { name: 'open', subject: 'open', account, type: 'service' },
  ],
};

const importerJwt = (more: Json = {}): string =>
  accountJwt(operator, importer, { ...importsClaims, ...more });
const exporterJwt = (revocations: Json = {}): string =>
  accountJwt(operator, exporter, exportsClaims(revocations));

const config = `operator: ${jwts.operator}
resolver: { type: full, dir: "./jwt", allow_delete: true }
resolver_preload: {
  ${system.getPublicKey()}: ${jwts.system}
  ${exporter.getPublicKey()}: ${exporterJwt()}
  ${importer.getPublicKey()}: ${importerJwt()}
}`;

const servers: ServerProcess[] = [];
const kinds: readonly ServerKind[] = ['nats-server', 'router'];
beforeAll(async () => {
  servers.push(...(await Promise.all(kinds.map((kind) => startServer(kind, { config })))));
});
afterAll(() => Promise.all(servers.map((server) => server[Symbol.asyncDispose]())));

async function login(
  server: ServerProcess,
  of: KeyPair,
  user = createUser(),
): Promise<NatsConnection> {
  return connect({
    servers: server.url,
    reconnect: false,
    authenticator: jwtAuthenticator(userJwt(of, user), user.getSeed()),
  });
}

const outcomeOf = async (asking: Promise<{ string(): string }>): Promise<string> => {
  try {
    return (await asking).string();
  } catch (error) {
    if (!(error instanceof NatsError)) throw error;
    // 2.9 says nothing where 2.10 says that nobody responds.
    return error.code === (ErrorCode.NoResponders as string) ? ErrorCode.Timeout : error.code;
  }
};

async function exchange(server: ServerProcess): Promise<Json> {
  const from = await login(server, exporter);
  const to = await login(server, importer);
  const got: string[] = [];
  to.subscribe('>', {
    callback: (_, message) => {
      if (!message.subject.startsWith('_INBOX')) got.push(`${message.subject} ${message.string()}`);
    },
  });
  for (const subject of ['svc.*', 'open']) {
    from.subscribe(subject, { callback: (_, message) => void message.respond(message.subject) });
  }
  await Promise.all([from.flush(), to.flush()]);
  from.publish('news.sport', 'yes');
  from.publish('news.art', 'no');
  await from.flush();
  const options = { timeout: 300, noMux: true, reply: '' };
  const ask = (subject: string): Promise<string> =>
    outcomeOf(to.request(subject, '', { ...options, reply: createInbox() }));
  const answers = await Promise.all(['add', 'svc.sub', 'open'].map(ask));
  await Promise.all([from.close(), to.close()]);
  return { got: got.filter((each) => !/^(add|svc|open)/.test(each)), answers };
}

async function update(server: ServerProcess, jwt: string): Promise<void> {
  const admin = await login(server, system);
  const reply = await admin.request('$SYS.REQ.CLAIMS.UPDATE', jwt, { timeout: 2_000 });
  expect(reply.json()).toMatchObject({ data: { code: 200 } });
  await admin.close();
}

test('accounts of an operator - private exports need a token that fits', async () => {
  const expected = { got: ['sport yes'], answers: ['svc.add', 'TIMEOUT', 'open'] };
  expect(await Promise.all(servers.map(exchange))).toEqual([expected, expected]);
});

test('accounts of an operator - a revoked token ends an import, a new one brings it back', async () => {
  const revoked = { [importer.getPublicKey()]: Math.floor(Date.now() / 1000) + 5 };
  await Promise.all(servers.map((server) => update(server, exporterJwt(revoked))));
  const without = { got: [], answers: ['TIMEOUT', 'TIMEOUT', 'open'] };
  expect(await Promise.all(servers.map(exchange))).toEqual([without, without]);
  for (const server of servers) {
    await update(server, exporterJwt());
    // nats-server looks at imports again when their account changes; the router has done it before.
    await update(server, importerJwt({ description: 'again' }));
  }
  const again = { got: ['sport yes'], answers: ['svc.add', 'TIMEOUT', 'open'] };
  expect(await Promise.all(servers.map(exchange))).toEqual([again, again]);
});

test('accounts of an operator - fewer connections allowed end the oldest', async () => {
  const left = await Promise.all(
    servers.map(async (server) => {
      const connections: NatsConnection[] = [];
      const ended: string[] = [];
      for (const name of ['first', 'second', 'third']) {
        const one = await login(server, importer);
        connections.push(one);
        void one.closed().then((error) => {
          if (error) ended.push(name);
        });
      }
      await update(server, importerJwt({ limits: { conn: 1 } }));
      await new Promise((resolve) => setTimeout(resolve, 200));
      const kicked = [...ended].sort();
      await Promise.all(connections.map((one) => one.close()));
      await update(server, importerJwt({ description: 'any number' }));
      return kicked;
    }),
  );
  expect(left).toEqual([
    ['first', 'second'],
    ['first', 'second'],
  ]);
});

test('accounts of an operator - a revoked user goes at once, others stay', async () => {
  const outcomes = await Promise.all(
    servers.map(async (server) => {
      const user = createUser();
      const revoked = await login(server, importer, user);
      const other = await login(server, importer);
      const end = revoked.closed();
      const at = Math.floor(Date.now() / 1000) + 5;
      await update(server, importerJwt({ revocations: { [user.getPublicKey()]: at } }));
      const error = await end;
      await other.flush();
      const stays = !other.isClosed();
      await other.close();
      return [error instanceof Error ? error.message : '', stays];
    }),
  );
  expect(outcomes[1]).toEqual(outcomes[0]);
  expect(outcomes[0]).toEqual([expect.stringMatching(/revoked/i), true]);
});

test('accounts of an operator - the connections of a deleted account end', async () => {
  const errors = await Promise.all(
    servers.map(async (server) => {
      const one = await login(server, importer);
      const end = one.closed();
      const admin = await login(server, system);
      const request = signJwt(
        operator,
        claims(operator, operator, { type: 'generic', accounts: [importer.getPublicKey()] }),
      );
      const reply = await admin.request('$SYS.REQ.CLAIMS.DELETE', request, { timeout: 2_000 });
      expect(reply.json()).toMatchObject({ data: { code: 200 } });
      const error = await end;
      await admin.close();
      return error instanceof Error ? error.message : '';
    }),
  );
  expect(errors[1]).toBe(errors[0]);
  expect(errors[0]).toMatch(/expired/i);
});
