import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createInbox, jwtAuthenticator, type NatsConnection } from 'nats';
import { createAccount, createOperator, createUser, type KeyPair } from 'nkeys.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAuthenticator } from '../../../main/router/auth/authenticator.ts';
import type { ClaimsService } from '../../../main/router/jwt/claims-service.ts';
import { silentLog } from '../../../main/router/log.ts';
import { startNatsServer, type NatsServer } from '../../support/nats-server.ts';
import { accountJwt, claims, createTrust, signJwt, userJwt, type Json } from '../support/jwt.ts';

const trust = createTrust();
const { operator, system, owner, jwts } = trust;
const added = createAccount();

interface Pair {
  readonly connection: NatsConnection;
  readonly service: ClaimsService;
}

let folder = '';
const ends: (() => Promise<unknown>)[] = [];

/** nats-server and this router with the same kind of resolver. */
async function pair(kind: 'full' | 'cache' | 'memory', options = ''): Promise<Pair> {
  const dir = join(folder, `real-${kind}`);
  const preload = { [system.getPublicKey()]: jwts.system, [owner.getPublicKey()]: jwts.owner };
  const resolver = kind === 'memory' ? 'MEMORY' : `{ type: ${kind}, dir: "${dir}" ${options} }`;
  const server: NatsServer = await startNatsServer(
    `operator: ${jwts.operator}\nresolver: ${resolver}\nresolver_preload: { ${Object.entries(
      preload,
    )
      .map(([key, jwt]) => `${key}: ${jwt}`)
      .join('\n')} }`,
  );
  const admin = createUser();
  const seed = admin.getSeed();
  const connection = await connect({
    servers: server.url,
    authenticator: jwtAuthenticator(userJwt(system, admin), seed),
  });
  const authenticator = createAuthenticator(
    {
      operator: {
        jwts: [jwts.operator],
        resolver:
          kind === 'memory'
            ? { kind }
            : { kind, dir: join(folder, `own-${kind}`), allowDelete: options !== '' },
        preload,
      },
    },
    { log: silentLog, version: '2.10.27' },
  );
  await authenticator.start();
  ends.push(
    () => authenticator.close(),
    () => connection.close(),
    () => server[Symbol.asyncDispose](),
  );
  const mode = authenticator.operator;
  if (mode === undefined) throw new Error('no operator mode');
  // The real one knows its system account from the start.
  await mode.accounts.lookup(system.getPublicKey());
  return { connection, service: mode.claims };
}

/** All messages up to the end; JSON without what only the server knows. */
async function ask(
  { connection }: Pair,
  subject: string,
  payload: string | Uint8Array,
  count: number,
): Promise<unknown[]> {
  const inbox = createInbox();
  const answers: unknown[] = [];
  const subscription = connection.subscribe(inbox, { max: count });
  connection.publish(subject, payload, { reply: inbox });
  const timer = setTimeout(() => subscription.unsubscribe(), 3000);
  for await (const message of subscription) answers.push(bare(message.string()));
  clearTimeout(timer);
  return answers;
}

function bare(text: string): unknown {
  if (!text.startsWith('{')) return text;
  return Object.fromEntries(
    Object.entries(JSON.parse(text) as Json).filter(([key]) => key !== 'server'),
  );
}

async function own(
  { service }: Pair,
  subject: string,
  payload: string | Uint8Array,
): Promise<unknown[]> {
  const answer = await service.answer(subject, Buffer.from(payload));
  if (answer === undefined) return [];
  if (answer.kind === 'json') return [answer.body];
  const messages: string[] = [];
  for await (const message of answer.messages) messages.push(message);
  return messages;
}

/** Reasons are ours; the rest of an answer has to be the same. */
function withoutReason(answer: unknown): unknown {
  return JSON.parse(
    JSON.stringify(answer).replace(/("description":"[^"]*? - )(?:[^"\\]|\\.)*"/g, '$1…"'),
  );
}

async function expectSame(
  both: Pair,
  subject: string,
  payload: string | Uint8Array,
): Promise<unknown[]> {
  const ours = await own(both, subject, payload);
  const theirs = await ask(both, subject, payload, ours.length);
  const sorted = (all: unknown[]): unknown[] =>
    Array.isArray((all[0] as Json | undefined)?.['data'])
      ? [{ data: ((all[0] as Json)['data'] as string[]).toSorted() }]
      : (withoutReason(all) as unknown[]);
  expect(sorted(ours), subject).toEqual(sorted(theirs));
  return ours;
}

const deletion = (by: KeyPair, nats: Json): string => signJwt(by, claims(by, by, nats));
const update = (key: string): string => `$SYS.REQ.ACCOUNT.${key}.CLAIMS.UPDATE`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-claims-'));
});

