import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planAccounts } from '../../../main/router/account/account-plan.ts';
import type { AccountOptions, ImportOptions } from '../../../main/router/options.ts';
import { Router } from '../../../main/router/router.ts';
import { matches } from '../../../main/router/subject/match.ts';

const names = ['A', 'B', 'C', 'D'] as const;
const patterns = ['s.*', 's.a', 't.>', 'u'] as const;

const imported = (importer: string): fc.Arbitrary<ImportOptions> =>
  fc
    .record({
      kind: fc.constantFrom('stream' as const, 'service' as const),
      account: fc.constantFrom(...names.filter((name) => name !== importer)),
      subject: fc.constantFrom(...patterns),
      renamed: fc.boolean(),
    })
    .map(({ kind, account, subject, renamed }) => ({
      kind,
      account,
      subject,
      ...(renamed && { to: `${account.toLowerCase()}.${subject}` }),
    }));

/** Everybody exports everything; who imports what is left to chance. */
const accounts = fc
  .tuple(
    ...names.map((name) =>
      fc.uniqueArray(imported(name), { selector: (one) => JSON.stringify(one), maxLength: 4 }),
    ),
  )
  .map((imports) =>
    imports.map((own, i): AccountOptions => ({
      name: names[i] ?? '',
      exports: [
        { kind: 'stream', subject: '>' },
        { kind: 'service', subject: '>' },
      ],
      imports: own,
    })),
  );

const subjects = ['s.a', 's.b', 't.x.y', 'u', 'v', 'a.s.a', 'b.s.b', 'c.t.x', 'd.u'];

const localName = ({ subject, to }: ImportOptions): string => to ?? subject;
const localToRemote = (one: ImportOptions, subject: string): string =>
  one.to === undefined ? subject : subject.slice(2);
const remoteToLocal = (one: ImportOptions, subject: string): string =>
  one.to === undefined ? subject : `${one.account.toLowerCase()}.${subject}`;

/** Who gets to see a message, told from the imports alone: `account subject`. */
function expected(all: readonly AccountOptions[], from: string, subject: string): string[] {
  const seen: string[] = [];
  const publish = (account: string, as: string, path: readonly string[]): void => {
    seen.push(`${account} ${as}`);
    for (const { name, imports = [] } of all) {
      for (const one of imports) {
        const isStream = one.kind === 'stream' && one.account === account && path.length === 0;
        if (isStream && matches(one.subject, as)) seen.push(`${name} ${remoteToLocal(one, as)}`);
        const isService = one.kind === 'service' && name === account;
        if (isService && matches(localName(one), as) && !path.includes(one.account)) {
          publish(one.account, localToRemote(one, as), [...path, one.account]);
        }
      }
    }
  };
  publish(from, subject, []);
  return seen.sort();
}

test('accounts - a message reaches the accounts that its subject is shared with, and no other', () => {
  fc.assert(
    fc.property(accounts, (all) => {
      fc.pre(isPossible(all));
      const router = new Router({ accounts: all });
      const seen: string[] = [];
      const clients = all.map(({ name }) => {
        const client = router.client({ account: name });
        client.subscribe('>', ({ subject }) => seen.push(`${name} ${subject}`));
        return { name, client };
      });
      for (const { name, client } of clients) {
        for (const subject of subjects) {
          seen.length = 0;
          client.publish(subject);
          expect({ from: name, subject, seen: [...seen].sort() }).toEqual({
            from: name,
            subject,
            seen: expected(all, name, subject),
          });
        }
      }
      for (const { client } of clients) client.close();
    }),
    { numRuns: 150 },
  );
});

function isPossible(all: readonly AccountOptions[]): boolean {
  try {
    planAccounts({ accounts: all });
    return true;
  } catch {
    // Imports in circles, or twice: not what this is about.
    return false;
  }
}
