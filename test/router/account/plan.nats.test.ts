import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planAccounts } from '../../../main/router/account/account-plan.ts';
import { loadConfig } from '../../../main/router/config/load.ts';
import type { AccountOptions, ExportOptions, ImportOptions } from '../../../main/router/options.ts';
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

/** What `-t` says: the same rules with the places in the file. */
async function checkedByCommand(accounts: readonly AccountOptions[]): Promise<string> {
  const path = join(folder, 'own.conf');
  await writeFile(path, accountsText(accounts));
  try {
    loadConfig(path);
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

const right: readonly { readonly name: string; readonly accounts: readonly AccountOptions[] }[] = [
  {
    name: 'a stream and a service of one name',
    accounts: [
      {
        name: 'A',
        exports: [
          { kind: 'service', subject: 's.>' },
          { kind: 'stream', subject: 's.>' },
        ],
      },
      { name: 'B', imports: [service('A', 's.*.x', 's.$1'), stream('A', 's.*.x', 'u.$1')] },
    ],
  },
  {
    name: 'a stream whose new name with its places filled in would come back',
    accounts: [
      {
        name: 'A',
        exports: [{ kind: 'stream', subject: '*.*' }],
        imports: [stream('B', 'b', 'n.x')],
      },
      {
        name: 'B',
        exports: [{ kind: 'stream', subject: 'b' }],
        imports: [stream('A', 'a.*', 'n.$1')],
      },
    ],
  },
];

for (const [at, { name, accounts }] of right.entries()) {
  test(`accounts - allowed as nats-server does: ${name}`, async () => {
    expect(await checkedByServer(accounts, wrong.length + at)).toBe('');
    expect(checkedByRouter(accounts)).toBe('');
    expect(await checkedByCommand(accounts)).toBe('');
  });
}

test('accounts - one service name twice is refused with -t too', async () => {
  const accounts = [
    { name: 'A', exports: [{ kind: 'service', subject: 's.>' }] },
    { name: 'B', imports: [service('A', 's.*.x', 's.$1'), service('A', 's.*')] },
  ] as const;
  expect(checkedByRouter(accounts)).toContain('duplicate service import subject "s.*"');
  expect(await checkedByCommand(accounts)).toContain(checkedByRouter(accounts));
});

/** What lies within a subject; wildcards stay where they can be renamed. */
const within: Readonly<Record<string, readonly string[]>> = {
  s: ['s'],
  t: ['t'],
  's.a': ['s.a'],
  's.*': ['s.*', 's.a', 's.b'],
  's.>': ['s.>', 's.a', 's.*', 's.*.x'],
  '*': ['*', 's', 't'],
  '>': ['>', 's', 's.*', 't', 's.>'],
};
const exported = fc.record({
  kind: fc.constantFrom('stream' as const, 'service' as const),
  subject: fc.constantFrom(...Object.keys(within)),
});
/** Which export is imported, by numbers that are taken modulo, so that most imports are allowed. */
const wish = fc.record({
  from: fc.nat(3),
  which: fc.nat(1),
  part: fc.nat(4),
  name: fc.constantFrom(undefined, undefined, 's', 't', 'u', 's.a'),
});
const anyAccounts = fc
  .array(
    fc.record({
      exports: fc.uniqueArray(exported, {
        selector: (one) => JSON.stringify(one),
        minLength: 1,
        maxLength: 2,
      }),
      wishes: fc.array(wish, { maxLength: 2 }),
    }),
    { minLength: 2, maxLength: 4 },
  )
  .map((bodies) =>
    bodies.map(({ exports, wishes }, i): AccountOptions => ({
      name: 'ABCD'.charAt(i),
      exports,
      imports: wishes.map(({ from, which, part, name }): ImportOptions => {
        const at = from % bodies.length;
        const offered = bodies[at]?.exports ?? [];
        const { kind, subject } = offered[which % offered.length] as ExportOptions;
        const parts = within[subject] ?? [];
        const wanted = parts[part % parts.length] ?? subject;
        const to = name && renamed(wanted, name);
        return { kind, account: 'ABCD'.charAt(at), subject: wanted, ...(to && { to }) };
      }),
    })),
  );

/** With a place for each wildcard. */
function renamed(subject: string, name: string): string {
  const stars = subject.split('.').filter((token) => token === '*');
  const tail = subject.endsWith('>') ? '.>' : '';
  return `${name}${stars.map((_, i) => `.$${String(i + 1)}`).join('')}${tail}`;
}

/** 2.10 looks for circles under both names of a stream, the reference (2.9) under the new one alone. */
function mayDifferByVersion(refusal: string, accounts: readonly AccountOptions[]): boolean {
  const isRenamed = accounts.some(({ imports = [] }) =>
    imports.some(({ kind, to }) => kind === 'stream' && to !== undefined),
  );
  return isRenamed && /stream import .*: import forms a cycle/.test(refusal);
}

/** The same graphs each time; other ones are tried with another number. */
const SEED = 20_261_121;

test('accounts - whatever they share, nats-server and the router agree whether they may', async () => {
  let at = wrong.length + right.length;
  await fc.assert(
    fc.asyncProperty(anyAccounts, async (accounts) => {
      const refusal = checkedByRouter(accounts);
      expect((await checkedByCommand(accounts)) === '').toBe(refusal === '');
      const refused = refusal !== '';
      let said = '';
      for (let order = 0; order < ORDERS; order++) {
        said = await checkedByServer(accounts, at++);
        if ((said !== '') === refused) break;
      }
      if (said === '' && mayDifferByVersion(refusal, accounts)) return;
      expect({ accounts, refusal, refused }).toEqual({ accounts, refusal, refused: said !== '' });
    }),
    { numRuns: 120, seed: SEED },
  );
}, 30_000);
