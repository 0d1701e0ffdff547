import { decodeNKey } from '../../base/nkey.ts';
import { SubjectTree } from '../auth/subject-tree.ts';
import type { AccountClaims, ClaimedMapping } from './account-claims.ts';
import { activationProblems, type Importing } from './activation.ts';
import type { ClaimedExport, ClaimedImport } from './exchange-claims.ts';
import { hasWildcards, permissionProblems, subjectProblems, type Problems } from './problems.ts';

const MAX_INFO_LENGTH = 8 * 1024;

/**
 * What is wrong with an account's claims apart from their times (`timeProblems`); nats-server takes no account
 * with such a problem.
 */
export function accountProblems(claims: AccountClaims): Problems {
  return [
    ...importsProblems(claims.imports, claims.subject),
    ...exportsProblems(claims.exports),
    ...permissionProblems(claims.defaultPermissions),
    ...claims.mappings.flatMap(mappingProblems),
    ...authorizationProblems(claims),
    ...limitProblems(claims),
    ...[...claims.signingKeys.keys()]
      .filter((key) => decodeNKey('account', key) === undefined)
      .map((key) => `"${key}" is not an account public key`),
    ...infoProblems(claims),
  ];
}

function limitProblems({ limits, imports, exports }: AccountClaims): Problems {
  const problems: string[] = [];
  if (limits.imports >= 0 && imports.length > limits.imports)
    problems.push('the account contains more imports than allowed by the operator');
  if (limits.exports === -1) return problems;
  if (exports.length > limits.exports)
    problems.push('the account contains more exports than allowed by the operator');
  if (!limits.wildcardExports && exports.some(({ subject }) => hasWildcards(subject)))
    problems.push('the account contains wildcard exports that are not allowed by the operator');
  return problems;
}

function importsProblems(imports: readonly ClaimedImport[], importer: string): Problems {
  const services = imports.filter(({ kind }) => kind === 'service').map(localServiceSubject);
  return [
    ...imports.flatMap((one) => importProblems(one, importer)),
    ...overlaps(services).map((subject) => `overlapping subject namespace for "${subject}"`),
  ];
}

/** What requests are sent to in the importing account. */
function localServiceSubject({ to, localSubject, subject }: ClaimedImport): string {
  if (to !== '') return to;
  return localSubject === '' ? subject : localSubject.replace(/(?<=^|\.)\$\d+(?=\.|$)/g, '*');
}

/** The older `to` of a service is the exported subject. */
function exported(one: ClaimedImport): Importing {
  return one.kind === 'service' && one.to !== '' ? { ...one, subject: one.to } : one;
}

function importProblems(one: ClaimedImport, importer: string): Problems {
  const problems: string[] = [
    ...subjectProblems(one.subject),
    ...activationProblems(exported(one), importer),
  ];
  if (one.kind === undefined) problems.push('invalid import type');
  if (one.kind === 'service' && one.allowTrace)
    problems.push('AllowTrace only valid for stream import');
  if (one.kind !== 'service' && one.share)
    problems.push('sharing information (for latency tracking) is only valid for services');
  if (one.account === '') problems.push('account to import from is not specified');
  if (one.localSubject === '') return problems;
  if (one.to !== '') problems.push('Local Subject replaces To');
  return [...problems, ...renamingProblems(one.localSubject, one.subject)];
}

/** The local subject has to use each `*` of the imported one, as `*` or `$n`. */
function renamingProblems(local: string, from: string): Problems {
  const problems: string[] = [...subjectProblems(local)];
  const endsOpen = (subject: string): boolean => subject === '>' || subject.endsWith('.>');
  if (endsOpen(local) !== endsOpen(from))
    problems.push('both, renaming subject and subject, need to end or not end in >');
  const stars = from.split('.').filter((token) => token === '*').length;
  const references = local.split('.').filter((token) => token === '*' || /^\$\d+$/.test(token));
  if (references.some((token) => token !== '*' && Number(token.slice(1)) > stars))
    problems.push(`"${local}" references a * in "${from}" that does not exist`);
  if (references.length !== stars)
    problems.push('subject does not contain enough * or reference wildcards $[0-9]');
  return problems;
}

