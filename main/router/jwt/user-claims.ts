import { decodeNKey } from '../../base/nkey.ts';
import { readClaims, readPermissions, type ClaimedPermissions, type Claims } from './claims.ts';
import {
  flagIn,
  fieldsOf,
  integerIn,
  jwtError,
  listIn,
  textIn,
  textsIn,
  type Fields,
} from './fields.ts';
import { permissionProblems, timeProblems, type Problems } from './problems.ts';
import { isSource } from './sources.ts';
import { isTimeOfDay, isTimeZone } from './times.ts';
import { decodeToken } from './token.ts';

/** `HH:MM:SS`, each day. */
export interface TimeRange {
  readonly start: string;
  readonly end: string;
}

/** What a user may do: in its own JWT, or in the template of the scoped key that signed it. */
export interface UserRights {
  readonly permissions: ClaimedPermissions;
  /** Subscriptions, and bytes of one message; -1: any, and 0 means none. */
  readonly subs: number;
  readonly payload: number;
  /** Networks in CIDR notation that it may come from; absent or empty: any. */
  readonly sources: readonly string[] | undefined;
  readonly times: readonly TimeRange[] | undefined;
  /** IANA name of the time zone of `times`; empty: the server's. */
  readonly timeZone: string;
  /** The JWT alone logs in, without a signature. */
  readonly bearer: boolean;
  readonly connectionTypes: readonly string[] | undefined;
  /** Nothing is set at all, as scoped keys demand of the users they sign. */
  readonly isBlank: boolean;
}

export interface UserClaims extends Claims {
  /** The account, when a signing key signed; else empty. */
  readonly issuerAccount: string;
  readonly rights: UserRights;
}

/** Throws RouterError 'router-jwt'. Says nothing about times and rights: see `userProblems`. */
export function decodeUserClaims(text: string): UserClaims {
  const token = decodeToken(text, ['account']);
  if (token.kind !== 'user') throw jwtError('this is no user JWT');
  const { fields, nats, version } = token;
  return {
    ...readClaims(token),
    issuerAccount: textIn(version === 1 ? fields : nats, 'issuer_account'),
    rights: readRights(nats, version === 1 ? -1 : 0),
  };
}

/** @param unlimited what absent limits are: -1 in version 1 and in templates, else 0 */
export function readRights(fields: Fields, unlimited: -1 | 0): UserRights {
  const rights = {
    permissions: readPermissions(fields),
    subs: integerIn(fields, 'subs', unlimited),
    payload: integerIn(fields, 'payload', unlimited),
    sources: readSources(fields),
    times: listIn(fields, 'times')?.map((one) => {
      const range = fieldsOf(one, 'times');
      return { start: textIn(range, 'start'), end: textIn(range, 'end') };
    }),
    timeZone: textIn(fields, 'times_location'),
    bearer: flagIn(fields, 'bearer_token'),
    connectionTypes: textsIn(fields, 'allowed_connection_types'),
  };
  return { ...rights, isBlank: integerIn(fields, 'data', unlimited) === 0 && isBlank(rights) };
}

/** @param now Unix ms */
export function userProblems(claims: UserClaims, now: number): Problems {
  const { permissions, sources = [], times = [], timeZone } = claims.rights;
  return [
    ...timeProblems(claims, now),
    ...permissionProblems(permissions),
    ...sources
      .filter((one) => !isSource(one))
      .map((one) => `invalid cidr "${one}" in user src limits`),
    ...times
      .flatMap(({ start, end }) => [start, end])
      .filter((one) => !isTimeOfDay(one))
      .map((one) => `"${one}" is no time of day`),
    ...(timeZone !== '' && !isTimeZone(timeZone) ? [`"${timeZone}" is no time zone`] : []),
    ...(claims.issuerAccount !== '' && decodeNKey('account', claims.issuerAccount) === undefined
      ? ['account_id is not an account public key']
      : []),
  ];
}

/** A list, or one text with commas. */
function readSources(fields: Fields): readonly string[] | undefined {
  const value = fields.get('src');
  if (typeof value !== 'string') return textsIn(fields, 'src');
  return value
    .toLowerCase()
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

function isBlank(rights: Omit<UserRights, 'isBlank'>): boolean {
  const { publish, subscribe, responses } = rights.permissions;
  const lists = [publish.allow, publish.deny, subscribe.allow, subscribe.deny];
  const others = [responses, rights.sources, rights.times, rights.connectionTypes];
  return (
    [...lists, ...others].every((one) => one === undefined) &&
    rights.subs === 0 &&
    rights.payload === 0 &&
    rights.timeZone === '' &&
    !rights.bearer
  );
}
