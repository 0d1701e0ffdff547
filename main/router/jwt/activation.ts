/** Activation JWTs: an exporting account lets one other account import a private subject. */
import { decodeNKey } from '../../base/nkey.ts';
import { isSubsetOf } from '../subject/match.ts';
import { readClaims, type Claims } from './claims.ts';
import { readKind, type ExchangeKind } from './exchange-claims.ts';
import { jwtError, textIn } from './fields.ts';
import { subjectProblems, timeProblems, type Problems } from './problems.ts';
import { isRevoked } from './revocations.ts';
import { decodeToken } from './token.ts';

export interface ActivationClaims extends Claims {
  readonly importSubject: string;
  readonly importKind: ExchangeKind | undefined;
  /** The exporting account, when one of its signing keys signed; else empty. */
  readonly issuerAccount: string;
}

/** Throws RouterError 'router-jwt'. */
export function decodeActivationClaims(text: string): ActivationClaims {
  const token = decodeToken(text, ['account', 'operator']);
  if (token.kind !== 'activation') throw jwtError('this is no activation JWT');
  const { fields, nats, version } = token;
  return {
    ...readClaims(token),
    importSubject: textIn(nats, 'subject'),
    importKind: readKind(nats, version === 1 ? 'type' : 'kind'),
    issuerAccount: textIn(version === 1 ? fields : nats, 'issuer_account'),
  };
}

/** An import that may need a token. `ImportOptions` are such. */
export interface Importing {
  readonly kind: ExchangeKind | undefined;
  /** The exporting account's key. */
  readonly account: string;
  /** As the exporting account has it. */
  readonly subject: string;
  readonly token?: string;
}

/**
 * What makes an import's token unfit, whatever the exporting account says about it; times are not looked at.
 *
 * @param importer key of the importing account
 */
export function activationProblems(one: Importing, importer: string): Problems {
  if (!one.token) return [];
  const token = tryDecode(one.token);
  if (token === undefined) return [`import "${one.subject}" contains an invalid activation token`];
  return [
    ...(token.issuer === one.account || token.issuerAccount === one.account
      ? []
      : [`activation token doesn't match account for import "${one.subject}"`]),
    ...(token.subject === importer
      ? []
      : [`activation token doesn't match account it is being included in, "${one.subject}"`]),
    ...(token.importKind === one.kind && token.importKind !== undefined
      ? []
      : [`activation token of import "${one.subject}" is for another type`]),
    ...subjectProblems(token.importSubject),
    ...(token.issuerAccount !== '' && decodeNKey('account', token.issuerAccount) === undefined
      ? ['account_id is not an account public key']
      : []),
    ...(isSubsetOf(one.subject, token.importSubject)
      ? []
      : [
          `activation token import subject "${token.importSubject}" doesn't match import "${one.subject}"`,
        ]),
  ];
}

/** What lets an account import something private; it ends at `expires` (Unix ms, Infinity for never). */
export interface Activation {
  readonly expires: number;
}

/**
 * Whether an import's token is good for a private export now.
 *
 * @param exporter the exporting account
 * @param revocations of that export
 * @param now Unix ms
 * @returns undefined when it is not
 */
export function activate(
  exporter: { readonly key: string; readonly signers: ReadonlySet<string> },
  revocations: ReadonlyMap<string, number>,
  one: Importing,
  importer: string,
  now: number,
): Activation | undefined {
  const token = one.token ? tryDecode(one.token) : undefined;
  if (token === undefined || activationProblems(one, importer).length > 0) return undefined;
  const signer =
    token.issuerAccount === '' ? token.issuer === exporter.key : exporter.signers.has(token.issuer);
  if (!signer || (token.issuerAccount !== '' && token.issuerAccount !== exporter.key))
    return undefined;
  if (timeProblems(token, now).length > 0 || isRevoked(revocations, token.subject, token.issuedAt))
    return undefined;
  if (token.expires !== 0 && token.expires * 1000 <= now) return undefined;
  return { expires: token.expires === 0 ? Infinity : token.expires * 1000 };
}

function tryDecode(token: string): ActivationClaims | undefined {
  try {
    return decodeActivationClaims(token);
  } catch {
    // Whatever is wrong with it: it activates nothing.
    return undefined;
  }
}