function exportsProblems(exports: readonly ClaimedExport[]): Problems {
  const services = exports.filter(({ kind }) => kind === 'service').map(({ subject }) => subject);
  const streams = exports.filter(({ kind }) => kind !== 'service').map(({ subject }) => subject);
  return [
    ...exports.flatMap(exportProblems),
    ...overlaps(services).map(
      (subject) => `service export subject "${subject}" is already exported`,
    ),
    ...overlaps(streams).map((subject) => `stream export subject "${subject}" is already exported`),
  ];
}

function exportProblems(one: ClaimedExport): Problems {
  const problems: string[] = [...subjectProblems(one.subject), ...infoProblems(one)];
  const isService = one.kind === 'service';
  if (one.kind === undefined) problems.push('invalid export type');
  if (isService && !['', 'Singleton', 'Stream', 'Chunked'].includes(one.responseType))
    problems.push(`invalid response type for service: "${one.responseType}"`);
  if (one.kind === 'stream' && one.responseType !== '')
    problems.push(`invalid response type for stream: "${one.responseType}"`);
  if (one.kind === 'stream' && one.allowTrace)
    problems.push('AllowTrace only valid for service export');
  if (one.responseThreshold < 0) problems.push('negative response threshold is invalid');
  if (one.responseThreshold > 0 && !isService)
    problems.push('response threshold only valid for services');
  if (one.latency !== undefined) {
    const { sampling, results } = one.latency;
    if (!isService) problems.push('latency tracking only permitted for services');
    if (sampling < 0 || sampling > 100)
      problems.push('sampling percentage needs to be between 1-100');
    problems.push(...subjectProblems(results));
    if (hasWildcards(results)) problems.push('results subject can not contain wildcards');
  }
  const position = one.accountTokenPosition;
  if (position > 0 && one.subject.split('.')[position - 1] !== '*')
    problems.push(`Account Token Position ${position} must match a * in: ${one.subject}`);
  return problems;
}

function mappingProblems({ source, destinations }: ClaimedMapping): Problems {
  const problems: string[] = [...subjectProblems(source)];
  const totals = new Map<string, number>();
  for (const { subject, weight, cluster } of destinations) {
    problems.push(...subjectProblems(subject));
    totals.set(cluster, (totals.get(cluster) ?? 0) + weight);
  }
  if ([...totals.values()].some((total) => total > 100))
    problems.push(`Mapping "${source}" exceeds 100% among all of it's weighted to mappings`);
  return problems;
}

function authorizationProblems({ authUsers, allowedAccounts, xkey }: AccountClaims): Problems {
  const problems: string[] = [];
  if (allowedAccounts.length > 0 && authUsers.length === 0)
    problems.push('External authorization cannot have accounts without users specified');
  for (const user of authUsers)
    if (decodeNKey('user', user) === undefined)
      problems.push(`AuthUser "${user}" is not a valid user public key`);
  for (const account of allowedAccounts) {
    const alone = account === '*' && allowedAccounts.length === 1;
    if (!alone && decodeNKey('account', account) === undefined)
      problems.push(`Account "${account}" is not a valid account public key`);
  }
  if (xkey !== '' && decodeNKey('curve', xkey) === undefined)
    problems.push(`XKey "${xkey}" is not a valid public xkey`);
  return problems;
}

function infoProblems({
  description,
  infoUrl,
}: {
  description: string;
  infoUrl: string;
}): Problems {
  if (description.length > MAX_INFO_LENGTH) return ['Description is too long'];
  if (infoUrl.length > MAX_INFO_LENGTH) return ['Info URL is too long'];
  if (infoUrl === '' || (URL.canParse(infoUrl) && new URL(infoUrl).hostname !== '')) return [];
  return ['error parsing info url'];
}

/** Subjects that another one of the list covers. In one pass over a tree: accounts may have thousands. */
function overlaps(subjects: readonly string[]): readonly string[] {
  const tree = new SubjectTree(true);
  subjects.forEach((subject, i) => tree.add(subject, String(i)));
  return subjects.filter((subject) => tree.match(subject).queues.length > 1);
}