afterAll(async () => {
  for (const end of ends) await end();
  await rm(folder, { recursive: true, force: true });
});

test('claims - a full resolver stores, lists, looks up, packs and deletes as nats-server does', async () => {
  const both = await pair('full', ', allow_delete: true');
  const key = added.getPublicKey();
  const jwt = accountJwt(operator, added);
  expect(await expectSame(both, '$SYS.REQ.CLAIMS.UPDATE', jwt)).toEqual([
    { data: { account: key, code: 200, message: 'jwt updated' } },
  ]);
  await expectSame(both, update(key), jwt);
  await expectSame(
    both,
    `$SYS.ACCOUNT.${key}.CLAIMS.UPDATE`,
    accountJwt(operator, added, { tags: ['x'] }),
  );
  await expectSame(both, update(owner.getPublicKey()), jwt);
  await expectSame(both, update(key), 'nonsense');
  await expectSame(both, '$SYS.REQ.CLAIMS.UPDATE', 'nonsense');
  await expectSame(
    both,
    update(key),
    accountJwt(operator, added, { exports: [{ subject: 'a b', type: 'stream' }] }),
  );
  expect(await expectSame(both, '$SYS.REQ.CLAIMS.LIST', '')).toMatchObject([
    { data: { length: 3 } },
  ]);
  await expectSame(both, `$SYS.REQ.ACCOUNT.${owner.getPublicKey()}.CLAIMS.LOOKUP`, '');
  // Versions before 2.10 say nothing about accounts that they do not have.
  const unknown = createAccount().getPublicKey();
  expect(await own(both, `$SYS.REQ.ACCOUNT.${unknown}.CLAIMS.LOOKUP`, '')).toEqual(['']);

  const packed = await own(both, '$SYS.REQ.CLAIMS.PACK', '');
  const theirs = await ask(both, '$SYS.REQ.CLAIMS.PACK', '', 4);
  expect(packed.toSorted()).toEqual(theirs.toSorted());
  expect(theirs.at(-1)).toBe('');
  expect(packed.at(-1)).toBe('');

  await expectSame(both, '$SYS.REQ.CLAIMS.DELETE', 'nonsense');
  await expectSame(both, '$SYS.REQ.CLAIMS.DELETE', deletion(createOperator(), { accounts: [key] }));
  await expectSame(both, '$SYS.REQ.CLAIMS.DELETE', deletion(operator, {}));
  await expectSame(
    both,
    '$SYS.REQ.CLAIMS.DELETE',
    deletion(operator, { accounts: [system.getPublicKey()] }),
  );
  await expectSame(both, '$SYS.REQ.CLAIMS.DELETE', deletion(operator, { accounts: [key] }));
  expect(await expectSame(both, '$SYS.REQ.CLAIMS.LIST', '')).toMatchObject([
    { data: { length: 2 } },
  ]);
});

test('claims - nothing is deleted where that is off', async () => {
  const both = await pair('full');
  const request = deletion(operator, { accounts: [owner.getPublicKey()] });
  expect(await expectSame(both, '$SYS.REQ.CLAIMS.DELETE', request)).toMatchObject([
    { error: { code: 500 } },
  ]);
});

test('claims - in memory only accounts in use are updated', async () => {
  const both = await pair('memory');
  const key = system.getPublicKey();
  expect(
    await expectSame(both, update(added.getPublicKey()), accountJwt(operator, added)),
  ).toMatchObject([{ data: { message: 'jwt update skipped' } }]);
  await expectSame(
    both,
    update(key),
    accountJwt(operator, system, { tags: ['new'] }, { name: 'SYS' }),
  );
  await expectSame(both, update(key), '');
  await expectSame(both, update(key), accountJwt(operator, added));
  expect(both.service.subscriptions.map(({ subject }) => subject)).toEqual([
    '$SYS.REQ.ACCOUNT.*.CLAIMS.UPDATE',
    '$SYS.ACCOUNT.*.CLAIMS.UPDATE',
  ]);
});

test('claims - a cache keeps only accounts in use', async () => {
  const both = await pair('cache');
  expect(
    await expectSame(both, update(added.getPublicKey()), accountJwt(operator, added)),
  ).toMatchObject([{ data: { message: 'jwt update cache skipped' } }]);
  await expectSame(
    both,
    update(system.getPublicKey()),
    accountJwt(operator, system, { tags: ['new'] }, { name: 'SYS' }),
  );
});
