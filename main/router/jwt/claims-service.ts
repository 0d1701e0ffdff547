/** Requests of the system account about account JWTs: `$SYS.REQ.CLAIMS.*`, `$SYS.REQ.ACCOUNT.<key>.CLAIMS.*`. */
import { decodeNKey } from '../../base/nkey.ts';
import { messageOf } from '../../base/errors.ts';
import type { RouterLog } from '../log.ts';
import { decodeAccountClaims, type AccountClaims } from './account-claims.ts';
import { accountProblems } from './account-problems.ts';
import { jwtError, listIn, textIn } from './fields.ts';
import type { OperatorAccounts } from './operator-accounts.ts';
import type { TrustedOperators } from './operators.ts';
import type { AccountDirectory, AccountStore } from './resolver.ts';
import { decodeGenericToken } from './token.ts';

/** What to answer: JSON to which the caller adds `server`, or messages as they are. */
export type ClaimsAnswer =
  | { readonly kind: 'json'; readonly body: Readonly<Record<string, unknown>> }
  | { readonly kind: 'raw'; readonly messages: AsyncIterable<string> | readonly string[] };

interface ClaimsSubscription {
  readonly subject: string;
  readonly queue?: string;
}

interface ClaimsServiceDeps {
  readonly operators: TrustedOperators;
  readonly accounts: OperatorAccounts;
  readonly store: AccountStore | undefined;
  readonly systemAccount: string | undefined;
  readonly log: RouterLog;
}

export class ClaimsService {
  /** What the system account has to subscribe to. */
  readonly subscriptions: readonly ClaimsSubscription[];
  readonly #deps: ClaimsServiceDeps;
  readonly #directory: AccountDirectory | undefined;

  constructor(deps: ClaimsServiceDeps) {
    this.#deps = deps;
    this.#directory = deps.store?.directory;
    this.subscriptions = [
      { subject: '$SYS.REQ.ACCOUNT.*.CLAIMS.UPDATE' },
      { subject: '$SYS.ACCOUNT.*.CLAIMS.UPDATE' },
      ...(this.#directory === undefined
        ? []
        : [
            { subject: '$SYS.REQ.CLAIMS.UPDATE' },
            { subject: '$SYS.REQ.CLAIMS.LIST' },
            { subject: '$SYS.REQ.CLAIMS.DELETE' },
          ]),
      ...(this.#directory?.kind === 'full'
        ? [
            { subject: '$SYS.REQ.ACCOUNT.*.CLAIMS.LOOKUP' },
            { subject: '$SYS.REQ.CLAIMS.PACK', queue: 'responder' },
          ]
        : []),
    ];
  }

  /**
   * @param payload without headers
   * @returns undefined for subjects that are none of these, and where nats-server stays silent
   */
  async answer(subject: string, payload: Uint8Array): Promise<ClaimsAnswer | undefined> {
    const tokens = subject.split('.');
    const verb = tokens.slice(-2).join('.');
    const named = tokens.at(-4) === 'ACCOUNT' ? tokens.at(-3) : undefined;
    const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    if (verb === 'CLAIMS.UPDATE') return this.#update(named, text.toString('latin1'));
    const directory = this.#directory;
    if (directory === undefined) return undefined;
    if (verb === 'CLAIMS.LOOKUP' && named !== undefined) return this.#lookup(named);
    if (verb === 'CLAIMS.LIST') return json({ data: await directory.list() });
    if (verb === 'CLAIMS.DELETE') return this.#delete(directory, text.toString('latin1'));
    if (verb === 'CLAIMS.PACK') return pack(directory, text);
    return undefined;
  }

  /** @param key of the subject; undefined: the JWT says whose it is */
  async #update(key: string | undefined, jwt: string): Promise<ClaimsAnswer> {
    const { accounts } = this.#deps;
    const suffix = this.#directory?.kind === 'cache' ? ' cache' : '';
    // A full directory does not look at the subject for what it cannot read (nats-server).
    const report = this.#reporter((this.#directory?.kind === 'full' ? undefined : key) ?? 'n/a');
    let claims: AccountClaims;
    try {
      if (jwt === '') return report('jwt update error', 'request body is empty');
      claims = decodeAccountClaims(jwt);
    } catch (error) {
      return report(`jwt update${suffix} resulted in error`, messageOf(error));
    }
    const account = this.#reporter(key ?? claims.subject);
    const wrong = this.#reasonAgainst(claims, key);
    if (wrong !== undefined) return account(`jwt update${suffix} resulted in error`, wrong);
    const isKnown = accounts.known(claims.subject) !== undefined;
    if (this.#directory?.kind !== 'full' && !isKnown) return account(`jwt update${suffix} skipped`);
    const [problem] = accountProblems(claims);
    if (problem !== undefined)
      return account(`jwt${suffix && ' update cache'} validation failed`, problem);
    try {
      await this.#apply(claims.subject, jwt);
    } catch (error) {
      return account(`jwt update${suffix} resulted in error`, messageOf(error));
    }
    return account(suffix === '' ? 'jwt updated' : 'jwt updated cache');
  }

