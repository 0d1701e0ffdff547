import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planAccounts } from '../../../main/router/account/account-plan.ts';
import type { AccountOptions, ImportOptions } from '../../../main/router/options.ts';
import { natsServerBinary } from '../../support/nats-server.ts';
import { accountsText } from './configurations.ts';

/** Which of two imports closes a circle depends on their order, which is a hash map's in nats-server. */
const ORDERS = 8;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-plan-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What `nats-server -t` says against the accounts, without the place; empty when nothing. */
async function checkedByServer(accounts: readonly AccountOptions[], at: number): Promise<string> {
  const path = join(folder, `${String(at)}.conf`);
  await writeFile(path, accountsText(accounts));
  const child = spawn(natsServerBinary(), ['-t', '-c', path], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return code === 0 ? '' : text.replace(/^nats-server: \S+?:\d+:\d+: /gm, '').trim();
}

function checkedByRouter(accounts: readonly AccountOptions[]): string {
  try {
    planAccounts({ accounts });
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const stream = (account: string, subject: string, to?: string): ImportOptions => ({
  kind: 'stream',
  account,
  subject,
  ...(to !== undefined && { to }),
});
const service = (account: string, subject: string, to?: string): ImportOptions => ({
  kind: 'service',
  account,
  subject,
  ...(to !== undefined && { to }),
});

const wrong: readonly { readonly name: string; readonly accounts: readonly AccountOptions[] }[] = [
  {
    name: 'a stream that nobody exports',
    accounts: [{ name: 'A' }, { name: 'B', imports: [stream('A', 'news')] }],
  },
  {
    name: 'a service that nobody exports',
    accounts: [{ name: 'A' }, { name: 'B', imports: [service('A', 'svc')] }],
  },
  {
    name: 'more than what is exported',
    accounts: [
      { name: 'A', exports: [{ kind: 'stream', subject: 'news.*' }] },
      { name: 'B', imports: [stream('A', 'news.>')] },
    ],
  },
  {
    name: 'a service as a stream',
    accounts: [
      { name: 'A', exports: [{ kind: 'service', subject: 'svc' }] },
      { name: 'B', imports: [stream('A', 'svc')] },
    ],
  },
  {
    name: 'what is meant for another account',
    accounts: [
      { name: 'A', exports: [{ kind: 'stream', subject: 'news', accounts: ['C'] }] },
      { name: 'B', imports: [stream('A', 'news')] },
      { name: 'C' },
    ],
  },
  {
    name: 'the part of another account',
    accounts: [
      { name: 'A', exports: [{ kind: 'service', subject: 'of.*', accountTokenPosition: 2 }] },
      { name: 'B', imports: [service('A', 'of.C', 'mine')] },
    ],
  },
  {
    name: 'from an account that is not there',
    accounts: [{ name: 'B', imports: [stream('A', 'news')] }],
  },
  {
    name: 'for an account that is not there',
    accounts: [{ name: 'A', exports: [{ kind: 'service', subject: 'svc', accounts: ['B'] }] }],
  },
  {
    name: 'one stream twice',
    accounts: [
      { name: 'A', exports: [{ kind: 'stream', subject: 'news' }] },
      { name: 'B', imports: [stream('A', 'news'), stream('A', 'news', 'other')] },
    ],
  },
  {
    name: 'a circle of two services',
    accounts: [
      {
        name: 'A',
        exports: [{ kind: 'service', subject: 'help' }],
        imports: [service('B', 'help')],
      },
      {
        name: 'B',
        exports: [{ kind: 'service', subject: 'help' }],
        imports: [service('A', 'help')],
      },
    ],
  },
  {
    name: 'a circle of two streams',
    accounts: [
      { name: 'A', exports: [{ kind: 'stream', subject: 's.>' }], imports: [stream('B', 's.a')] },
      { name: 'B', exports: [{ kind: 'stream', subject: 's.*' }], imports: [stream('A', 's.*')] },
    ],
  },
  {
    name: 'samples of many answers',
    accounts: [
      {
        name: 'A',
        exports: [
          {
            kind: 'service',
            subject: 'svc',
            responseType: 'stream',
            latency: { subject: 'took', sampling: 100 },
          },
        ],
      },
    ],
  },
  {
    name: 'samples that are requests themselves',
    accounts: [
      {
        name: 'A',
        exports: [
          { kind: 'service', subject: 'svc.>', latency: { subject: 'svc.took', sampling: 100 } },
        ],
      },
    ],
  },
  {
    name: 'no wildcard where the account stands',
    accounts: [
      { name: 'A', exports: [{ kind: 'stream', subject: 'a.b', accountTokenPosition: 2 }] },
    ],
  },
  ...['x.$2', 'x.{{what(1)}}', 'x.{{wildcard(3)}}', 'x.{{split(1)}}', 'x.>'].map((subject) => ({
    name: `the mapping to ${subject}`,
    accounts: [
      { name: 'A', mappings: [{ source: 'from.*', destinations: [{ subject, weight: 100 }] }] },
    ],
  })),
];

for (const [at, { name, accounts }] of wrong.entries()) {
  test(`accounts - refused as nats-server does: ${name}`, async () => {
    const refusal = checkedByRouter(accounts);
    expect(refusal).not.toBe('');
    let said = '';
    for (let order = 0; order < ORDERS && !said.includes(refusal); order++) {
      said = await checkedByServer(accounts, at);
    }
    expect(said).toContain(refusal);
  });
}

const subject = fc.constantFrom('s', 't', 's.*', 's.a', 's.>');
const exported = fc.record({
  kind: fc.constantFrom('stream' as const, 'service' as const),
  subject,
});
const imported = fc.record({
  kind: fc.constantFrom('stream' as const, 'service' as const),
  account: fc.constantFrom('A', 'B', 'C'),
  subject,
});
const anyAccounts = fc
  .tuple(
    ...['A', 'B', 'C'].map(() =>
      fc.record({
        exports: fc.uniqueArray(exported, { selector: (one) => JSON.stringify(one), maxLength: 3 }),
        imports: fc.uniqueArray(imported, { selector: (one) => JSON.stringify(one), maxLength: 2 }),
      }),
    ),
  )
  .map((bodies) => bodies.map((body, i): AccountOptions => ({ name: 'ABC'.charAt(i), ...body })));

test('accounts - whatever they share, nats-server and the router agree whether they may', async () => {
  let at = wrong.length;
  await fc.assert(
    fc.asyncProperty(anyAccounts, async (accounts) => {
      const refused = checkedByRouter(accounts) !== '';
      let said = '';
      for (let order = 0; order < ORDERS; order++) {
        said = await checkedByServer(accounts, at++);
        if ((said !== '') === refused) break;
      }
      expect({ accounts, refused }).toEqual({ accounts, refused: said !== '' });
    }),
    { numRuns: 60 },
  );
}, 30_000);
