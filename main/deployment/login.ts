import { readFileSync } from 'node:fs';
import { credsAuthenticator, type Authenticator } from 'nats';
import type { NatsUser } from '../identity/types.ts';
import { messageOf } from '../base/errors.ts';
import { DeploymentError } from './errors.ts';
import type { Login } from './server-address.ts';

/** How this peer says who it is to one server; at most one of these. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'creds'; readonly file: string }
  | { readonly kind: 'login'; readonly login: Login }
  /** The peer's own user NKey; never the account key (docs/architecture.md, decision 3). */
  | { readonly kind: 'user'; readonly user: NatsUser };

/** Called by the client for every attempt to connect, so that a renewed file is read anew. */
export function authenticatorFor(credentials: Credentials): Authenticator {
  switch (credentials.kind) {
    case 'none':
      return () => undefined;
    case 'creds':
      return (nonce) => credsAuthenticator(readCreds(credentials.file))(nonce);
    case 'login': {
      const { login } = credentials;
      return () =>
        login.kind === 'token'
          ? { auth_token: login.token }
          : { user: login.user, pass: login.password };
    }
    case 'user': {
      const { user } = credentials;
      return (nonce) => {
        // A server that sends no nonce has no use for keys.
        if (nonce === undefined || nonce === '') return undefined;
        const sig = Buffer.from(user.signNonce(Buffer.from(nonce))).toString('base64url');
        return { jwt: user.jwt, nkey: user.key, sig };
      };
    }
  }
}

/** Synchronous: a small local file, and the client asks synchronously. */
function readCreds(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new DeploymentError(
      'nats-creds',
      `The credentials file ${file} cannot be read: ${messageOf(cause)}.`,
      { cause },
    );
  }
}
