/** What holds between accounts: who exports to whom, and that no name is used twice. */
import type { LinkedAccount } from '../account/cycles.ts';
import { checkExports, ExportTable } from '../account/exports.ts';
import type { CompiledImport } from '../account/imports.ts';
import { linkImports } from '../account/link.ts';
import { RouterError } from '../errors.ts';
import type { Report } from './problems.ts';
import type { AccountSection } from './sections/accounts.ts';
import type { AuthorizationSection } from './sections/authorization.ts';
import type { Position } from './tree.ts';

/** Users are found by their name alone, hence a name belongs to one of them. */
export function checkUsers(
  authorization: AuthorizationSection | undefined,
  accounts: readonly AccountSection[],
  report: Report,
): void {
  const names = new Set<string>();
  for (const { users } of [...(authorization === undefined ? [] : [authorization]), ...accounts]) {
    for (const { at, user } of users) {
      const name = user.nkey ?? user.user ?? '';
      const what = user.nkey === undefined ? 'user' : 'nkey';
      if (names.has(name)) report.add(at, `Duplicate ${what} "${name}" detected`);
      names.add(name);
    }
  }
  const first = accounts.flatMap(({ users }) => users)[0];
  if (authorization === undefined || first === undefined) return;
  if ((authorization.options.user ?? '') !== '') {
    report.add(first.at, 'Can not have a single user/pass and accounts');
  }
  if ((authorization.options.token ?? '') !== '') {
    report.add(first.at, 'Can not have a token and accounts');
  }
}

/** What one account exports and imports, as the router will use it. */
interface Linked extends LinkedAccount {
  readonly section: AccountSection;
  imports: readonly CompiledImport[];
}

/** Exports name accounts that exist, imports what is exported to them, and nothing comes back to itself. */
export function checkLinks(
  sections: readonly AccountSection[],
  hasSystemAccount: boolean,
  report: Report,
): void {
  const accounts = new Map<string, Linked>();
  for (const section of sections) {
    const { name } = section.options;
    const exports = new ExportTable();
    exports.adopt(section.exports.map(({ options }) => options));
    accounts.set(name, { section, name, exports, imports: [] });
  }
  for (const section of sections) checkExportsOf(section, accounts, hasSystemAccount, report);
  for (const account of accounts.values()) checkImportsOf(account, accounts, report);
}

function checkExportsOf(
  { at, options: account, exports }: AccountSection,
  accounts: ReadonlyMap<string, Linked>,
  hasSystemAccount: boolean,
  report: Report,
): void {
  for (const { at: place, options } of exports) {
    for (const name of options.accounts ?? []) {
      if (accounts.has(name)) continue;
      report.add(place, `"${name}" account not defined for ${options.kind} export`);
    }
    attemptAt(place, report, () =>
      checkExports({ name: account.name, exports: [options] }, hasSystemAccount),
    );
  }
  if (report.problems.length > 0) return;
  // What one of them says about another.
  attemptAt(at, report, () => checkExports(account, hasSystemAccount));
}

function checkImportsOf(
  importer: Linked,
  accounts: ReadonlyMap<string, Linked>,
  report: Report,
): void {
  const { at, options, imports } = importer.section;
  const places = new Map(imports.map((one) => [one.options, one.at]));
  const links = linkImports(
    { ...options, imports: [...places.keys()] },
    {
      find: (name) => accounts.get(name),
      activation: () => undefined,
      problem: (why, wanted) => report.add((wanted && places.get(wanted)) ?? at, why),
    },
  );
  importer.imports = links.map(({ compiled }) => compiled);
}

/** Runs a check that knows no places; what it throws is reported at this one. */
function attemptAt(at: Position, report: Report, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    report.add(at, error.message);
  }
}
