import { expect, test } from 'vitest';
import { planAccounts } from '../../../main/router/account/account-plan.ts';
import type {
  AccountOptions,
  MappingOptions,
  RouterOptions,
} from '../../../main/router/options.ts';

const refusal = (options: RouterOptions): unknown => {
  try {
    planAccounts(options);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : error;
  }
};
const refusalOf = (...accounts: AccountOptions[]): unknown => refusal({ accounts });
const exporter: AccountOptions = {
  name: 'A',
  exports: [
    { kind: 'stream', subject: 'n.*.*' },
    { kind: 'service', subject: 'n.*.*' },
    { kind: 'service', subject: 'private', accounts: [] },
  ],
};
const importer = (...imports: NonNullable<AccountOptions['imports']>): AccountOptions => ({
  name: 'B',
  imports,
});

test('accounts - two services under one name', () => {
  expect(
    refusalOf(
      exporter,
      importer(
        { kind: 'service', account: 'A', subject: 'n.1.1', to: 'x' },
        { kind: 'service', account: 'A', subject: 'n.1.2', to: 'x' },
      ),
    ),
  ).toBe(
    'Error adding service import "n.1.2": duplicate service import subject "x", previously used in import for account "A", subject "n.1.1"',
  );
});

test('accounts - an import uses every wildcard, and nothing else', () => {
  expect(
    refusalOf(exporter, importer({ kind: 'stream', account: 'A', subject: 'n.*.*', to: 'm.$1' })),
  ).toBe(
    'Error adding stream import "n.*.*": failed to create mapping transform for stream import subject from "n.*.*" to "m.$1": invalid mapping destination: not using all of the token wildcard(s) in m.$1',
  );
  expect(
    refusalOf(
      exporter,
      importer({ kind: 'service', account: 'A', subject: 'n.*.*', to: 'm.$1.{{left(2,1)}}' }),
    ),
  ).toContain('the only mapping function allowed for import transforms is {{Wildcard()}}');
});

test('accounts - what needs a token cannot be imported by a configuration', () => {
  expect(refusalOf(exporter, importer({ kind: 'service', account: 'A', subject: 'private' }))).toBe(
    'Error adding service import "private": service import not authorized',
  );
});

test('accounts - an account is there once', () => {
  expect(refusalOf({ name: 'A' }, { name: 'A' })).toBe('Duplicate Account Entry: A');
});

test('accounts - exports and imports are limited', () => {
  expect(refusalOf({ ...exporter, limits: { maxExports: 2 } })).toContain('more exports');
  const twice = importer(
    { kind: 'stream', account: 'A', subject: 'n.1.1' },
    { kind: 'stream', account: 'A', subject: 'n.1.2' },
  );
  expect(refusalOf(exporter, { ...twice, limits: { maxImports: 1 } })).toContain('more imports');
  expect(refusalOf(exporter, { ...twice, limits: { maxImports: 2 } })).toBeUndefined();
});

test('accounts - samples need a system account', () => {
  const sampled: AccountOptions = {
    name: 'A',
    exports: [{ kind: 'service', subject: 'svc', latency: { subject: 'took', sampling: 100 } }],
  };
  expect(refusal({ accounts: [sampled] })).toBeUndefined();
  expect(refusal({ accounts: [sampled], noSystemAccount: true })).toContain(
    'system account not setup',
  );
});

test('accounts - the weights of a mapping', () => {
  const mapping = (...destinations: MappingOptions['destinations'][number][]): unknown =>
    refusal({ mappings: [{ source: 'from', destinations }] });
  expect(mapping({ subject: 'x', weight: 60 }, { subject: 'y', weight: 50 })).toBe(
    'Error adding mapping for "from" : total weight needs to be <= 100',
  );
  expect(mapping({ subject: 'x', weight: 1 }, { subject: 'x', weight: 1 })).toBe(
    'Error adding mapping for "from" : duplicate entry for "x"',
  );
  expect(mapping({ subject: 'x', weight: 101 })).toContain('individual weights');
  expect(
    mapping({ subject: 'x', weight: 60 }, { subject: 'y', weight: 60, cluster: 'east' }),
  ).toBeUndefined();
});
