import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { setSecurityHeaders } from '../../main/api/ui-server/security-headers.ts';
import { registerAppScheme, respond, serveApp } from '../../main/desktop/app-protocol.ts';
import { record, resetElectron, session } from './electron-stub.ts';
import { newHome } from './support/homes.ts';

const PAGE = '<!doctype html><title>Skerry</title>';

/** A build of the renderer, with a secret beside it. */
function build(): string {
  const folder = newHome();
  const renderer = join(folder, 'renderer');
  mkdirSync(join(renderer, 'assets'), { recursive: true });
  writeFileSync(join(renderer, 'index.html'), PAGE);
  writeFileSync(join(renderer, 'assets', 'main-x1_Y.js'), 'export {};');
  writeFileSync(join(renderer, 'notes.txt'), 'not of a known type');
  writeFileSync(join(folder, 'secret.html'), 'secret');
  mkdirSync(join(folder, 'renderer-other'));
  writeFileSync(join(folder, 'renderer-other', 'index.html'), 'secret');
  return renderer;
}

const get = (path: string, renderer: string): Promise<Response> =>
  respond({ url: `skerry-app://ui${path}`, method: 'GET' }, renderer);

beforeEach(resetElectron);

describe('app protocol', () => {
  test('app protocol - the scheme is registered as a secure standard one, without leave to bypass the policy', () => {
    registerAppScheme();
    expect(record.schemes).toEqual([
      {
        scheme: 'skerry-app',
        privileges: { standard: true, secure: true, supportFetchAPI: true },
      },
    ]);
  });

  test('app protocol - the page and its assets are served with their types', async () => {
    const renderer = build();
    const page = await get('/index.html', renderer);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await page.text()).toBe(PAGE);
    const script = await get('/assets/main-x1_Y.js', renderer);
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(script.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('app protocol - the policy is the browser UI’s, less its WebSocket', async () => {
    const headers = new Map<string, string>();
    const response = { setHeader: (name: string, value: string) => headers.set(name, value) };
    setSecurityHeaders(response as unknown as Parameters<typeof setSecurityHeaders>[0], 4711);
    const browser = headers.get('Content-Security-Policy') ?? '';
    const policy = (await get('/index.html', build())).headers.get('content-security-policy');
    expect(policy).toBe(browser.replace(' ws://127.0.0.1:4711 ws://localhost:4711', ''));
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe-inline');
  });

  test.each([
    '/../secret.html',
    '/%2e%2e/secret.html',
    '/%2e%2e%2fsecret.html',
    '/..%2fsecret.html',
    '/..%5csecret.html',
    '/assets/%2e%2e/%2e%2e/secret.html',
    '/%252e%252e/secret.html',
    '//secret.html',
    '/../renderer-other/index.html',
    '/%00/index.html',
    '/index.html%00.js',
    '/C:/windows/index.html',
    '/%5c%5cserver/share/index.html',
    '/.hidden.html',
    '/%',
    '/',
    '/assets',
    '/assets/',
    '/notes.txt',
    '/missing.html',
    `/${'a'.repeat(5000)}.html`,
  ])('app protocol - %s leads nowhere', async (path) => {
    const response = await get(path, build());
    expect(response.status).toBe(404);
    expect(await response.text()).toBe('');
  });

  test('app protocol - other hosts and methods are refused', async () => {
    const renderer = build();
    const elsewhere = await respond(
      { url: 'skerry-app://evil/index.html', method: 'GET' },
      renderer,
    );
    const posted = await respond({ url: 'skerry-app://ui/index.html', method: 'POST' }, renderer);
    expect([elsewhere.status, posted.status]).toEqual([404, 405]);
  });

  test('app protocol - HEAD answers without the body', async () => {
    const response = await respond({ url: 'skerry-app://ui/index.html', method: 'HEAD' }, build());
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  test('app protocol - is what the session answers the scheme with', async () => {
    serveApp(session.defaultSession as unknown as Parameters<typeof serveApp>[0], build());
    const handler = record.served.get('skerry-app');
    const response = await handler?.(new Request('skerry-app://ui/index.html'));
    expect(await response?.text()).toBe(PAGE);
  });

  test('app protocol - the passphrase page has no script and repeats nothing from its address', async () => {
    const url = 'skerry-app://passphrase/index.html?ask=%3Cscript%3Ealert(1)%3C/script%3E';
    const page = await (await respond({ url, method: 'GET' }, '/nowhere')).text();
    expect(page).toContain('type="password"');
    expect(page).not.toContain('script');
    const style = await respond({ url: 'skerry-app://passphrase/style.css', method: 'GET' }, '/x');
    expect(style.headers.get('content-type')).toContain('text/css');
  });

  test.each([
    ['open', 1],
    ['wrong', 1],
    ['new', 2],
    ['differ', 2],
    ['short', 2],
    ['constructor', 1],
  ])('app protocol - the passphrase page for %s has %i fields', async (ask, fields) => {
    const url = `skerry-app://passphrase/index.html?ask=${ask}`;
    const page = await (await respond({ url, method: 'GET' }, '/nowhere')).text();
    expect(page.match(/<input/g)).toHaveLength(fields);
    expect(page).not.toContain('undefined');
  });
});
