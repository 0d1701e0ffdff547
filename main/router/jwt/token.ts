/** A JWT as NATS signs them: `header.claims.signature`, Ed25519 by the NKey that `iss` names (NATS ADR-14). */
import { decodeNKey, type NKeyRole } from '../../base/nkey.ts';
import { verifyRawSignature } from '../../base/signature.ts';
import { fieldsOf, fieldsIn, integerIn, jwtError, textIn, type Fields } from './fields.ts';

/** Characters of a whole JWT. Accounts with many exports are long; a user's has to fit a control line. */
export const MAX_JWT_LENGTH = 1024 * 1024;
const MAX_DEPTH = 32;

export interface Token {
  /** Fields of the claims, verified to be the issuer's. */
  readonly fields: Fields;
  /** The part under `nats`. */
  readonly nats: Fields;
  /** `user`, `account`, … */
  readonly kind: string;
  readonly version: 1 | 2;
  readonly issuer: string;
}

/**
 * Takes a JWT apart and verifies its signature. Whether its issuer is trusted is another question.
 *
 * Throws RouterError 'router-jwt'.
 * @param signers which keys may sign this kind
 */
export function decodeToken(text: string, signers: readonly NKeyRole[]): Token {
  const { header, claims, signature, signed, body } = split(text);
  checkHeader(header);
  const fields = fieldsOf(claims, 'claims');
  const nats = fieldsIn(fields, 'nats');
  // Version 1 has the kind beside `nats`, not in it, and signs the claims without the header.
  const outer = textIn(fields, 'type');
  const version = outer === '' ? integerIn(nats, 'version') : 1;
  if (version !== 1 && version !== 2)
    throw jwtError(`the JWT has version ${version}, known are 1 and 2`);
  if (version === 1 && outer === '') throw jwtError('the JWT has version 1 and no type');
  const issuer = textIn(fields, 'iss');
  verifyIssuer(issuer, version === 1 ? body : signed, signature, signers);
  return { fields, nats, kind: outer === '' ? textIn(nats, 'type') : outer, version, issuer };
}

/** Claims of no particular kind, as the request to delete accounts has them. Throws RouterError 'router-jwt'. */
export function decodeGenericToken(text: string): Pick<Token, 'fields' | 'nats' | 'issuer'> {
  const { header, claims, signature, signed, body } = split(text);
  const old = checkHeader(header) === 'ed25519';
  const fields = fieldsOf(claims, 'claims');
  const issuer = textIn(fields, 'iss');
  verifyIssuer(issuer, old ? body : signed, signature, ['operator', 'account', 'user', 'server']);
  return { fields, nats: fieldsIn(fields, 'nats'), issuer };
}

/** The JWT of a text with `-----BEGIN … JWT-----` lines around it, or the text itself. */
export function undecorate(text: string): string {
  return (
    /-----BEGIN [A-Z ]*JWT-----\s*([\w-]+\.[\w-]+\.[\w-]+)\s*-+END/.exec(text)?.[1] ?? text.trim()
  );
}

interface Parts {
  readonly header: unknown;
  readonly claims: unknown;
  readonly signature: Uint8Array;
  /** What version 2 signs. */
  readonly signed: string;
  /** What version 1 signs. */
  readonly body: string;
}

function split(text: string): Parts {
  if (text.length > MAX_JWT_LENGTH) throw jwtError('the JWT is too long');
  // Files end in a line feed.
  const [header = '', body = '', signature = '', ...more] = text.replace(/[\r\n]+$/, '').split('.');
  if (header === '' || body === '' || signature === '' || more.length > 0)
    throw jwtError('a JWT has three parts');
  return {
    header: parseJson(decodeBase64url(header)),
    claims: parseJson(decodeBase64url(body)),
    signature: decodeBase64url(signature),
    signed: `${header}.${body}`,
    body,
  };
}

function checkHeader(header: unknown): string {
  const fields = fieldsOf(header, 'header');
  if (textIn(fields, 'typ').toUpperCase() !== 'JWT')
    throw jwtError('the header says that this is no JWT');
  const algorithm = textIn(fields, 'alg').toLowerCase();
  if (algorithm !== 'ed25519-nkey' && algorithm !== 'ed25519')
    throw jwtError('the JWT is not signed with an NKey');
  return algorithm;
}

function verifyIssuer(
  issuer: string,
  signed: string,
  signature: Uint8Array,
  signers: readonly NKeyRole[],
): void {
  const raw = signers.map((role) => decodeNKey(role, issuer)).find((key) => key !== undefined);
  if (raw === undefined) throw jwtError('the issuer has no right to sign this');
  if (!verifyRawSignature(raw, Buffer.from(signed, 'latin1'), signature))
    throw jwtError('the signature is wrong');
}

/** Strict: only the alphabet, no padding, no bits left over. */
function decodeBase64url(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) throw jwtError('a part of the JWT is no base64url');
  return bytes;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parseJson(bytes: Buffer): unknown {
  if (depthOf(bytes) > MAX_DEPTH) throw jwtError('the JWT is nested too deeply');
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    // The parser's message quotes the text, which may be somebody's credentials.
    throw jwtError('a part of the JWT is no JSON');
  }
}

/** How deep the brackets outside of texts go. */
function depthOf(bytes: Buffer): number {
  let depth = 0;
  let deepest = 0;
  let inText = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (inText) {
      if (byte === 0x5c) i++;
      else if (byte === 0x22) inText = false;
    } else if (byte === 0x22) inText = true;
    else if (byte === 0x7b || byte === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return deepest;
}
