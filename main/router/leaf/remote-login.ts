/** How this router logs in as a leaf node: by a .creds file, an NKey seed, or what stands in the URL. */
import { createPrivateKey, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Prefix } from 'nkeys.js';
import { Codec } from 'nkeys.js/lib/codec.js';
import { codeOf, messageOf } from '../../base/errors.ts';
import { RouterError } from '../errors.ts';

/** The fields of CONNECT. */
export interface LeafLogin {
  readonly user?: string;
  readonly pass?: string;
  readonly auth_token?: string;
  readonly nkey?: string;
  readonly jwt?: string;
  readonly sig?: string;
}

/** PKCS #8 of an Ed25519 key up to the seed itself (RFC 8410, section 7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
/** What stands between a line of dashes that begins something and one that ends it. */
const SECTION = /-{3,}[^\n]*BEGIN[^\n]*-{3,}\r?\n\s*([\w.=-]+)\s*\r?\n-{3,}[^\n]*END[^\n]*-{3,}/g;
const LARGEST_FILE = 1_048_576;

/**
 * A `.creds` file's JWT, and its seed's signature over the challenge.
 *
 * @throws RouterError 'router-config', which never holds what is in the file
 */
export async function loginByFile(path: string, nonce: string): Promise<LeafLogin> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new RouterError(
      'router-config',
      `The credentials file ${path} cannot be read (${codeOf(error) ?? messageOf(error)}).`,
    );
  });
  const [jwt, seed] = Array.from(text.slice(0, LARGEST_FILE).matchAll(SECTION), ([, part]) => part);
  if (jwt === undefined || seed === undefined) {
    throw new RouterError('router-config', `The credentials file ${path} is malformed.`);
  }
  return { jwt, sig: signChallenge(seed, nonce).sig };
}

/** @throws RouterError 'router-config' */
export function loginBySeed(seed: string, nonce: string): LeafLogin {
  return signChallenge(seed, nonce);
}

/**
 * User and password of a URL; a user alone is a token as well. Undefined for a URL without.
 */
export function loginOfUrl(url: URL): LeafLogin | undefined {
  const user = decodeURIComponent(url.username);
  const pass = decodeURIComponent(url.password);
  if (user === '' && pass === '') return undefined;
  return pass === '' ? { user, auth_token: user } : { user, pass };
}

function signChallenge(seed: string, nonce: string): { nkey: string; sig: string } {
  let raw: Uint8Array;
  try {
    const decoded = Codec.decodeSeed(new TextEncoder().encode(seed));
    if (decoded.prefix !== Prefix.User) throw new TypeError('not a user');
    raw = decoded.buf;
  } catch {
    // What nearly is a seed is nearly a secret: nothing of it is said.
    throw new RouterError('router-config', 'The seed of a leaf node remote is no user seed.');
  }
  const der = Buffer.concat([PKCS8_PREFIX, raw]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0);
  const jwk = privateKey.export({ format: 'jwk' });
  const publicKey = Buffer.from(String(jwk.x), 'base64url');
  const nkey = new TextDecoder().decode(Codec.encode(Prefix.User, publicKey));
  return { nkey, sig: sign(null, Buffer.from(nonce, 'latin1'), privateKey).toString('base64url') };
}
