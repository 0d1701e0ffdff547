import { messageOf } from '../../base/errors.ts';
import { refuteChallenge } from '../auth/challenge.ts';
import { isTypeAllowed } from '../auth/connection-types.ts';
import type { Admission, ConnectionFacts, Credentials, Refusal } from '../auth/types.ts';
import { refuse } from '../auth/verdicts.ts';
import type { ConnectionType } from '../options.ts';
import type { AccountRecord, OperatorAccounts } from './operator-accounts.ts';
import { permissionOptions } from './permission-options.ts';
import { isRevoked } from './revocations.ts';
import { fillTemplate } from './scope.ts';
import { isFromSource } from './sources.ts';
import { endOfStay } from './times.ts';
import { decodeUserClaims, userProblems, type UserClaims, type UserRights } from './user-claims.ts';

const CONNECTION_TYPES: ReadonlySet<string> = new Set<ConnectionType>([
  'STANDARD',
  'WEBSOCKET',
  'LEAFNODE',
  'LEAFNODE_WS',
  'MQTT',
  'MQTT_WS',
  'IN_PROCESS',
]);

/** What a changed account means for one that was admitted before; see `recheck`. */
export type Recheck = { readonly stay: Admission } | { readonly end: Refusal['text'] | undefined };

/** Logins by user JWTs, whose accounts trusted operators signed. */
export class OperatorAuthenticator {
  readonly #accounts: OperatorAccounts;
  readonly #now: () => number;
  /** What each admission came from, as long as the connection keeps it. */
  readonly #origins = new WeakMap<Admission, { claims: UserClaims; base: Admission }>();

  /** @param now Unix ms */
  constructor(accounts: OperatorAccounts, now: () => number) {
    this.#accounts = accounts;
    this.#now = now;
  }

  /** At once when the account is known or its JWT is at hand. */
  authenticate(
    { jwt, sig }: Credentials,
    facts: ConnectionFacts,
  ): Admission | Refusal | Promise<Admission | Refusal> {
    if (jwt === undefined || jwt === '') return refuse('a user JWT is required');
    let claims: UserClaims;
    try {
      claims = decodeUserClaims(jwt);
    } catch (error) {
      return refuse(`the user JWT is not valid: ${messageOf(error)}`);
    }
    const [problem] = userProblems(claims, this.#now());
    if (problem !== undefined) return refuse(`the user JWT is not valid: ${problem}`);
    const finish = (account: AccountRecord | undefined): Admission | Refusal =>
      account === undefined
        ? refuse('the account cannot be had')
        : this.#admit(claims, jwt, sig, account, facts);
    const account = this.#accounts.lookup(claims.issuerAccount || claims.issuer);
    return account instanceof Promise ? account.then(finish) : finish(account);
  }

  /**
   * What a connection gets after its account changed: the same with new limits and expiry, or its end. Without a
   * text it is closed with no -ERR, as nats-server does when the signing key is gone or its scope changed.
   */
  recheck(admission: Admission, account: AccountRecord, before: AccountRecord): Recheck {
    const origin = this.#origins.get(admission);
    if (origin === undefined) return { stay: admission };
    const { claims, base } = origin;
    const { limits, revocations, signingKeys } = account.claims;
    if (claims.rights.bearer && limits.disallowBearer) return { end: 'Authorization Violation' };
    if (isRevoked(revocations, claims.subject, claims.issuedAt))
      return { end: 'User Authentication Revoked' };
    if (account.expires <= this.#now()) return { end: 'Account Authentication Expired' };
    const scope = signingKeys.get(claims.issuer);
    const sameScope =
      JSON.stringify(scope) === JSON.stringify(before.claims.signingKeys.get(claims.issuer));
    if (!account.signers.has(claims.issuer) || !sameScope) return { end: undefined };
    const stay: Admission = { ...base, ...this.#limits(claims, scope ?? claims.rights, account) };
    this.#origins.set(stay, origin);
    return { stay };
  }

  #admit(
    claims: UserClaims,
    jwt: string,
    sig: string | undefined,
    account: AccountRecord,
    facts: ConnectionFacts,
  ): Admission | Refusal {
    if (!account.signers.has(claims.issuer))
      return refuse('the issuer of the user JWT is not known');
    const rights = rightsOf(claims, account);
    if (typeof rights === 'string') return refuse(rights);
    if (rights.bearer && account.claims.limits.disallowBearer)
      return refuse('the account does not allow bearer tokens');
    const types = knownTypes(rights.connectionTypes);
    if (types === undefined || !isTypeAllowed(types, facts.type))
      return refuse(`the user may not connect as ${facts.type}`);
    if (!rights.bearer) {
      const wrong = refuteChallenge(claims.subject, facts.nonce, sig);
      if (wrong !== undefined) return refuse(wrong);
    }
    if (isRevoked(account.claims.revocations, claims.subject, claims.issuedAt))
      return refuse('the user is revoked');
    if (!isFromSource(rights.sources, facts.host))
      return refuse(`the user may not connect from ${facts.host}`);
    if (endOfStay(rights.times, rights.timeZone, this.#now()) === undefined)
      return refuse('the user may not connect at this time');
    const { authUsers } = account.claims;
    if (authUsers.length > 0 && !authUsers.includes(claims.subject))
      return refuse('the account wants external authorization, which this router does not have');
    return this.#admission(claims, jwt, rights, types, account);
  }

  #admission(
    claims: UserClaims,
    jwt: string,
    rights: UserRights,
    types: readonly ConnectionType[],
    account: AccountRecord,
  ): Admission {
    const permissions = permissionOptions(rights.permissions) ?? account.options.defaultPermissions;
    const base: Admission = {
      ok: true,
      account: account.key,
      user: claims.subject,
      jwt,
      issuerKey: claims.issuer,
      nameTag: claims.name,
      tags: claims.tags,
      ...(permissions && { permissions }),
      ...(types.length > 0 && { allowedConnectionTypes: types }),
    };
    const admission: Admission = { ...base, ...this.#limits(claims, rights, account) };
    this.#origins.set(admission, { claims, base });
    return admission;
  }

  #limits(
    claims: UserClaims,
    rights: UserRights,
    account: AccountRecord,
  ): Pick<Admission, 'maxSubscriptions' | 'maxPayload' | 'expires'> {
    const user = Math.min(
      claims.expires === 0 ? Infinity : claims.expires * 1000,
      endOfStay(rights.times, rights.timeZone, this.#now()) ?? this.#now(),
    );
    const at = Math.min(user, account.expires);
    const text =
      user <= account.expires ? 'User Authentication Expired' : 'Account Authentication Expired';
    return {
      maxSubscriptions: rights.subs,
      maxPayload: rights.payload,
      ...(at !== Infinity && { expires: { at, text } }),
    };
  }
}

/** The user's own rights, or the filled-in template of the scoped key that signed it; a text says why not. */
function rightsOf(claims: UserClaims, account: AccountRecord): UserRights | string {
  const scope = account.claims.signingKeys.get(claims.issuer);
  if (scope === undefined) return claims.rights;
  if (!claims.rights.isBlank) return 'scoped users require no permissions or limits set';
  try {
    return fillTemplate(scope, claims, account.claims);
  } catch (error) {
    return messageOf(error);
  }
}

/** Empty for all; undefined when only types are named that this router does not know. */
function knownTypes(named: readonly string[] = []): readonly ConnectionType[] | undefined {
  const known = named
    .map((type) => type.toUpperCase())
    .filter((type): type is ConnectionType => CONNECTION_TYPES.has(type));
  return known.length === 0 && named.length > 0 ? undefined : known;
}
