import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAccount, createOperator } from 'nkeys.js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DirectoryResolver } from '../../../main/router/jwt/directory-resolver.ts';
import { UrlResolver } from '../../../main/router/jwt/url-resolver.ts';
import { accountJwt } from '../support/jwt.ts';

const operator = createOperator();
const accounts = Array.from({ length: 4 }, () => createAccount());
const keys = accounts.map((one) => one.getPublicKey());
const jwts = accounts.map((one) => accountJwt(operator, one));
const [key = ''] = keys;
const [jwt = ''] = jwts;

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'skerry-jwts-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((one) => one.close()));
});

async function directory(
  options: Partial<ConstructorParameters<typeof DirectoryResolver>[0]> = {},
  now?: () => number,
) {
  const resolver = new DirectoryResolver({ kind: 'full', dir, ...options }, now);
  closing.push(resolver);
  await resolver.start();
  const { put, directory } = resolver.store;
  if (directory === undefined) throw new Error('a directory resolver has a directory');
  return { resolver, put, directory };
}

test('directory - keeps JWTs over a restart, one readable file each', async () => {
  const first = await directory();
  expect(await first.put(key, jwt)).toBe(true);
  expect(await first.put(key, jwt)).toBe(false);
  expect(await readdir(dir)).toEqual([`${key}.jwt`]);
  expect(await readFile(join(dir, `${key}.jwt`), 'utf8')).toBe(jwt);
  await writeFile(join(dir, 'notes.jwt'), 'not an account');
  const second = await directory();
  expect(await second.resolver.fetch(key)).toBe(jwt);
  expect(await second.directory.list()).toEqual([key]);
  expect(second.directory.hash()).toEqual(first.directory.hash());
});

test('directory - takes no names that are no accounts, and none of its files from outside', async () => {
  const { resolver, put } = await directory();
  expect(await resolver.fetch('../../etc/passwd')).toBeUndefined();
  expect(await resolver.fetch(key)).toBeUndefined();
  await expect(put('../x', jwt)).rejects.toMatchObject({ code: 'router-resolver' });
  await expect(put(key, '')).rejects.toMatchObject({ code: 'router-resolver' });
});

test('directory - an older JWT does not replace a newer one when only newer ones shall', async () => {
  const { resolver, put } = await directory();
  const [account] = accounts;
  if (account === undefined) throw new Error('no account');
  const older = accountJwt(operator, account, { tags: ['old'] }, { iat: 1000 });
  const newer = accountJwt(operator, account, { tags: ['new'] }, { iat: 2000 });
  await put(key, newer);
  expect(await put(key, older, true)).toBe(false);
  expect(await put(key, older)).toBe(true);
  expect(await put(key, newer, true)).toBe(true);
  expect(await resolver.fetch(key)).toBe(newer);
});

test('directory - a full one refuses more than its limit, a cache forgets the least used', async () => {
  const full = await directory({ limit: 1 });
  await full.put(key, jwt);
  await expect(full.put(keys[1] ?? '', jwts[1] ?? '')).rejects.toThrow('jwt store is full');
  await full.resolver.close();

  const cache = await directory({ kind: 'cache', limit: 2 });
  await cache.put(keys[1] ?? '', jwts[1] ?? '');
  await cache.resolver.fetch(key);
  await cache.put(keys[2] ?? '', jwts[2] ?? '');
  expect((await cache.directory.list()).toSorted()).toEqual([key, keys[2]].toSorted());
});

test('directory - what was not used for its time goes', async () => {
  let now = 0;
  const cache = await directory({ kind: 'cache', ttl: 40 }, () => now);
  await cache.put(key, jwt);
  await cache.put(keys[1] ?? '', jwts[1] ?? '');
  now = 30;
  await cache.resolver.fetch(key);
  now = 50;
  await expect.poll(() => readdir(dir)).toEqual([`${key}.jwt`]);
});

test('directory - deleting keeps a copy aside', async () => {
  const { put, directory: one } = await directory();
  await put(key, jwt);
  expect(await one.remove(key)).toBe(true);
  expect(await one.remove(key)).toBe(false);
  expect(await readdir(dir)).toEqual([`${key}.jwt.deleted`]);
  expect(one.hash()).toEqual(new Uint8Array(32));
});

test('directory - many changes at once end in whole files', async () => {
  const { put, directory: one } = await directory();
  await Promise.all(
    keys.flatMap((name, i) => Array.from({ length: 10 }, () => put(name, jwts[i] ?? ''))),
  );
  const packed: string[] = [];
  for await (const line of one.pack()) packed.push(line);
  expect(packed.toSorted()).toEqual(keys.map((name, i) => `${name}|${jwts[i]}`).toSorted());
  expect((await readdir(dir)).toSorted()).toEqual(keys.map((name) => `${name}.jwt`).toSorted());
});

async function accountServer(
  answer: (path: string) => { status?: number; body?: string; silent?: boolean },
) {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const { status = 200, body = '', silent = false } = answer(path);
    if (silent) return;
    response.writeHead(status);
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push({
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
  return {
    asked,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwt/v1/accounts`,
  };
}

test('url - asks once for the many who want the same, and the base may lack its slash', async () => {
  const { asked, url } = await accountServer(() => ({ body: jwt }));
  const resolver = new UrlResolver(url);
  closing.unshift(resolver);
  expect(
    await Promise.all([resolver.fetch(key), resolver.fetch(key), resolver.fetch(key)]),
  ).toEqual([jwt, jwt, jwt]);
  expect(asked).toEqual([`/jwt/v1/accounts/${key}`]);
  expect(await resolver.fetch(key)).toBe(jwt);
  expect(asked).toHaveLength(2);
});

test('url - what cannot be had is not asked for again at once', async () => {
  const { asked, url } = await accountServer(() => ({ status: 404 }));
  const resolver = new UrlResolver(url);
  closing.unshift(resolver);
  expect(await resolver.fetch(key)).toBeUndefined();
  expect(await resolver.fetch(key)).toBeUndefined();
  expect(asked).toHaveLength(1);
});

test('url - silence, endless answers and no server at all end the same', async () => {
  const silent = await accountServer(() => ({ silent: true }));
  const endless = await accountServer(() => ({ body: 'x'.repeat(3_000_000) }));
  for (const url of [silent.url, endless.url, 'http://127.0.0.1:1/']) {
    const resolver = new UrlResolver(url, 200);
    closing.unshift(resolver);
    expect(await resolver.fetch(key), url).toBeUndefined();
  }
});

test('url - closing ends what is under way', async () => {
  const { url } = await accountServer(() => ({ silent: true }));
  const resolver = new UrlResolver(url, 60_000);
  const answer = resolver.fetch(key);
  await resolver.close();
  expect(await answer).toBeUndefined();
  expect(resolver.fetch(key)).toBeUndefined();
});
