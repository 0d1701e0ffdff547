import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createUiServer } from '../../main/api/ui-server/ui-server.ts';
import { createLog } from '../../main/base/log.ts';
import { fakePeer } from './support/fake-peer.ts';
import { temporaryHome } from './support/homes.ts';
import { ask, askRaw, builtUi, INDEX, startUi } from './support/ui.ts';

describe('ui server - files', () => {
  test('the page is never stored, its hashed files for ever, each with its type', async () => {
    const ui = await startUi();
    for (const path of ['/', '/index.html', '/?x=1']) {
      const answer = await ask(ui, { path });
      expect(answer).toMatchObject({ status: 200, text: INDEX });
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    }
    const script = await ask(ui, { path: '/assets/index-a1b2c3d4.js' });
    expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(script.headers['cache-control']).toContain('immutable');
    const style = await ask(ui, { path: '/assets/index-a1b2c3d4.css' });
    expect(style.headers['content-type']).toBe('text/css; charset=utf-8');
    const icon = await ask(ui, { path: '/favicon.svg' });
    expect(icon.headers).toMatchObject({
      'content-type': 'image/svg+xml',
      'cache-control': 'no-store',
    });
  });

  test('HEAD answers the headers alone', async () => {
    const answer = await ask(await startUi(), { method: 'HEAD' });
    expect(answer).toMatchObject({ status: 200, text: '' });
    expect(answer.headers['content-length']).toBe(String(INDEX.length));
  });

  test('no address leads out of the folder, also not through a link in it', async () => {
    const root = builtUi();
    symlinkSync(join(root, '../keys'), join(root, 'link'));
    const ui = await startUi({ root });
    const paths = [
      '/../keys',
      '/assets/../../keys',
      '/%2e%2e/keys',
      '/..%2fkeys',
      '/%2e%2e%2fkeys',
      '/..\\keys',
      '/..%5ckeys',
      '/%252e%252e/keys',
      '/keys',
      '//keys',
      '/./index.html',
      '/assets/',
      '/index.html%00',
      '/link',
      join(root, '../keys'),
    ];
    for (const path of paths) {
      const answer = await ask(ui, { path });
      expect({ path, ...answer }).toMatchObject({ path, status: 404 });
      expect(answer.text).not.toContain('secret');
    }
  });

  test('without a build the page says how to make one', async () => {
    const empty = join(temporaryHome(), 'renderer');
    for (const root of [empty, join(empty, 'not-there')]) {
      if (root === empty) mkdirSync(root);
      const answer = await ask(await startUi({ root }));
      expect(answer.status).toBe(503);
      expect(answer.text).toContain('npm run build');
    }
  });

  test('a build that is replaced while it is served stays whole', async () => {
    const root = builtUi();
    const ui = await startUi({ root });
    writeFileSync(join(root, 'index.html'), 'another');
    expect((await ask(ui)).text).toBe(INDEX);
  });
});

