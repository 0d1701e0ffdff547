import type { LeafnodeOptions } from '../options.ts';
import { CertificateUsers } from './certificate-users.ts';
import { refuteChallenge } from './challenge.ts';
import type { Verdict } from './config-authenticator.ts';
import type { Passwords } from './passwords.ts';
import type { ConnectionFacts, Credentials } from './types.ts';
import { GLOBAL_ACCOUNT } from './user-table.ts';
import { refuse, whenRight } from './verdicts.ts';

type LeafAuthorization = NonNullable<LeafnodeOptions['authorization']>;
type LeafUser = NonNullable<LeafAuthorization['users']>[number];

/** Logins of leaf nodes by their own `authorization` block: a single user or NKey, or a list. */
export class LeafAuthenticator {
  readonly #users: readonly LeafUser[];
  readonly #certificates: CertificateUsers | undefined;
  readonly #passwords: Passwords;

  /** Undefined when the block demands nothing: leaf nodes then log in as clients do. */
  static of(
    options: LeafnodeOptions | undefined,
    passwords: Passwords,
  ): LeafAuthenticator | undefined {
    const block = options?.authorization;
    if (block === undefined) return undefined;
    const single = filled(block.user) || filled(block.nkey);
    const users = single ? [block] : (block.users ?? []);
    if (users.length === 0) return undefined;
    const mapCertificate = !single && options?.tls?.verifyAndMap === true;
    return new LeafAuthenticator(users, mapCertificate, passwords);
  }

  private constructor(users: readonly LeafUser[], mapCertificate: boolean, passwords: Passwords) {
    this.#users = users;
    this.#passwords = passwords;
    if (mapCertificate)
      this.#certificates = new CertificateUsers(users.flatMap(({ user }) => user ?? []));
  }

  authenticate(credentials: Credentials, facts: ConnectionFacts): Verdict {
    if (this.#certificates === undefined)
      return this.#check(this.#named(credentials), credentials, facts);
    if (facts.certificate === undefined) return refuse('the user has to come from a certificate');
    const name = this.#certificates.find(facts.certificate, () => true);
    return this.#check(
      this.#users.find(({ user }) => user !== undefined && user === name),
      credentials,
      facts,
    );
  }

  /** The list is short, as in nats-server. */
  #named({ user, nkey }: Credentials): LeafUser | undefined {
    return this.#users.find((one) =>
      filled(one.user) ? one.user === user : filled(one.nkey) && one.nkey === nkey,
    );
  }

  #check(
    login: LeafUser | undefined,
    { pass = '', sig }: Credentials,
    { nonce }: ConnectionFacts,
  ): Verdict {
    if (login === undefined) return refuse('the leaf node user is not known');
    const { user, nkey, password = '', account = GLOBAL_ACCOUNT } = login;
    if (filled(user)) {
      const admission = { ok: true, account, user } as const;
      return whenRight(this.#passwords.check(password, pass), admission, 'the password is wrong');
    }
    const wrong = refuteChallenge(nkey ?? '', nonce, sig);
    return wrong === undefined ? { ok: true, account, user: nkey ?? '' } : refuse(wrong);
  }
}

function filled(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}
