/** What the HTTP request that opens a WebSocket says, and whether it may. */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { Credentials } from '../auth/types.ts';
import type { WebsocketOptions } from '../options.ts';

const LEAF_PATH = '/leafnode';

/** The path says what is spoken: leaf nodes end theirs in `/leafnode`. */
export function isLeafRequest(request: IncomingMessage): boolean {
  const [path = ''] = (request.url ?? '').split('?', 1);
  return path.endsWith(LEAF_PATH);
}

/** Why the origin is not allowed; undefined when it is. A request without one comes from no browser. */
export function refuteOrigin(
  request: IncomingMessage,
  options: Pick<WebsocketOptions, 'sameOrigin' | 'allowedOrigins'>,
  secure: boolean,
): string | undefined {
  const { sameOrigin = false, allowedOrigins = [] } = options;
  if (!sameOrigin && allowedOrigins.length === 0) return undefined;
  const text = request.headers.origin ?? request.headers['sec-websocket-origin'];
  if (text === undefined || text === '') return undefined;
  const origin = urlOf(String(text));
  if (origin === undefined) return 'the origin is no URL';
  if (sameOrigin) {
    const own = urlOf(`${secure ? 'https' : 'http'}://${request.headers.host ?? ''}`);
    if (own === undefined || !sameHost(own, origin)) return 'not same origin';
  }
  const isAllowed = (allowed: string): boolean => {
    const url = urlOf(allowed);
    return url !== undefined && url.protocol === origin.protocol && sameHost(url, origin);
  };
  if (allowedOrigins.length > 0 && !allowedOrigins.some(isAllowed))
    return 'not in the allowed list';
  return undefined;
}

/** Credentials in cookies, by the names that are configured. */
export function cookieCredentials(
  request: IncomingMessage,
  { jwtCookie, userCookie, passCookie, tokenCookie }: WebsocketOptions,
): Credentials | undefined {
  const names = { jwt: jwtCookie, user: userCookie, pass: passCookie, token: tokenCookie };
  const wanted = Object.entries(names).filter(([, name]) => name !== undefined && name !== '');
  if (wanted.length === 0) return undefined;
  const cookies = parseCookies(request.headers.cookie ?? '');
  const found = wanted.flatMap(([field, name = '']) => {
    const value = cookies.get(name);
    return value === undefined ? [] : [[field, value] as const];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

/** The address that a proxy in front names, if it names one and nothing else; else undefined. */
export function forwardedFor(request: IncomingMessage): string | undefined {
  const value = request.headers['x-forwarded-for'];
  const first = Array.isArray(value) ? value[0] : value;
  return first !== undefined && isIP(first) !== 0 ? first : undefined;
}

/** RFC 6265, section 4.2.1; the first of a name counts. */
function parseCookies(header: string): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=');
    if (equals < 0) continue;
    const name = pair.slice(0, equals).trim();
    const value = pair.slice(equals + 1).trim();
    const bare = value.length > 1 && value.startsWith('"') && value.endsWith('"');
    if (!cookies.has(name)) cookies.set(name, bare ? value.slice(1, -1) : value);
  }
  return cookies;
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function sameHost(a: URL, b: URL): boolean {
  return a.hostname === b.hostname && portOf(a) === portOf(b);
}

function portOf({ port, protocol }: URL): string {
  if (port !== '') return port;
  return protocol === 'https:' || protocol === 'wss:' ? '443' : '80';
}
