import { RouterError } from '../errors.ts';
import type { ConnectionType, PermissionOptions, RouterOptions, UserOptions } from '../options.ts';
import { CertificateUsers } from './certificate-users.ts';
import { isTypeAllowed } from './connection-types.ts';

export const GLOBAL_ACCOUNT = '$G';
export const SYSTEM_ACCOUNT = '$SYS';

/** One configured user, with what it gets. */
export interface Login {
  /** User name or NKey. */
  readonly name: string;
  readonly password: string;
  readonly account: string;
  readonly permissions: PermissionOptions | undefined;
  readonly types: readonly ConnectionType[] | undefined;
}

/** Everybody who can log in by the configuration, to be found by name in one step. */
export class UserTable {
  readonly users = new Map<string, Login>();
  readonly nkeys = new Map<string, Login>();
  /** The user that needs no credentials, if there is one. */
  readonly noAuthUser: string | undefined;
  /** nats-server keeps saying `auth_required` where it made the anonymous user itself. */
  readonly noAuthUserIsImplied: boolean;
  readonly #certificates: CertificateUsers;

  /** Throws RouterError 'router-config' for users that cannot be. */
  constructor(options: RouterOptions) {
    const { authorization, accounts = [] } = options;
    this.#add(GLOBAL_ACCOUNT, authorization?.users, authorization?.defaultPermissions);
    for (const { name, users, defaultPermissions } of accounts)
      this.#add(name, users, defaultPermissions);
    this.noAuthUserIsImplied = hasOnlySystemAccount(options);
    if (this.noAuthUserIsImplied) this.noAuthUser = this.#imply();
    else this.noAuthUser = options.noAuthUser || undefined;
    this.#certificates = new CertificateUsers(this.users.keys());
    this.#requireUser(this.noAuthUser);
    this.#requireUser(options.websocket?.noAuthUser);
  }

  get isEmpty(): boolean {
    return this.users.size === 0 && this.nkeys.size === 0;
  }

  userOf(
    identity: Parameters<CertificateUsers['find']>[0],
    type: ConnectionType,
  ): Login | undefined {
    const may = (user: string): boolean => isTypeAllowed(this.users.get(user)?.types, type);
    const user = this.#certificates.find(identity, may);
    return user === undefined ? undefined : this.users.get(user);
  }

  /** Throws when `no_auth_user` names nobody. */
  #requireUser(name: string | undefined): void {
    if (name === undefined || name === '' || this.users.has(name) || this.nkeys.has(name)) return;
    const why = this.isEmpty
      ? 'present, but users/nkeys are not defined'
      : 'not present as user or nkey in authorization block or account configuration';
    throw new RouterError('router-config', `no_auth_user: "${name}" ${why}`);
  }

  #add(
    account: string,
    users: readonly UserOptions[] = [],
    defaults: PermissionOptions | undefined,
  ): void {
    for (const {
      user,
      nkey,
      password = '',
      permissions = defaults,
      allowedConnectionTypes,
    } of users) {
      const name = nkey ?? user ?? '';
      const table = nkey === undefined ? this.users : this.nkeys;
      if (name === '') throw new RouterError('router-config', 'User entry requires a user');
      if (table.has(name))
        throw new RouterError('router-config', `Duplicate user "${name}" detected`);
      table.set(name, { name, password, account, permissions, types: allowedConnectionTypes });
    }
  }

  #imply(): string {
    const name = 'nats-anonymous';
    this.users.set(name, {
      name,
      password: '',
      account: GLOBAL_ACCOUNT,
      permissions: undefined,
      types: undefined,
    });
    return name;
  }
}

/**
 * With nothing but users of the system account, everybody else stays welcome in the global account
 * (nats-server's rule, so that giving the system account a user locks nobody out).
 */
function hasOnlySystemAccount(options: RouterOptions): boolean {
  if (options.operator !== undefined || options.authorization !== undefined) return false;
  if (options.noAuthUser !== undefined && options.noAuthUser !== '') return false;
  const others = (options.accounts ?? []).filter(({ name }) => name !== GLOBAL_ACCOUNT);
  return others.length === 1 && others[0]?.name === (options.systemAccount ?? SYSTEM_ACCOUNT);
}
