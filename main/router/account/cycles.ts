/**
 * Imports that would bring a message back to where it came from are refused, by the rule that nats-server
 * has: the exporting account, or one that it imports from in turn, must not import what is brought in here
 * under the name that it gets here. Loops that the rule does not see end when a message meets the same
 * service twice (service-import.ts).
 */
import { RouterError } from '../errors.ts';
import { intersection } from '../subject/intersection.ts';
import { isSubsetOf } from '../subject/match.ts';
import type { ExportTable } from './exports.ts';
import { type CompiledImport, localName } from './imports.ts';

/** Accounts in a row that are looked at. */
const LONGEST_CHAIN = 1_024;

export interface LinkedAccount {
  readonly name: string;
  readonly exports: ExportTable;
  readonly imports: readonly CompiledImport[];
}

type FindAccount = (name: string) => LinkedAccount | undefined;

/** @throws RouterError 'router-config' */
export function refuseCycle(importer: string, wanted: CompiledImport, find: FindAccount): void {
  const { kind, account } = wanted;
  // A stream's new name counts as it is written: `$1` is a token like others there.
  const subjects = kind === 'service' ? [wanted.local] : [localName(wanted.options), wanted.remote];
  for (const subject of subjects) follow(kind, account, subject, new Set([importer]), find);
}

function follow(
  kind: 'stream' | 'service',
  name: string,
  start: string,
  visited: Set<string>,
  find: FindAccount,
): void {
  if (visited.size >= LONGEST_CHAIN) {
    throw new RouterError('router-config', 'search cycle depth exhausted');
  }
  const account = find(name);
  if (account === undefined) return;
  if (kind === 'stream' && !account.exports.hasStream(start)) return;
  let subject = start;
  for (const one of account.imports) {
    if (one.kind !== kind) continue;
    // A service leads from its local name to the remote one, a stream the other way round.
    const [here, there] = kind === 'service' ? [one.local, one.remote] : [one.local, one.local];
    if (intersection(subject, there) === undefined) continue;
    if (visited.has(one.account)) throw new RouterError('router-config', 'import forms a cycle');
    visited.add(name);
    if (isSubsetOf(here, subject)) subject = here;
    follow(kind, one.account, subject, visited, find);
  }
}
