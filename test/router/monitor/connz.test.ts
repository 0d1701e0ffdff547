import { connect as connectTls } from 'node:tls';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { RouterOptions } from '../../../main/router/options.ts';
import { RawClient, startRouter, type TestRouter } from '../listen/support.ts';
import { TestAuthority } from '../support/certificates.ts';
import { getJson, getPage } from './pages.ts';

interface Entry extends Record<string, unknown> {
  readonly cid: number;
  readonly name?: string;
  readonly subscriptions: number;
}

interface Connz {
  readonly num_connections: number;
  readonly total: number;
  readonly limit: number;
  readonly offset: number;
  readonly connections: readonly Entry[];
}

const users = (account: string): object => ({
  name: account,
  users: [{ user: account.toLowerCase(), password: 'secret-password' }],
});

async function watched(
  options: RouterOptions = {},
): Promise<TestRouter & { readonly url: string }> {
  const running = await startRouter({
    listen: { host: '127.0.0.1', port: -1 },
    monitor: { host: '127.0.0.1', port: -1 },
    ...options,
  });
  return { ...running, url: running.router.addresses().monitoring[0] ?? '' };
}

async function client(port: number, fields: object = {}, more = ''): Promise<RawClient> {
  const raw = RawClient.to(port);
  await raw.until('INFO');
  raw.send(`CONNECT ${JSON.stringify({ verbose: false, ...fields })}\r\n${more}PING\r\n`);
  await raw.until('PONG');
  return raw;
}

const names = ({ connections }: Connz): (string | undefined)[] =>
  connections.map(({ name }) => name);

test('open connections are listed with what they have done', async () => {
  await using running = await watched();
  const { url } = running;
  const one = await client(running.port, { name: 'one', lang: 'raw', version: '1' }, 'SUB a 1\r\n');
  await client(running.port, { name: 'two' }, 'PUB a 5\r\nhello\r\n');
  await one.until('hello');
  const { connections, total } = await getJson<Connz>(url, '/connz');
  expect(total).toBe(2);
  expect(connections[0]).toMatchObject({
    kind: 'Client',
    type: 'nats',
    ip: '127.0.0.1',
    port: one.socket.localPort,
    name: 'one',
    lang: 'raw',
    version: '1',
    in_msgs: 0,
    out_msgs: 1,
    out_bytes: 5,
    subscriptions: 1,
    pending_bytes: 0,
  });
  expect(connections[1]).toMatchObject({ name: 'two', in_msgs: 1, in_bytes: 5, out_msgs: 0 });
  expect(connections[1]).not.toHaveProperty('lang');
});

test('the round trip is shown', async () => {
  await using running = await watched();
  const { url } = running;
  await client(running.port, { lang: 'raw', protocol: 1 });
  const { connections } = await getJson<Connz>(url, '/connz?sort=rtt');
  expect(connections[0]?.['rtt']).toMatch(/^[\d.]+(µs|ms)$/);
});

test('subscriptions are listed by subject or in detail', async () => {
  await using running = await watched();
  const { url } = running;
  await client(running.port, {}, 'SUB a.* q 1\r\nSUB b 2\r\nUNSUB 2 7\r\nPUB b 1\r\nx\r\n');
  const listed = (await getJson<Connz>(url, '/connz?subs=1')).connections[0];
  expect(listed?.['subscriptions_list']).toEqual(['a.*', 'b']);
  const detailed = (await getJson<Connz>(url, '/connz?subs=detail')).connections[0];
  const cid = detailed?.cid;
  expect(detailed?.['subscriptions_list_detail']).toEqual([
    { subject: 'a.*', qgroup: 'q', sid: '1', msgs: 0, cid },
    { subject: 'b', sid: '2', msgs: 1, max: 7, cid },
  ]);
});

test('pages are cut, sorted and filtered', async () => {
  await using running = await watched({ accounts: [users('A'), users('B')] as never });
  const { url } = running;
  const login = (account: string, name: string): object => ({
    user: account,
    pass: 'secret-password',
    name,
  });
  await client(running.port, login('a', 'one'), 'SUB x.y 1\r\n');
  await client(running.port, login('a', 'two'), 'SUB x.> 1\r\nSUB z 2\r\n');
  await client(running.port, login('b', 'three'), 'SUB 1 1\r\nSUB 2 2\r\nSUB 3 3\r\n');
  const connz = (query: string): Promise<Connz> => getJson<Connz>(url, `/connz?${query}`);

  expect(names(await connz('sort=subs'))).toEqual(['three', 'two', 'one']);
  expect(await connz('limit=1&offset=1')).toMatchObject({
    num_connections: 1,
    total: 3,
    limit: 1,
    offset: 1,
    connections: [{ name: 'two' }],
  });
  expect(names(await connz('acc=A'))).toEqual(['one', 'two']);
  expect(names(await connz('user=b'))).toEqual(['three']);
  expect(names(await connz('acc=A&filter_subject=x.q'))).toEqual(['two']);
  expect(names(await connz('acc=A&filter_subject=x.*'))).toEqual(['one', 'two']);
  expect(names(await connz('mqtt_client=x'))).toEqual([]);
  const [{ cid } = { cid: 0 }] = (await connz('user=b')).connections;
  expect(await connz(`cid=${cid}`)).toMatchObject({ limit: 1, connections: [{ name: 'three' }] });
  expect((await getPage(url, '/connz?filter_subject=x')).body).toBe(
    'filter by subject only valid with account filtering',
  );
});

