import { readClaims, type Claims } from './claims.ts';
import { flagIn, jwtError, textIn, textsIn } from './fields.ts';
import { decodeToken } from './token.ts';

export interface OperatorClaims extends Claims {
  readonly signingKeys: readonly string[];
  /** Key of the system account; empty for none. */
  readonly systemAccount: string;
  /** `major.minor.update` that servers must have at least; empty for any. */
  readonly assertServerVersion: string;
  /** Accounts must be signed by signing keys, and users too. */
  readonly strictSigningKeys: boolean;
}

/** Throws RouterError 'router-jwt'. */
export function decodeOperatorClaims(text: string): OperatorClaims {
  const token = decodeToken(text, ['operator']);
  if (token.kind !== 'operator') throw jwtError('this is no operator JWT');
  const { nats } = token;
  return {
    ...readClaims(token),
    signingKeys: textsIn(nats, 'signing_keys') ?? [],
    systemAccount: textIn(nats, 'system_account'),
    assertServerVersion: textIn(nats, 'assert_server_version'),
    strictSigningKeys: flagIn(nats, 'strict_signing_key_usage'),
  };
}
