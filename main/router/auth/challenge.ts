import { decodeNKey } from '../../base/nkey.ts';
import { verifyRawSignature } from '../../base/signature.ts';

/** 64 bytes in base64 are 86 characters, 88 with padding. */
const MAX_SIGNATURE_TEXT = 88;

/**
 * Whether the user signed INFO's nonce: Ed25519 over its text, in base64url without padding, or in ordinary
 * base64 as older clients have it.
 *
 * @param user `U…`
 * @returns undefined when right, else why not, for the log
 */
export function refuteChallenge(
  user: string,
  nonce: string | undefined,
  signature: string | undefined,
): string | undefined {
  if (signature === undefined || signature === '') return 'the signature is missing';
  if (nonce === undefined) return 'no challenge was sent';
  if (signature.length > MAX_SIGNATURE_TEXT || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(signature))
    return 'the signature is no base64';
  const raw = decodeNKey('user', user);
  if (raw === undefined) return 'the user key is no NKey';
  const right = verifyRawSignature(
    raw,
    Buffer.from(nonce, 'latin1'),
    Buffer.from(signature, 'base64'),
  );
  return right ? undefined : 'the signature is wrong';
}
