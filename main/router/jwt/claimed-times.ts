import { integerIn, textIn } from './fields.ts';
import { decodeGenericToken } from './token.ts';

/** When a JWT of any kind was issued and ends (Unix seconds, 0 for what it does not say or is no JWT). */
export function claimedTimes(jwt: string): { issuedAt: number; expires: number; id: string } {
  try {
    const { fields } = decodeGenericToken(jwt);
    return {
      issuedAt: integerIn(fields, 'iat'),
      expires: integerIn(fields, 'exp'),
      id: textIn(fields, 'jti'),
    };
  } catch {
    // A file that is no JWT has no times; whoever reads it for a login finds out.
    return { issuedAt: 0, expires: 0, id: '' };
  }
}