describe('ui server - protection', () => {
  test('every answer carries the security headers', async () => {
    const ui = await startUi();
    for (const path of ['/', '/nowhere', '/session', '/api']) {
      const { headers } = await ask(ui, { path });
      const policy = headers['content-security-policy'] ?? '';
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
      expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${ui.port}`);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("require-trusted-types-for 'script'");
      expect(policy).not.toContain('unsafe');
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(headers['permissions-policy']).toContain('camera=()');
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  test('it listens on loopback alone', async () => {
    const ui = await startUi();
    expect(ui.url).toBe(`http://127.0.0.1:${ui.port}/`);
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ address }) => address !== '127.0.0.1')
      .map(({ address, scopeid }) => (scopeid ? `${address}%${scopeid}` : address));
    for (const host of [...others, '127.0.0.2']) {
      const { promise, resolve } = Promise.withResolvers<string>();
      const socket = createConnection({ host, port: ui.port });
      socket.on('connect', () => resolve('connected')).on('error', () => resolve('refused'));
      expect([host, await promise]).toEqual([host, 'refused']);
      socket.destroy();
    }
  });

  test('a Host that is no loopback name of this port is refused with a sentence', async () => {
    const ui = await startUi();
    for (const host of [`127.0.0.1:${ui.port}`, `localhost:${ui.port}`, `[::1]:${ui.port}`]) {
      expect((await ask(ui, { headers: { Host: host } })).status).toBe(200);
    }
    const foreign = [
      'evil.example',
      `evil.example:${ui.port}`,
      '127.0.0.1',
      'localhost',
      `127.0.0.1:${ui.port + 1}`,
      `127.0.0.1.evil.example:${ui.port}`,
      `0.0.0.0:${ui.port}`,
      `127.1:${ui.port}`,
      `LOCALHOST:${ui.port}`,
      `user@127.0.0.1:${ui.port}`,
    ];
    for (const host of foreign) {
      const answer = await ask(ui, { headers: { Host: host } });
      expect({ host, status: answer.status }).toEqual({ host, status: 403 });
      expect(answer.text).toContain('host names');
    }
  });

  test('two Host headers, none, or a whole address as path are refused', async () => {
    const ui = await startUi();
    const host = `Host: 127.0.0.1:${ui.port}\r\n`;
    const end = 'Connection: close\r\n\r\n';
    const twice = await askRaw(ui, `GET / HTTP/1.1\r\n${host}Host: evil.example\r\n${end}`);
    expect(twice).toMatch(/^HTTP\/1.1 40[03] /);
    expect(await askRaw(ui, `GET / HTTP/1.1\r\n${end}`)).toMatch(/^HTTP\/1.1 400 /);
    expect(await askRaw(ui, `GET / HTTP/1.1\r\nHost:\r\n${end}`)).toMatch(/^HTTP\/1.1 403 /);
    expect(await askRaw(ui, `GET / HTTP/1.0\r\n\r\n`)).toMatch(/^HTTP\/1.1 403 /);
    const whole = await askRaw(ui, `GET http://evil.example/ HTTP/1.1\r\n${host}${end}`);
    expect(whole).toMatch(/^HTTP\/1.1 400 /);
  });

  test('a request of a page of another origin is refused, one of its own page is served', async () => {
    const ui = await startUi();
    const own = `http://127.0.0.1:${ui.port}`;
    expect((await ask(ui, { headers: { Origin: own } })).status).toBe(200);
    const foreign = ['null', 'http://evil.example', `https://127.0.0.1:${ui.port}`, `${own}0`];
    for (const origin of [...foreign, `http://localhost:${ui.port}`]) {
      const answer = await ask(ui, { headers: { Origin: origin } });
      expect({ origin, status: answer.status }).toEqual({ origin, status: 403 });
    }
  });

  test('other methods are refused and the right ones named', async () => {
    const ui = await startUi();
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const answer = await ask(ui, { method });
      expect(answer.status).toBe(405);
      expect(answer.headers.allow).toBe('GET, HEAD');
    }
    const session = await ask(ui, { method: 'DELETE', path: '/session' });
    expect({ status: session.status, allow: session.headers.allow }).toEqual({
      status: 405,
      allow: 'GET, POST',
    });
    expect((await ask(ui, { path: '/api' })).status).toBe(426);
  });

  test('headers over 8 KiB and bytes that are no HTTP get an answer', async () => {
    const ui = await startUi();
    const large = await askRaw(ui, `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(large).toMatch(/^HTTP\/1.1 431 [\s\S]*too large/);
    expect(await askRaw(ui, 'hello\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
  });
});

describe('ui server - start and stop', () => {
  test('a port that is taken is named', async () => {
    const first = await startUi();
    const options = { api: fakePeer(), root: builtUi(), log: createLog('silent') };
    await expect(createUiServer({ ...options, port: first.port })).rejects.toMatchObject({
      code: 'ui-port-in-use',
      message: expect.stringContaining(String(first.port)) as string,
    });
  });

  test('the port that was asked for is used again after a stop', async () => {
    const first = await startUi();
    await first.close();
    await first.close();
    const options = { api: fakePeer(), root: builtUi(), log: createLog('silent') };
    const second = await createUiServer({ ...options, port: first.port });
    onTestFinished(() => second.close());
    expect(second.port).toBe(first.port);
  });

  test('a stop does not wait for connections that say nothing', async () => {
    const ui = await startUi();
    const socket = createConnection({ host: '127.0.0.1', port: ui.port });
    const closed = Promise.withResolvers<boolean>();
    socket.on('error', () => undefined).on('close', () => closed.resolve(true));
    await ask(ui);
    await ui.close();
    expect(await closed.promise).toBe(true);
  });
});
