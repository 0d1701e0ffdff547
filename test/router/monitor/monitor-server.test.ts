import { connect } from 'node:net';
import { copyFile, readFile } from 'node:fs/promises';
import { get } from 'node:https';
import { connect as connectTls } from 'node:tls';
import { expect, test } from 'vitest';
import type { MonitorOptions, RouterOptions } from '../../../main/router/options.ts';
import { startRouter, type TestRouter } from '../listen/support.ts';
import { TestAuthority } from '../support/certificates.ts';
import { getJson, getPage } from './pages.ts';

async function monitored(
  monitor: Partial<MonitorOptions> = {},
  options: RouterOptions = {},
): Promise<TestRouter & { readonly url: string }> {
  const running = await startRouter({
    serverName: 'watched',
    ...options,
    monitor: { host: '127.0.0.1', port: -1, ...monitor },
  });
  return { ...running, url: running.router.addresses().monitoring[0] ?? '' };
}

test('monitoring is there only when it was asked for', async () => {
  await using running = await startRouter({});
  expect(running.router.addresses().monitoring).toEqual([]);
});

test('the log names the address, as client suites expect it', async () => {
  await using running = await monitored();
  const { url } = running;
  expect(running.lines).toContain(`Starting http monitor on 127.0.0.1:${new URL(url).port}`);
});

test('the index page links to every page, and each of them answers', async () => {
  await using running = await monitored();
  const { url } = running;
  const index = await getPage(url, '/');
  expect(index.type).toBe('text/html; charset=utf-8');
  expect(index.body).toContain('<html lang="en">');
  const links = [...index.body.matchAll(/href="([^"]+)"/g)].map(([, href]) => href ?? '');
  expect(links.length).toBe(10);
  for (const link of links) {
    const page = await getPage(url, link);
    expect([page.status, page.type]).toEqual([200, 'application/json']);
    expect(JSON.parse(page.body)).toBeTypeOf('object');
  }
});

test('a server name cannot put markup into the index page', async () => {
  await using running = await monitored({}, { serverName: '<script>alert(1)</script>' });
  const { url } = running;
  const { body } = await getPage(url, '/');
  expect(body).not.toContain('<script>');
});

test('pages stand below the base path, and nowhere else', async () => {
  await using running = await monitored({ basePath: '/nats/watch/' });
  const { url } = running;
  expect((await getPage(url, '/nats/watch')).type).toBe('text/html; charset=utf-8');
  expect((await getPage(url, '/nats/watch')).body).toContain('href="/nats/watch/varz"');
  expect((await getPage(url, '/nats/watch/healthz')).body).toBe('{"status":"ok"}');
  for (const path of ['/', '/healthz', '/nats/watchful', '/nats/watch/nope']) {
    const page = await getPage(url, path);
    expect([path, page.status, page.body]).toEqual([path, 404, '404 page not found\n']);
  }
  const varz = await getJson(url, '/nats/watch/varz');
  expect(varz['http_base_path']).toBe('/nats/watch/');
});

test('a callback gets JSONP, and nothing but the name of a function is called', async () => {
  await using running = await monitored();
  const { url } = running;
  const page = await getPage(url, '/healthz?callback=my.handler');
  expect(page.type).toBe('application/javascript');
  expect(page.body).toBe('my.handler({"status":"ok"})');
  expect(page.headers['x-content-type-options']).toBe('nosniff');
  expect((await getPage(url, '/healthz?callback=alert(1)//')).status).toBe(400);
});

test('JSON pages may be read by scripts of other origins, as with nats-server', async () => {
  await using running = await monitored();
  const { url } = running;
  const page = await getPage(url, '/varz');
  expect(page.headers['access-control-allow-origin']).toBe('*');
  expect(page.body.startsWith('{\n  "server_id": "N')).toBe(true);
});

test('long headers are refused', async () => {
  await using running = await monitored();
  const { url } = running;
  expect((await getPage(url, '/varz', { 'X-Long': 'x'.repeat(20_000) })).status).toBe(431);
});

test('what is no HTTP does not harm', async () => {
  await using running = await monitored();
  const { url } = running;
  const socket = connect(Number(new URL(url).port), '127.0.0.1').resume();
  await new Promise((resolve) => socket.once('close', resolve).end('\x16\x03\x01 hello\r\n\r\n'));
  expect((await getPage(url, '/healthz')).status).toBe(200);
});

test('pages are counted by their path', async () => {
  await using running = await monitored();
  const { url } = running;
  for (const path of ['/', '/varz', '/subscriptionsz', '/subsz', '/healthz', '/nope'])
    await getPage(url, path);
  const varz = await getJson(url, '/varz');
  expect(varz['http_req_stats']).toEqual({ '/': 1, '/varz': 2, '/subsz': 2, '/healthz': 1 });
});

test('a router that ends is not well any more', async () => {
  await using running = await monitored({}, { lameDuck: { duration: 50, gracePeriod: 20 } });
  const { url } = running;
  await running.router.lameDuck();
  const page = await getPage(url, '/healthz');
  expect([page.status, page.body]).toEqual([
    500,
    '{"status":"error","error":"not ready for connections"}',
  ]);
  expect((await getPage(url, '/healthz?details=1')).body).toBe(
    '{"status":"error","errors":[{"type":"CONNECTION","error":"not ready for connections"}]}',
  );
});

test('a port that is taken is an error of the start', async () => {
  await using running = await monitored();
  const { url } = running;
  await expect(monitored({ port: Number(new URL(url).port) })).rejects.toThrow(
    "can't listen to the monitor port",
  );
});

test('HTTPS uses the certificate of the listener', async () => {
  await using authority = await TestAuthority.create();
  const files = await authority.issue();
  await using running = await monitored({ https: true }, { tls: files });
  const { url } = running;
  expect(url).toMatch(/^https:/);
  const ca = await readFile(authority.caFile);
  const body = await new Promise<string>((resolve, reject) => {
    get(`${url}/varz`, { ca, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve(text));
    }).on('error', reject);
  });
  const varz = JSON.parse(body) as Record<string, unknown>;
  expect(varz['https_port']).toBe(-1);
  expect(varz['http_port']).toBe(0);
  expect(varz['tls_required']).toBe(true);
});

test('HTTPS has the new certificate after a reload, whether its name or its content has changed', async () => {
  await using authority = await TestAuthority.create();
  const [first, second, third] = [
    await authority.issue('CN=first'),
    await authority.issue('CN=second'),
    await authority.issue('CN=third'),
  ];
  await using running = await monitored({ https: true }, { tls: first });
  const { router, url } = running;
  const ca = await readFile(authority.caFile);
  const shown = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connectTls({ host: '127.0.0.1', port: Number(new URL(url).port), ca }, () => {
        resolve(String(socket.getPeerCertificate().subject.CN));
        socket.destroy();
      });
      socket.on('error', reject);
    });
  expect(await shown()).toBe('first');
  await router.reload({ ...router.options, tls: second });
  expect(await shown()).toBe('second');
  await copyFile(third.certFile, second.certFile);
  await copyFile(third.keyFile, second.keyFile);
  await router.reload({ ...router.options });
  expect(await shown()).toBe('third');
  await copyFile(first.certFile, second.certFile);
  await expect(router.reload({ ...router.options })).rejects.toMatchObject({
    code: 'router-config',
  });
  expect(await shown()).toBe('third');
});
