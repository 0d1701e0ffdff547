import { isIP } from 'node:net';
import { DeploymentError } from './errors.ts';

const DEFAULT_PORT = 4222;
const MAX_LENGTH = 512;

export interface ServerAddress {
  /** `nats://host:4222` or `tls://host:4222`, without credentials: the only form that is shown or passed on. */
  readonly url: string;
  readonly tls: boolean;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** Credentials that stood in the address; never logged, never passed on. */
  readonly login: Login | null;
}

export type Login =
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  | { readonly kind: 'token'; readonly token: string };

/**
 * Reads `host`, `host:port`, `nats://[user:password@]host[:port]` or `tls://…`.
 *
 * @throws DeploymentError `nats-address`; its message never repeats credentials
 */
export function parseServerAddress(text: string): ServerAddress {
  const shown = text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1').slice(0, 100);
  const fail = (why: string): DeploymentError =>
    new DeploymentError('nats-address', `"${shown}" is no address of a NATS server: ${why}.`);
  if (text.length > MAX_LENGTH) throw fail('it is too long');
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === 'ws' || scheme === 'wss') throw fail('WebSocket addresses are not supported');
  if (scheme !== undefined && scheme !== 'nats' && scheme !== 'tls') {
    throw fail(`${scheme}:// is not supported`);
  }
  // As http, so that the URL parser checks and normalizes the host name (case, IDNA, IPv4 forms).
  const rest = text.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '');
  const port = /:(\d{1,5})\/?$/.exec(rest)?.[1];
  let url: URL;
  let login: Login | null;
  try {
    url = new URL(`http://${rest}`);
    login = loginOf(url);
  } catch {
    // Neither error is passed on: both repeat the whole text, credentials included.
    throw fail('user, host or port is malformed');
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw fail('only a host and a port may follow');
  }
  const number = port === undefined ? DEFAULT_PORT : Number(port);
  if (number < 1 || number > 65_535) throw fail('the port is out of range');
  const tls = scheme === 'tls';
  return {
    url: `${tls ? 'tls' : 'nats'}://${url.hostname}:${number}`,
    tls,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: number,
    login,
  };
}

function loginOf(url: URL): Login | null {
  if (url.username === '') return null;
  const user = decodeURIComponent(url.username);
  if (url.password === '') return { kind: 'token', token: user };
  return { kind: 'password', user, password: decodeURIComponent(url.password) };
}

/** Whether the host needs no resolver but the operating system's (IP literals and `localhost`). */
export function isLocalName(host: string): boolean {
  return isIP(host) !== 0 || host === 'localhost';
}
