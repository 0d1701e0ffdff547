import { decodeNKey } from '../../base/nkey.ts';
import { messageOf } from '../../base/errors.ts';
import { RouterError } from '../errors.ts';
import type { OperatorOptions } from '../options.ts';
import { decodeOperatorClaims, type OperatorClaims } from './operator-claims.ts';
import { undecorate } from './token.ts';

/** The operators that a router trusts: accounts count when one of their keys signed them. */
export class TrustedOperators {
  /** The keys that may sign accounts. */
  readonly keys: ReadonlySet<string>;
  readonly operators: readonly OperatorClaims[];
  /** Signing keys of strict operators: what they sign may itself sign users with signing keys only. */
  readonly #strictKeys: ReadonlySet<string>;

  /**
   * Throws RouterError 'router-config' for operators that cannot be.
   *
   * @param version this router's, `major.minor.update`, for operators that assert one
   */
  constructor(options: OperatorOptions, version: string) {
    const { jwts = [], trustedKeys = [] } = options;
    if (jwts.length > 0 && trustedKeys.length > 0)
      throw refused("conflicting options for 'TrustedKeys' and 'TrustedOperators'");
    this.operators = jwts.map(decode);
    for (const operator of this.operators) requireVersion(operator, version);
    const keys = this.operators.flatMap(({ subject, signingKeys, strictSigningKeys }) => [
      ...(strictSigningKeys ? [] : [subject]),
      ...signingKeys,
    ]);
    this.keys = new Set([...keys, ...trustedKeys]);
    for (const key of this.keys)
      if (decodeNKey('operator', key) === undefined)
        throw refused(`trusted Keys "${key}" are required to be a valid public operator nkey`);
    if (this.keys.size === 0) throw refused('an operator without keys signs nothing');
    this.#strictKeys = new Set(
      this.operators
        .filter(({ strictSigningKeys }) => strictSigningKeys)
        .flatMap(({ signingKeys }) => signingKeys),
    );
  }

  /** Key of the system account that the first operator names, if it does. */
  get systemAccount(): string | undefined {
    return this.operators[0]?.systemAccount || undefined;
  }

  /** Whether accounts that this key signed need signing keys for their users. */
  isStrict(issuer: string): boolean {
    return this.#strictKeys.has(issuer);
  }
}

function decode(text: string): OperatorClaims {
  try {
    return decodeOperatorClaims(undecorate(text));
  } catch (error) {
    throw refused(`the operator JWT is not valid: ${messageOf(error)}`);
  }
}

function requireVersion({ subject, assertServerVersion }: OperatorClaims, version: string): void {
  if (assertServerVersion === '') return;
  if (!/^\d+\.\d+\.\d+$/.test(assertServerVersion))
    throw refused(
      `operator ${subject} asserts "${assertServerVersion}", which is no server version`,
    );
  const wanted = assertServerVersion.split('.').map(Number);
  const own = version.split('.').map(Number);
  const differs = wanted.findIndex((part, i) => part !== (own[i] ?? 0));
  if (differs >= 0 && (wanted[differs] ?? 0) > (own[differs] ?? 0))
    throw refused(
      `operator ${subject} expects server version ${assertServerVersion}, this is ${version}`,
    );
}

function refused(message: string): RouterError {
  return new RouterError('router-config', message);
}
