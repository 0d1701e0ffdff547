/**
 * What holds for every page of the app, whoever opened it: it stays where it is, opens nothing, loads nothing from
 * a network and is granted nothing. A page that a peer's text should ever take over gains no more than it had.
 */
import { app, shell, type Session, type WebContents } from 'electron';
import { APP_ORIGIN, APP_SCHEME, originOf } from './app-protocol.ts';

const MAX_EXTERNAL_LENGTH = 2048;

/** Schemes a page may load from: its own files, and what it made itself. */
const LOCAL_SCHEMES = new Set([`${APP_SCHEME}:`, 'devtools:', 'blob:', 'data:']);

/** Guards all pages that will ever be made. Call once, before the first window. */
export function guardAllPages(): void {
  app.on('web-contents-created', (_event, contents) => guardPage(contents));
}

function guardPage(contents: WebContents): void {
  contents.setWindowOpenHandler(({ url }) => {
    openOutside(url);
    return { action: 'deny' };
  });
  contents.on('will-navigate', (event, url) => {
    event.preventDefault();
    openOutside(url);
  });
  contents.on('will-frame-navigate', (event) => event.preventDefault());
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
}

/**
 * Denies every device, every request that is not for the app's own files, and every permission but one: to copy a
 * text on a click (`clipboard-sanitized-write`), which browsers give each page unasked, and only to the app's own.
 */
export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, callback, details) => {
    callback(isAllowed(permission, details.requestingUrl));
  });
  session.setPermissionCheckHandler((_contents, permission, origin) =>
    isAllowed(permission, origin),
  );
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest(({ url }, callback) => {
    callback({ cancel: !LOCAL_SCHEMES.has(schemeOf(url)) });
  });
  session.on('will-download', (event) => event.preventDefault());
}

/**
 * Whether a link may leave for the browser: https to a plain host, nothing that a program other than the browser
 * would take, no name or password that makes one site look like another.
 */
export function isSafeOutside(text: string): boolean {
  if (text.length > MAX_EXTERNAL_LENGTH || !URL.canParse(text)) return false;
  const url = new URL(text);
  return url.protocol === 'https:' && url.username === '' && url.password === '';
}

function openOutside(text: string): void {
  if (!isSafeOutside(text)) return;
  shell.openExternal(new URL(text).href).catch((error: unknown) => {
    // No browser: the link stays in the window, where it can be read.
    console.error('skerry: the browser does not open:', error);
  });
}

function isAllowed(permission: string, url: string): boolean {
  return permission === 'clipboard-sanitized-write' && originOf(url) === APP_ORIGIN;
}

function schemeOf(url: string): string {
  return URL.canParse(url) ? new URL(url).protocol : '';
}
