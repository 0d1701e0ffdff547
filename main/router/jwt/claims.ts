/** What the kinds of JWTs claim. Times are Unix seconds, 0 for none; limits are -1 for none. */
import { fieldsIn, integerIn, textIn, textsIn, type Fields } from './fields.ts';
import type { Token } from './token.ts';

export interface Claims {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
  /** `jti`, a hash of the claims. */
  readonly id: string;
  readonly issuedAt: number;
  readonly expires: number;
  readonly notBefore: number;
  readonly tags: readonly string[];
}

/** Undefined and empty lists differ: an empty `allow` beside a `deny` allows nothing. */
export interface ClaimedSubjects {
  readonly allow: readonly string[] | undefined;
  readonly deny: readonly string[] | undefined;
}

export interface ClaimedPermissions {
  readonly publish: ClaimedSubjects;
  readonly subscribe: ClaimedSubjects;
  /** `ttl` in nanoseconds. */
  readonly responses: { readonly max: number; readonly ttl: number } | undefined;
}

export function readClaims({ fields, nats, version, issuer }: Token): Claims {
  return {
    issuer,
    subject: textIn(fields, 'sub'),
    name: textIn(fields, 'name'),
    id: textIn(fields, 'jti'),
    issuedAt: integerIn(fields, 'iat'),
    expires: integerIn(fields, 'exp'),
    notBefore: integerIn(fields, 'nbf'),
    tags: textsIn(version === 1 ? fields : nats, 'tags') ?? [],
  };
}

export function readPermissions(fields: Fields): ClaimedPermissions {
  const responses = fields.get('resp') ?? undefined;
  const resp = fieldsIn(fields, 'resp');
  return {
    publish: readSubjects(fieldsIn(fields, 'pub')),
    subscribe: readSubjects(fieldsIn(fields, 'sub')),
    responses:
      responses === undefined
        ? undefined
        : { max: integerIn(resp, 'max'), ttl: integerIn(resp, 'ttl') },
  };
}

function readSubjects(fields: Fields): ClaimedSubjects {
  return { allow: textsIn(fields, 'allow'), deny: textsIn(fields, 'deny') };
}