test('users and accounts are named on request, passwords and tokens never', async () => {
  await using running = await watched({ accounts: [users('A')] as never });
  const { url } = running;
  await client(running.port, { user: 'a', pass: 'secret-password' });
  const plain = await getPage(url, '/connz');
  expect(plain.body).not.toContain('authorized_user');
  const named = await getPage(url, '/connz?auth=1&subs=detail');
  expect(named.body).toContain('"authorized_user": "a"');
  expect(named.body).toContain('"account": "A"');
  expect(named.body).not.toContain('secret-password');

  await using other = await watched({
    authorization: { token: 'secret-token' },
  });
  await client(other.port, { auth_token: 'secret-token' });
  const token = await getPage(other.url, '/connz?auth=1&state=any');
  expect(token.body).toContain('"authorized_user": "[token]"');
  expect(token.body).not.toContain('secret-token');
});

test('closed connections are remembered with the reason, the last so many', async () => {
  await using running = await watched({ limits: { maxClosedClients: 3 } });
  const { url } = running;
  for (let i = 0; i < 4; i++) {
    const raw = await client(running.port, { name: `gone ${i}` }, 'SUB a 1\r\nSUB b q 2\r\n');
    if (i === 3) raw.send('HELLO\r\n');
    else raw.socket.end();
    await raw.closed;
  }
  await client(running.port, { name: 'here' });
  const closed = await getJson<Connz>(url, '/connz?state=closed&sort=stop&subs=1');
  expect(names(closed)).toEqual(['gone 3', 'gone 2', 'gone 1']);
  expect(closed.connections[0]).toMatchObject({
    reason: 'Protocol Violation',
    subscriptions: 2,
    subscriptions_list: ['a', 'b'],
  });
  expect(closed.connections[1]).toMatchObject({ reason: 'Client Closed' });
  expect(closed.connections[1]).toHaveProperty('stop');
  const any = await getJson<Connz>(url, '/connz?state=any');
  expect(names(any)).toEqual(['gone 1', 'gone 2', 'gone 3', 'here']);
  expect(any.total).toBe(4);
  expect(names(await getJson<Connz>(url, '/connz?state=closed&sort=reason'))).toEqual([
    'gone 1',
    'gone 2',
    'gone 3',
  ]);
});

test('clients in this process are connections too', async () => {
  await using running = await watched();
  const { url } = running;
  using local = running.router.client({ name: 'inside' });
  local.subscribe('a', () => undefined);
  const { connections } = await getJson<Connz>(url, '/connz?subs=1');
  expect(connections[0]).toMatchObject({
    name: 'inside',
    kind: 'Client',
    type: 'nats',
    ip: '',
    subscriptions_list: ['a'],
  });
});

test('TLS connections say what was agreed on', async () => {
  await using authority = await TestAuthority.create();
  const files = await authority.issue();
  const alice = await authority.issue('CN=alice,O=Skerry');
  const ca = await readFile(authority.caFile);
  await using running = await watched({
    tls: { ...files, caFile: authority.caFile, verify: true, handshakeFirst: true },
  });
  const { url } = running;
  const socket = connectTls({
    host: '127.0.0.1',
    port: running.port,
    ca,
    cert: await readFile(alice.certFile),
    key: await readFile(alice.keyFile),
  });
  const raw = new RawClient(socket);
  await raw.until('INFO');
  raw.send('CONNECT {"verbose":false}\r\nPING\r\n');
  await raw.until('PONG');
  const [entry] = (await getJson<Connz>(url, '/connz?auth=1')).connections;
  expect(entry).toMatchObject({ tls_version: '1.3', tls_first: true });
  expect(entry?.['tls_cipher_suite']).toMatch(/^TLS_/);
  const [peer] = entry?.['tls_peer_certs'] as Record<string, string>[];
  expect(peer?.['subject']).toContain('CN=alice');
  expect(peer?.['cert_sha256']).toMatch(/^[0-9a-f]{64}$/);
  raw.socket.end();
  await raw.closed;
  const [gone] = (await getJson<Connz>(url, '/connz?state=closed')).connections;
  expect(gone).toMatchObject({ tls_version: '1.3' });
});

test('thousands of connections are written while others get their turn', async () => {
  await using running = await watched();
  const { url } = running;
  const { router } = running;
  for (let i = 0; i < 4_000; i++) {
    const local = router.client({ name: `client ${i}` });
    for (let j = 0; j < 5; j++) local.subscribe(`subject.${i}.${j}`, () => undefined);
  }
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  const page = await getJson<Connz>(url, '/connz?subs=detail&limit=10000&sort=subs');
  clearInterval(timer);
  expect(page.connections.length).toBe(4_000);
  expect(turns).toBeGreaterThan(3);
});
