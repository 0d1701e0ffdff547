import { expect, test } from 'vitest';
import { startPair } from '../differential/compare.ts';
import { RawClient } from '../listen/support.ts';
import { getJson } from '../monitor/pages.ts';
import type { ServerProcess } from '../support/router-process.ts';

const users = ['none', 'one', 'any', 'empty', 'nobody'] as const;
const config = (settings: string): string => `
http: 127.0.0.1:-1
${settings}
accounts {
  A { users: [ { user: none, password: x } ], limits { max_subs: 0 } }
  B { users: [ { user: one, password: x } ], limits { max_subs: 1 } }
  C { users: [ { user: any, password: x } ], limits { max_subs: -1, max_payload: -1, max_conn: -1, max_leafs: -1 } }
  D { users: [ { user: empty, password: x } ], limits { max_payload: 0 } }
  E { users: [ { user: nobody, password: x } ], limits { max_conn: 0 } }
}`;

/** What a client that subscribes three times and publishes nothing, little and much is answered. */
async function answered({ ports }: ServerProcess, user: string): Promise<string> {
  using raw = RawClient.to(ports.client);
  await raw.until('INFO');
  const subscriptions = ['a', 'b', 'c'].map((subject) => `SUB ${subject} ${subject}\r\n`).join('');
  raw.send(
    `CONNECT {"verbose":false,"user":"${user}","pass":"x"}\r\n${subscriptions}PUB a 0\r\n\r\nPING\r\n`,
  );
  await Promise.race([raw.until('PONG'), raw.closed]);
  if (user === 'none') await raw.closed;
  raw.send('PUB a 3\r\nabc\r\nPUB a 20\r\n01234567890123456789\r\nPING\r\n');
  await Promise.race([raw.closed, twice(raw, 'PONG')]);
  const lines = raw.text.replaceAll(/INFO .*\r\n/g, '').split('\r\n');
  const said = lines.filter((line) => line !== '');
  // It is told beside what it does itself, before or after PONG.
  return (user === 'none' ? said.toSorted() : said).join('\n');
}

async function twice(raw: RawClient, word: string): Promise<void> {
  while (raw.text.split(word).length < 3 && !raw.socket.destroyed)
    await new Promise((resolve) => setTimeout(resolve, 5));
}

async function reasons({ ports }: ServerProcess): Promise<unknown[]> {
  const url = `http://127.0.0.1:${ports.monitoring ?? 0}`;
  const page = await getJson<{ connections: { reason: string }[] }>(url, '/connz?state=closed');
  return page.connections.map(({ reason }) => reason).filter((reason) => reason.startsWith('Max'));
}

test.each([
  '',
  'max_subscriptions: 2\nmax_payload: 10',
  'max_subscriptions: -1\nmax_payload: -1\nmax_connections: -1',
])('limits - 0 and -1 mean what they mean for nats-server, with %j', async (settings) => {
  await using pair = await startPair({ config: config(settings) });
  for (const user of users) {
    const [theirs, ours] = await Promise.all([
      answered(pair.reference, user),
      answered(pair.subject, user),
    ]);
    expect([user, ours]).toEqual([user, theirs]);
  }
  expect(await reasons(pair.subject)).toEqual(await reasons(pair.reference));
});
