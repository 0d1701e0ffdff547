/**
 * A configuration's accounts, worked out and checked without touching those that run: what nats-server
 * checks when it starts and with `-t`, beyond the syntax.
 */
import { defaults } from '../defaults.ts';
import { RouterError } from '../errors.ts';
import type { AccountOptions, ExportOptions, RouterOptions } from '../options.ts';
import type { LinkedAccount } from './cycles.ts';
import { checkExports, ExportTable } from './exports.ts';
import type { CompiledImport } from './imports.ts';
import { type Link, linkImports } from './link.ts';
import { systemExports, systemImports } from './system-exchange.ts';
import { WeightedMapper } from './weighted-mapper.ts';

export interface AccountPlan {
  readonly options: AccountOptions;
  readonly mapper: WeightedMapper | undefined;
  readonly exports: readonly ExportOptions[];
  readonly links: readonly Link<{ readonly name: string }>[];
}

export interface Plan {
  readonly accounts: readonly AccountPlan[];
  /** Undefined: there is no system account. */
  readonly systemName: string | undefined;
}

interface Draft extends LinkedAccount {
  readonly options: AccountOptions;
  readonly mapper: WeightedMapper | undefined;
  readonly exported: readonly ExportOptions[];
  readonly exports: ExportTable;
  imports: CompiledImport[];
  links: Link<Draft>[];
}

/** @throws RouterError 'router-config' */
export function planAccounts(options: RouterOptions): Plan {
  const { noSystemAccount, systemAccount = defaults.systemAccount } = options;
  const systemName = noSystemAccount === true ? undefined : systemAccount;
  const drafts = new Map<string, Draft>();
  for (const account of allAccounts(options, systemName)) {
    const { name } = account;
    if (drafts.has(name)) {
      throw new RouterError('router-config', `Duplicate Account Entry: ${name}`);
    }
    checkExports(account, systemName !== undefined);
    drafts.set(name, draft(account, name === systemName));
  }
  for (const { options: account } of drafts.values()) checkApproved(account, drafts);
  for (const one of drafts.values()) {
    one.links = linkImports(one.options, {
      find: (name) => drafts.get(name),
      // Tokens belong to accounts that an operator has signed.
      activation: () => undefined,
      internal: systemName === undefined ? [] : systemImports(one.name, systemName),
      problem: (why) => {
        throw new RouterError('router-config', why);
      },
    });
    one.imports = one.links.map(({ compiled }) => compiled);
  }
  const accounts = [...drafts.values()].map(({ options: own, mapper, exported, links }) => ({
    options: own,
    mapper,
    exports: exported,
    links,
  }));
  return { accounts, systemName };
}

function allAccounts(options: RouterOptions, systemName: string | undefined): AccountOptions[] {
  const { accounts = [], mappings = [] } = options;
  const listed = accounts.find(({ name }) => name === defaults.globalAccount);
  const all: AccountOptions[] = [
    {
      name: defaults.globalAccount,
      ...listed,
      mappings: [...mappings, ...(listed?.mappings ?? [])],
    },
    ...accounts.filter((one) => one !== listed),
  ];
  if (systemName !== undefined && !all.some(({ name }) => name === systemName)) {
    all.push({ name: systemName });
  }
  return all;
}

function draft(options: AccountOptions, isSystem: boolean): Draft {
  const { mappings = [] } = options;
  const exported = isSystem ? systemExports(options) : (options.exports ?? []);
  const exports = new ExportTable();
  exports.adopt(exported);
  return {
    name: options.name,
    options,
    mapper: mappings.length === 0 ? undefined : new WeightedMapper(mappings),
    exported,
    exports,
    imports: [],
    links: [],
  };
}

function checkApproved(
  { exports = [] }: AccountOptions,
  accounts: ReadonlyMap<string, unknown>,
): void {
  for (const { kind, accounts: approved = [] } of exports) {
    const unknown = approved.find((name) => !accounts.has(name));
    if (unknown !== undefined) {
      throw new RouterError('router-config', `"${unknown}" account not defined for ${kind} export`);
    }
  }
}
