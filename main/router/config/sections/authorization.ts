import type { AuthorizationOptions } from '../../options.ts';
import type { Report } from '../problems.ts';
import { problem, readFields, readMap, readString, readTimeout, type Draft } from '../read.ts';
import type { ConfigNode, Position } from '../tree.ts';
import { readPermissions } from './permissions.ts';
import { readUsers, type PlacedUser } from './users.ts';

export interface AuthorizationSection {
  readonly at: Position;
  readonly options: AuthorizationOptions;
  readonly users: readonly PlacedUser[];
}

/** `authorization { … }` at the top level. */
export function readAuthorization(node: ConfigNode, report: Report): AuthorizationSection {
  const draft: Draft<AuthorizationOptions> = {};
  const placed: { users?: readonly PlacedUser[] } = {};
  readFields(
    readMap(node),
    {
      'user|username': (field) => (draft.user = readString(field)),
      'pass|password': (field) => (draft.password = readString(field)),
      token: (field) => (draft.token = readString(field)),
      timeout: (field) => (draft.timeout = readTimeout(field)),
      users: (field) => (placed.users = readUsers(field, report)),
      'default_permission|default_permissions|permissions': (field) =>
        (draft.defaultPermissions = readPermissions(field, report)),
      'auth_callout|auth_hook': (field) => {
        // To go on without would let in whom the callout refuses, or nobody.
        throw problem(field.at, 'authorization callouts are not supported by this router');
      },
    },
    report,
  );
  const { users } = placed;
  const hasLogin = (draft.user ?? '') !== '' || (draft.password ?? '') !== '';
  const hasToken = (draft.token ?? '') !== '';
  if (hasLogin && hasToken) throw problem(node.at, 'Cannot have a user/pass and token');
  if (users !== undefined && (draft.user ?? '') !== '') {
    throw problem(node.at, 'Can not have a single user/pass and a users array');
  }
  if (users !== undefined && hasToken) {
    throw problem(node.at, 'Can not have a token and a users array');
  }
  if (users !== undefined) draft.users = users.map(({ user }) => user);
  return { at: node.at, options: draft, users: users ?? [] };
}

/** `{ user, password, token, timeout }` of sections that know one login only. */
export function readLogin(
  node: ConfigNode,
  report: Report,
): Pick<AuthorizationOptions, 'user' | 'password' | 'token' | 'timeout'> {
  const draft: Draft<AuthorizationOptions> = {};
  readFields(
    readMap(node),
    {
      'user|username': (field) => (draft.user = readString(field)),
      'pass|password': (field) => (draft.password = readString(field)),
      token: (field) => (draft.token = readString(field)),
      timeout: (field) => (draft.timeout = readTimeout(field)),
    },
    report,
  );
  return draft;
}
