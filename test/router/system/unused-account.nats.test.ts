import { connect, jwtAuthenticator, type NatsConnection } from 'nats';
import { createAccount, createUser } from 'nkeys.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPair, type Pair } from '../differential/compare.ts';
import { getPage, shapeOf } from '../monitor/pages.ts';
import { accountJwt, createTrust, userJwt } from '../support/jwt.ts';
import type { ServerProcess } from '../support/router-process.ts';

const { operator, system, owner, jwts } = createTrust({
  exports: [{ name: 'svc', subject: 'svc', type: 'service' }],
});
const importer = createAccount();
const key = {
  system: system.getPublicKey(),
  owner: owner.getPublicKey(),
  importer: importer.getPublicKey(),
  nobody: createAccount().getPublicKey(),
};
const imports = [{ name: 'svc', subject: 'svc', type: 'service', account: key.owner }];
const config = `
operator: ${jwts.operator}
resolver: MEMORY
http: 127.0.0.1:-1
resolver_preload {
  ${key.system}: ${jwts.system}
  ${key.owner}: ${jwts.owner}
  ${key.importer}: ${accountJwt(operator, importer, { imports }, { name: 'IMPORTER' })}
}
`;

/**
 * What 2.10, which the router follows, has otherwise than the reference (2.9); lists of the servers' own imports;
 * and claims, which Go fills up with what the JWT leaves out.
 */
const versions = new Set([
  'num_subscriptions',
  'imports',
  'subscriptions_list',
  'leafs',
  'decoded_jwt',
]);

let pair: Pair | undefined;
const admins = new Map<ServerProcess, NatsConnection>();

beforeAll(async () => {
  pair = await startPair({ config });
  for (const server of [pair.reference, pair.subject]) {
    const user = createUser();
    const authenticator = jwtAuthenticator(userJwt(system, user), user.getSeed());
    admins.set(server, await connect({ servers: server.url, authenticator }));
  }
});
afterAll(async () => {
  for (const admin of admins.values()) await admin.close();
  await pair?.[Symbol.asyncDispose]();
});

async function ask(server: ServerProcess, what: string): Promise<unknown> {
  const answer = await admins.get(server)?.request(`$SYS.REQ.ACCOUNT.${what}`, '', {
    timeout: 5_000,
  });
  const { data, error } = answer?.json<{ data?: unknown; error?: unknown }>() ?? {};
  return error === undefined ? shapeOf(data, versions) : { error };
}

/** In this order: to ask for an account's connections makes the server fetch it. */
test.each([
  `${key.owner}.INFO`,
  `${key.owner}.SUBSZ`,
  `${key.owner}.LEAFZ`,
  `${key.owner}.JSZ`,
  `${key.owner}.CONNZ`,
  `${key.owner}.INFO`,
  `${key.importer}.INFO`,
  `${key.importer}.CONNZ`,
  `${key.importer}.INFO`,
  `${key.nobody}.CONNZ`,
  `${key.nobody}.INFO`,
])('an account that nobody has used yet, beside nats-server - %s', async (what) => {
  const { reference, subject } = pair as Pair;
  expect(await ask(subject, what)).toEqual(await ask(reference, what));
});

test('an account that nobody has used yet, beside nats-server - pages', async () => {
  const { reference, subject } = pair as Pair;
  for (const path of [
    `/connz?acc=${key.nobody}`,
    `/connz?acc=${key.owner}`,
    `/accountz?acc=${key.owner}`,
  ]) {
    const [ours, theirs] = await Promise.all(
      [subject, reference].map(async ({ ports }) => {
        const { body } = await getPage(`http://127.0.0.1:${ports.monitoring ?? 0}`, path);
        return shapeOf(JSON.parse(body), versions);
      }),
    );
    expect(ours).toEqual(theirs);
  }
});
