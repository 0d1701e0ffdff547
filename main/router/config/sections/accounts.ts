import type { AccountLimitOptions, AccountOptions } from '../../options.ts';
import type { Report } from '../problems.ts';
import { problem, readFields, readInteger, readMap, readString, type Draft } from '../read.ts';
import { kindOf, type ConfigNode, type Position } from '../tree.ts';
import { readExports, type PlacedExport } from './exports.ts';
import { readImports, type PlacedImport } from './imports.ts';
import { checkAccountJetStream } from './jetstream.ts';
import { readKey } from './keys.ts';
import { readMappings } from './mappings.ts';
import { readPermissions } from './permissions.ts';
import { readUsers, type PlacedUser } from './users.ts';

const GLOBAL = '$G';

/** An account, and what has to be checked against the others with its place. */
export interface AccountSection {
  readonly at: Position;
  readonly options: AccountOptions;
  readonly users: readonly PlacedUser[];
  readonly exports: readonly PlacedExport[];
  readonly imports: readonly PlacedImport[];
}

/** `accounts { A { … } }`, or `accounts: [A, B]`. */
export function readAccounts(node: ConfigNode, report: Report): AccountSection[] {
  const { value } = node;
  if (value.kind === 'array') return readNames(value.items, report);
  if (value.kind !== 'map') {
    throw problem(node.at, `expected accounts as a map or an array of names, got ${kindOf(value)}`);
  }
  const sections: AccountSection[] = [];
  for (const [name, entry] of value.entries) {
    // A variable that is defined among the accounts is none.
    if (entry.isVariable === true) continue;
    report.attempt(() => {
      checkName(name, entry.at);
      sections.push(readAccount(name, entry, report));
    });
  }
  return sections;
}

function readNames(items: readonly ConfigNode[], report: Report): AccountSection[] {
  const names = new Set<string>();
  const sections: AccountSection[] = [];
  for (const item of items) {
    report.attempt(() => {
      const name = readString(item);
      checkName(name, item.at);
      if (names.has(name)) throw problem(item.at, `Duplicate Account Entry: ${name}`);
      names.add(name);
      sections.push({ at: item.at, options: { name }, users: [], exports: [], imports: [] });
    });
  }
  return sections;
}

function checkName(name: string, at: Position): void {
  if (name === GLOBAL) throw problem(at, `"${name}" is a Reserved Account`);
}

function readAccount(name: string, node: ConfigNode, report: Report): AccountSection {
  const draft: Draft<AccountOptions> = { name };
  let users: readonly PlacedUser[] = [];
  let exports: readonly PlacedExport[] = [];
  let imports: readonly PlacedImport[] = [];
  readFields(
    readMap(node, 'an account as a map'),
    {
      nkey: (field) => (draft.nkey = readKey(field, 'account')),
      users: (field) => (users = readUsers(field, report)),
      exports: (field) => (exports = readExports(field, report)),
      imports: (field) => (imports = readImports(field, report)),
      'mappings|maps': (field) => (draft.mappings = readMappings(field, report)),
      limits: (field) => (draft.limits = readAccountLimits(field, report)),
      default_permissions: (field) => (draft.defaultPermissions = readPermissions(field, report)),
      jetstream: (field) => checkAccountJetStream(field, report),
    },
    report,
  );
  if (users.length > 0) draft.users = users.map(({ user }) => user);
  if (exports.length > 0) draft.exports = exports.map(({ options }) => options);
  if (imports.length > 0) draft.imports = imports.map(({ options }) => options);
  return { at: node.at, options: draft, users, exports, imports };
}

function readAccountLimits(node: ConfigNode, report: Report): AccountLimitOptions {
  const draft: Draft<AccountLimitOptions> = {};
  readFields(
    readMap(node),
    {
      'max_connections|max_conn': (field) => (draft.maxConnections = readInteger(field)),
      'max_subscriptions|max_subs': (field) => (draft.maxSubscriptions = readInteger(field)),
      'max_payload|max_pay': (field) => (draft.maxPayload = readInteger(field)),
      'max_leafnodes|max_leafs': (field) => (draft.maxLeafnodes = readInteger(field)),
    },
    report,
  );
  return draft;
}