  /** A directory keeps also what cannot come into force now, as nats-server's does. */
  async #apply(key: string, jwt: string): Promise<void> {
    const { accounts, store, log } = this.#deps;
    if (this.#directory === undefined) {
      accounts.update(key, jwt);
      return;
    }
    await store?.put(key, jwt);
    try {
      accounts.update(key, jwt);
    } catch (error) {
      log.error(`Update for account "${key}" resulted in error ${messageOf(error)}`);
    }
  }

  #reasonAgainst({ subject, issuer }: AccountClaims, key: string | undefined): string | undefined {
    const { operators } = this.#deps;
    if (key !== undefined && subject !== key) return 'subject does not match jwt content';
    const [operator] = operators.operators;
    if (operator?.strictSigningKeys === true && issuer === operator.subject)
      return 'operator requires issuer to be a signing key';
    return operators.keys.has(issuer) ? undefined : 'the issuer is not trusted';
  }

  async #lookup(key: string): Promise<ClaimsAnswer> {
    const jwt = await this.#deps.accounts.stored(key);
    return { kind: 'raw', messages: [jwt ?? ''] };
  }

  async #delete(directory: AccountDirectory, jwt: string): Promise<ClaimsAnswer> {
    const report = this.#reporter(undefined);
    let who = '';
    let keys: readonly string[];
    try {
      const { fields, nats, issuer } = decodeGenericToken(jwt);
      who = textIn(fields, 'sub');
      keys = this.#deletable(who, issuer, listIn(nats, 'accounts'), directory);
    } catch (error) {
      return report(`delete accounts request by ${who} failed`, messageOf(error));
    }
    const errors: string[] = [];
    for (const key of keys) {
      try {
        if (await directory.remove(key)) this.#deps.accounts.remove(key);
      } catch (error) {
        errors.push(messageOf(error));
      }
    }
    const done = `deleted ${keys.length - errors.length} accounts`;
    return errors.length === 0
      ? report(done)
      : report(`${done}, failed for ${errors.length}`, errors.join('\n'));
  }

  /** Only an operator's own key or signing key may delete. Throws RouterError 'router-jwt'. */
  #deletable(
    subject: string,
    issuer: string,
    accounts: readonly unknown[] | undefined,
    { allowDelete }: AccountDirectory,
  ): readonly string[] {
    if (!allowDelete) throw jwtError('delete must be enabled in server config');
    if (subject !== issuer) throw jwtError('not self signed');
    if (!this.#deps.operators.keys.has(issuer)) throw jwtError('not trusted');
    if (accounts === undefined) throw jwtError('malformed request');
    return accounts.map((key) => {
      if (typeof key !== 'string' || decodeNKey('account', key) === undefined)
        throw jwtError('malformed request');
      if (key === this.#deps.systemAccount) throw jwtError('not allowed to delete system account');
      return key;
    });
  }

  /** Answers and log lines as nats-server has them: a message, or a message with what went wrong. */
  #reporter(account: string | undefined): (message: string, error?: string) => ClaimsAnswer {
    const { log } = this.#deps;
    const who = account === undefined ? {} : { account };
    return (message, error) => {
      const named = account === undefined ? message : `${message} - ${account}`;
      if (error === undefined) {
        log.debug(named);
        return json({ data: { ...who, code: 200, message } });
      }
      log.error(`${named} - ${error}`);
      return json({ error: { ...who, code: 500, description: `${message} - ${error}` } });
    };
  }
}

function json(body: Readonly<Record<string, unknown>>): ClaimsAnswer {
  return { kind: 'json', body };
}

/** All JWTs, one message each, and an empty one at the end; that alone when the asker has the same. */
function pack(directory: AccountDirectory, theirHash: Buffer): ClaimsAnswer {
  if (theirHash.equals(directory.hash())) return { kind: 'raw', messages: [''] };
  async function* messages(): AsyncGenerator<string> {
    yield* directory.pack();
    yield '';
  }
  return { kind: 'raw', messages: messages() };
}
