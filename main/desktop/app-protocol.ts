/**
 * `skerry-app://ui/…`: the app's own files under a scheme of their own, so that no page is ever loaded from `file:`
 * (which may read every file) or from a port (which every local program may use).
 */
import { readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { protocol, type Session } from 'electron';
import { contentSecurityPolicy } from '../api/ui-server/security-headers.ts';
import { codeOf } from '../base/errors.ts';
import { passphraseFile } from './passphrase-page.ts';

export const APP_SCHEME = 'skerry-app';
/** The origin of the main window, and the only one whose IPC is answered. */
export const APP_ORIGIN = `${APP_SCHEME}://ui`;
export const APP_URL = `${APP_ORIGIN}/index.html`;
/** The small window that asks for a passphrase: an origin of its own, with no script at all. */
export const PASSPHRASE_ORIGIN = `${APP_SCHEME}://passphrase`;

/** The origin of an address; Node's `URL.origin` is "null" for schemes it does not know. */
export function originOf(address: string): string {
  if (!URL.canParse(address)) return 'an unreadable address';
  const url = new URL(address);
  return `${url.protocol}//${url.host}`;
}

/** What the renderer's build consists of; anything else is not served. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/** Must run before the app is ready. `standard` gives the pages an origin, `secure` the web crypto of one. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Serves the app's files to the pages of `session`. */
export function serveApp(session: Session, rendererFolder: string): void {
  session.protocol.handle(APP_SCHEME, (request) => respond(request, rendererFolder));
}

/**
 * Answers one request for a file of the app. Never reads outside `rendererFolder`, whatever the path says.
 *
 * @returns 200 with the policy of the UI, or 404, 405
 */
export async function respond(
  request: Pick<Request, 'url' | 'method'>,
  rendererFolder: string,
): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refusal(405);
  const url = new URL(request.url);
  const body =
    url.host === 'ui'
      ? await readAppFile(url.pathname, rendererFolder)
      : url.host === 'passphrase'
        ? passphraseFile(url)
        : undefined;
  const mediaType = MEDIA_TYPES[extname(url.pathname)];
  if (body === undefined || mediaType === undefined) return refusal(404);
  return new Response(request.method === 'HEAD' ? null : body, {
    headers: {
      'content-type': mediaType,
      'content-security-policy': contentSecurityPolicy(),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    },
  });
}

async function readAppFile(
  pathname: string,
  folder: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const parts = safeParts(pathname);
  if (parts === undefined) return undefined;
  const file = join(folder, ...parts);
  // The parts are checked already; this holds even if that check should ever be wrong.
  if (!file.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return undefined;
  try {
    return new Uint8Array(await readFile(file));
  } catch (error) {
    if (['ENOENT', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG'].includes(codeOf(error) ?? '')) {
      return undefined;
    }
    throw error;
  }
}

/** The decoded parts of a URL's path, or undefined when one could lead elsewhere on some system. */
function safeParts(pathname: string): string[] | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    // A malformed escape names no file of ours.
    return undefined;
  }
  const parts = decoded.split('/').slice(1);
  const isSafe = parts.every((part) => /^[\w@-][\w@.-]*$/.test(part));
  return isSafe ? parts : undefined;
}

function refusal(status: 404 | 405): Response {
  return new Response(null, {
    status,
    headers: { 'content-security-policy': "default-src 'none'" },
  });
}
