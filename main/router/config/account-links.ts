/** What holds between accounts: who exports to whom, and that no name is used twice. */
import type { ExportOptions, ImportOptions } from '../options.ts';
import type { Report } from './problems.ts';
import type { AccountSection } from './sections/accounts.ts';
import type { AuthorizationSection } from './sections/authorization.ts';
import { isSubset, overlap } from './subjects.ts';

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

/** Exports name accounts that exist, imports what is exported to them, and nothing comes back to itself. */
export function checkLinks(accounts: readonly AccountSection[], report: Report): void {
  const byName = new Map(accounts.map((account) => [account.options.name, account]));
  for (const { exports } of accounts) {
    for (const { at, options } of exports) {
      for (const name of options.accounts ?? []) {
        if (!byName.has(name)) {
          report.add(at, `"${name}" account not defined for ${options.kind} export`);
        }
      }
    }
  }
  for (const importer of accounts) checkImports(importer, byName, report);
}

type AccountsByName = ReadonlyMap<string, AccountSection>;

function checkImports(importer: AccountSection, byName: AccountsByName, report: Report): void {
  const streams = new Set<string>();
  for (const { at, options } of importer.imports) {
    const { kind, account, subject } = options;
    const refuse = (why: string): void =>
      report.add(at, `Error adding ${kind} import "${subject}": ${why}`);
    const exporter = byName.get(account);
    if (exporter === undefined) {
      report.add(at, `"${account}" account not defined for ${kind} import`);
    } else if (!isExported(exporter, importer.options.name, options)) {
      refuse(`${kind} import not authorized`);
    } else if (formsCycle(options, byName)) {
      refuse('import forms a cycle');
    } else if (kind === 'stream') {
      const key = JSON.stringify([account, subject]);
      if (streams.has(key)) refuse('stream import already exists');
      streams.add(key);
    }
  }
}

function isExported(
  exporter: AccountSection,
  importer: string,
  { kind, subject }: ImportOptions,
): boolean {
  const covering = exporter.exports
    .map(({ options }) => options)
    .filter((option) => option.kind === kind && isSubset(subject, option.subject));
  const exact = covering.filter((option) => option.subject === subject);
  return (exact.length > 0 ? exact : covering).some((option) => admits(option, importer, subject));
}

function admits(option: ExportOptions, importer: string, subject: string): boolean {
  if (option.accounts !== undefined) return option.accounts.includes(importer);
  const position = option.accountTokenPosition;
  return position === undefined || subject.split('.')[position - 1] === importer;
}

/** Whether what is imported here would, over any number of accounts, pass through this very import again. */
function formsCycle(start: ImportOptions, byName: AccountsByName): boolean {
  const visited = new Set<ImportOptions>();
  const follow = ({ kind, account, subject }: ImportOptions): boolean =>
    (byName.get(account)?.imports ?? []).some(({ options }) => {
      if (options.kind !== kind || !overlap(localSubject(options), subject)) return false;
      if (options === start) return true;
      if (visited.has(options)) return false;
      visited.add(options);
      return follow(options);
    });
  return follow(start);
}

/** Under which subject an import is seen by its importer; `$1` matches what its wildcard did. */
function localSubject(options: ImportOptions): string {
  const { subject, to } = options;
  if (options.kind === 'stream' && options.prefix !== undefined) {
    return `${options.prefix}.${subject}`;
  }
  return (to ?? subject).replaceAll(/(^|\.)\$\d+(?=\.|$)/g, '$1*');
}
