/** Scoped signing keys: the rights of the users that they sign are in the account, with templates to fill in. */
import { isValidSubject } from '../subject/match.ts';
import type { AccountClaims } from './account-claims.ts';
import type { ClaimedSubjects } from './claims.ts';
import { jwtError } from './fields.ts';
import type { UserClaims, UserRights } from './user-claims.ts';

/** Subjects that one entry with several tags may become. */
const MAX_COMBINATIONS = 1024;

type Context = Pick<UserClaims, 'name' | 'subject' | 'tags' | 'issuerAccount'> & {
  readonly account: Pick<AccountClaims, 'name' | 'tags'>;
};

/**
 * A scope's template filled in for one user: `{{name()}}`, `{{subject()}}`, `{{account-name()}}`,
 * `{{account-subject()}}`, `{{tag(x)}}`, `{{account-tag(x)}}` as whole tokens; a tag that is there several times
 * gives an entry for each value.
 *
 * Throws RouterError 'router-jwt' where a denied subject comes out unusable. An allowed one is left out then;
 * when none is left, everything is denied.
 */
export function fillTemplate(
  rights: UserRights,
  user: UserClaims,
  account: AccountClaims,
): UserRights {
  const context: Context = { ...user, account };
  return {
    ...rights,
    permissions: {
      ...rights.permissions,
      publish: fillSubjects(rights.permissions.publish, context),
      subscribe: fillSubjects(rights.permissions.subscribe, context),
    },
  };
}

function fillSubjects({ allow, deny }: ClaimedSubjects, context: Context): ClaimedSubjects {
  const allowed = allow && fillList(allow, context, false);
  const denied = deny && fillList(deny, context, true);
  const nothingLeft = allow !== undefined && allow.length > 0 && allowed?.length === 0;
  return { allow: allowed, deny: nothingLeft ? [...(denied ?? []), '>'] : denied };
}

function fillList(
  entries: readonly string[],
  context: Context,
  strict: boolean,
): readonly string[] {
  if (!entries.some((entry) => entry.split('.').some(isTemplate))) return entries;
  return entries.flatMap((entry) => {
    const filled = combine(entry.split('.').map((token) => valuesOf(token, context)));
    const valid = filled.filter(isValidSubject);
    if (strict && (valid.length < filled.length || filled.length === 0))
      throw jwtError('the template generated an invalid subject');
    return valid;
  });
}

/** All ways to take one value for each token; none when a token has no value. */
function combine(tokens: readonly (readonly string[])[]): readonly string[] {
  const count = tokens.reduce((product, values) => product * values.length, 1);
  if (count > MAX_COMBINATIONS) throw jwtError('the template generates too many subjects');
  return tokens
    .reduce<readonly (readonly string[])[]>(
      (heads, values) => heads.flatMap((head) => values.map((value) => [...head, value])),
      [[]],
    )
    .map((parts) => parts.join('.'));
}

function isTemplate(token: string): boolean {
  return token.startsWith('{{') && token.endsWith('}}');
}

function valuesOf(token: string, { account, ...user }: Context): readonly string[] {
  if (!isTemplate(token)) return [token];
  const operation = token.slice(2, -2).toLowerCase();
  switch (operation) {
    case 'name()':
      return [user.name];
    case 'subject()':
      return [user.subject];
    case 'account-name()':
      return [account.name];
    case 'account-subject()':
      return [user.issuerAccount];
    default: {
      const [, of, tag] = /^(account-)?tag\((.*)\)$/.exec(operation) ?? [];
      // An unknown operation gives a subject that is not valid.
      if (tag === undefined) return [''];
      const tags = of === undefined ? user.tags : account.tags;
      return tags
        .filter((one) => one.startsWith(`${tag}:`))
        .map((one) => one.slice(tag.length + 1));
    }
  }
}
