import type { AuthorizationOptions } from '../options.ts';
import { refuteChallenge } from './challenge.ts';
import { isTypeAllowed } from './connection-types.ts';
import type { Passwords } from './passwords.ts';
import { isBcrypt } from './secrets.ts';
import type { Admission, ConnectionFacts, Credentials, Refusal } from './types.ts';
import { GLOBAL_ACCOUNT, type Login, type UserTable } from './user-table.ts';
import { admitLogin, refuse, whenRight } from './verdicts.ts';

export type Verdict = Admission | Refusal | Promise<Admission | Refusal>;

/** What one kind of listener demands, over the users that all share. */
export interface LoginRules {
  /** The block's single user or token. */
  readonly single: Pick<AuthorizationOptions, 'user' | 'password' | 'token'>;
  readonly noAuthUser: string | undefined;
  /** The user's name comes from the client's certificate. */
  readonly mapCertificate: boolean;
  /** Where connections go that name nobody; leaf nodes only. Absent: they are refused. */
  readonly defaultAccount?: string;
}

/**
 * Logins by the configuration, in nats-server's order: NKeys, users (by certificate or password), token, single
 * user.
 */
export class ConfigAuthenticator {
  readonly #table: UserTable;
  readonly #rules: LoginRules;
  readonly #passwords: Passwords;

  constructor(table: UserTable, rules: LoginRules, passwords: Passwords) {
    this.#table = table;
    this.#rules = rules;
    this.#passwords = passwords;
  }

  /** Whether anything is asked at all. */
  get required(): boolean {
    const { user, token } = this.#rules.single;
    return !this.#table.isEmpty || filled(user) || filled(token);
  }

  get anonymous(): boolean {
    return this.#rules.noAuthUser !== undefined || !this.required;
  }

  authenticate(credentials: Credentials, facts: ConnectionFacts): Verdict {
    if (!this.required) return { ok: true, account: GLOBAL_ACCOUNT, user: credentials.user ?? '' };
    if (this.#table.nkeys.size > 0) {
      const nkey = this.#nkeyOf(credentials);
      if (nkey !== undefined) return this.#byNKey(nkey, credentials, facts);
    }
    if (this.#table.users.size > 0) {
      const verdict = this.#rules.mapCertificate
        ? this.#byCertificate(credentials, facts)
        : this.#byPassword(credentials, facts);
      if (verdict !== undefined) return verdict;
    }
    const { defaultAccount } = this.#rules;
    if (defaultAccount !== undefined)
      return { ok: true, account: defaultAccount, user: credentials.user ?? '' };
    return this.#bySingle(credentials);
  }

  #nkeyOf(credentials: Credentials): string | undefined {
    if (filled(credentials.nkey)) return credentials.nkey;
    const { noAuthUser } = this.#rules;
    return noAuthUser !== undefined && this.#table.nkeys.has(noAuthUser) && namesNobody(credentials)
      ? noAuthUser
      : undefined;
  }

  #byNKey(nkey: string, { sig }: Credentials, { type, nonce }: ConnectionFacts): Verdict {
    const login = this.#table.nkeys.get(nkey);
    if (login === undefined) return refuse('the NKey is not known');
    if (!isTypeAllowed(login.types, type)) return refuse(`the NKey may not connect as ${type}`);
    const wrong = nkey === this.#rules.noAuthUser ? undefined : refuteChallenge(nkey, nonce, sig);
    return wrong === undefined ? admitLogin(login) : refuse(wrong);
  }

  #byCertificate(credentials: Credentials, { certificate, type }: ConnectionFacts): Verdict {
    if (certificate === undefined)
      return refuse('the user has to come from a certificate, and there is none');
    const login = this.#table.userOf(certificate, type);
    if (login === undefined) return refuse('no user for the certificate');
    return this.#compare(login, credentials.pass ?? '');
  }

  /** Undefined when the client named nobody. */
  #byPassword(credentials: Credentials, { type }: ConnectionFacts): Verdict | undefined {
    const { noAuthUser } = this.#rules;
    if (noAuthUser !== undefined && namesNobody(credentials)) {
      const login = this.#table.users.get(noAuthUser);
      if (login !== undefined) return this.#anonymously(login, type);
    }
    if (!filled(credentials.user)) return undefined;
    const login = this.#table.users.get(credentials.user);
    if (login === undefined) return refuse('the user is not known');
    if (!isTypeAllowed(login.types, type)) return refuse(`the user may not connect as ${type}`);
    return this.#compare(login, credentials.pass ?? '');
  }

  #anonymously(login: Login, type: ConnectionFacts['type']): Verdict {
    if (!isTypeAllowed(login.types, type))
      return refuse(`the anonymous user may not connect as ${type}`);
    // nats-server compares the hash with itself here, which never fits.
    if (isBcrypt(login.password)) return refuse('the anonymous user has a hashed password');
    return admitLogin(login);
  }

  #compare(login: Login, given: string): Verdict {
    return whenRight(
      this.#passwords.check(login.password, given),
      admitLogin(login),
      'the password is wrong',
    );
  }

  #bySingle(credentials: Credentials): Verdict {
    const { user, password = '', token } = this.#rules.single;
    if (filled(token)) {
      const admission: Admission = { ok: true, account: GLOBAL_ACCOUNT, user: '[token]' };
      return whenRight(
        this.#passwords.check(token, credentials.token ?? ''),
        admission,
        'the token is wrong',
      );
    }
    if (!filled(user)) return refuse('no credentials');
    if (user !== credentials.user) return refuse('the user is not known');
    const admission: Admission = { ok: true, account: GLOBAL_ACCOUNT, user };
    return whenRight(
      this.#passwords.check(password, credentials.pass ?? ''),
      admission,
      'the password is wrong',
    );
  }
}

function filled(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}

function namesNobody({ user, pass, token }: Credentials): boolean {
  return !filled(user) && !filled(pass) && !filled(token);
}
