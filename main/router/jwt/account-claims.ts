import { readClaims, readPermissions, type ClaimedPermissions, type Claims } from './claims.ts';
import {
  readExports,
  readImports,
  type ClaimedExport,
  type ClaimedImport,
} from './exchange-claims.ts';
import {
  entriesIn,
  fieldsIn,
  fieldsOf,
  flagIn,
  integerIn,
  jwtError,
  listIn,
  textIn,
  textsIn,
  type Fields,
} from './fields.ts';
import { readRevocations } from './revocations.ts';
import { decodeToken } from './token.ts';
import { readRights, type UserRights } from './user-claims.ts';

/** -1: no limit. What the JWT does not say is 0, and 0 is a limit. */
export interface AccountLimits {
  readonly subs: number;
  readonly payload: number;
  readonly connections: number;
  readonly leafnodes: number;
  readonly imports: number;
  readonly exports: number;
  readonly wildcardExports: boolean;
  readonly disallowBearer: boolean;
}

export interface ClaimedMapping {
  readonly source: string;
  readonly destinations: readonly {
    readonly subject: string;
    readonly weight: number;
    readonly cluster: string;
  }[];
}

export interface AccountClaims extends Claims {
  readonly version: 1 | 2;
  readonly limits: AccountLimits;
  /** By key; the rights of the users that a scoped key signs, undefined for an ordinary signing key. */
  readonly signingKeys: ReadonlyMap<string, UserRights | undefined>;
  /** By user key or `*`: what was issued then or before does not count any more. Unix seconds. */
  readonly revocations: ReadonlyMap<string, number>;
  readonly defaultPermissions: ClaimedPermissions;
  readonly mappings: readonly ClaimedMapping[];
  readonly exports: readonly ClaimedExport[];
  readonly imports: readonly ClaimedImport[];
  /** External authorization (auth callout): these users need none. Empty: it is off. */
  readonly authUsers: readonly string[];
  readonly allowedAccounts: readonly string[];
  readonly xkey: string;
  readonly description: string;
  readonly infoUrl: string;
}

/** Throws RouterError 'router-jwt'. What else can be wrong with it: `accountProblems`. */
export function decodeAccountClaims(text: string): AccountClaims {
  const token = decodeToken(text, ['account', 'operator']);
  if (token.kind !== 'account') throw jwtError('this is no account JWT');
  const { nats, version } = token;
  const authorization = fieldsIn(nats, 'authorization');
  return {
    ...readClaims(token),
    version,
    limits: readLimits(fieldsIn(nats, 'limits')),
    signingKeys: readSigningKeys(nats, version),
    revocations: readRevocations(nats),
    defaultPermissions: readPermissions(fieldsIn(nats, 'default_permissions')),
    mappings: readMappings(nats),
    exports: readExports(nats),
    imports: readImports(nats),
    authUsers: textsIn(authorization, 'auth_users') ?? [],
    allowedAccounts: textsIn(authorization, 'allowed_accounts') ?? [],
    xkey: textIn(authorization, 'xkey'),
    description: textIn(nats, 'description'),
    infoUrl: textIn(nats, 'info_url'),
  };
}

function readLimits(fields: Fields): AccountLimits {
  return {
    subs: integerIn(fields, 'subs'),
    payload: integerIn(fields, 'payload'),
    connections: integerIn(fields, 'conn'),
    leafnodes: integerIn(fields, 'leaf'),
    imports: integerIn(fields, 'imports'),
    exports: integerIn(fields, 'exports'),
    wildcardExports: flagIn(fields, 'wildcards'),
    disallowBearer: flagIn(fields, 'disallow_bearer'),
  };
}

function readSigningKeys(
  fields: Fields,
  version: 1 | 2,
): ReadonlyMap<string, UserRights | undefined> {
  if (version === 1)
    return new Map((textsIn(fields, 'signing_keys') ?? []).map((key) => [key, undefined]));
  const keys = new Map<string, UserRights | undefined>();
  for (const one of listIn(fields, 'signing_keys') ?? []) {
    if (typeof one === 'string') keys.set(one, undefined);
    else if (typeof one === 'object' && one !== null) {
      const scope = fieldsOf(one, 'signing_keys');
      if (textIn(scope, 'kind') !== 'user_scope')
        throw jwtError('a signing key has an unknown scope');
      keys.set(textIn(scope, 'key'), readRights(fieldsIn(scope, 'template'), -1));
    }
  }
  return keys;
}

function readMappings(fields: Fields): readonly ClaimedMapping[] {
  return entriesIn(fields, 'mappings').map(([source, to]) => ({
    source,
    destinations: (listIn(new Map([['mappings', to]]), 'mappings') ?? []).map((one) => {
      const destination = fieldsOf(one, 'mappings');
      const weight = integerIn(destination, 'weight');
      if (weight < 0 || weight > 255) throw jwtError('a mapping has an impossible weight');
      return {
        subject: textIn(destination, 'subject'),
        weight: weight === 0 ? 100 : weight,
        cluster: textIn(destination, 'cluster'),
      };
    }),
  }));
}
