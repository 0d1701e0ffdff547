import { mkdirSync } from 'node:fs';
import { get, type RequestOptions } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import type { ContactInfo, ShareInfo } from '../../main/api/contract.ts';
import { launchChromium } from '../support/chromium.ts';
import { treeHashes, writeRandomFile } from '../support/files.ts';
import { scratchFolder, startPeer, until, type PeerProcess } from '../support/peer-process.ts';

const scratch = scratchFolder();
let alice: PeerProcess;
let bob: PeerProcess;
let browser: Browser;

beforeAll(async () => {
  mkdirSync(scratch.path('Holiday', 'day one'), { recursive: true });
  for (let photo = 1; photo <= 20; photo += 1) {
    writeRandomFile(scratch.path('Holiday', 'day one', `photo ${photo}.raw`), 8 * 1024 ** 2);
  }
  writeRandomFile(scratch.path('Holiday', 'map.pdf'), 300_000);
  alice = await startPeer(scratch.path('a'), ['--name', 'Alice']);
  bob = await startPeer(scratch.path('b'), [
    '--name',
    'Bob',
    '--downloads',
    scratch.path('downloads'),
  ]);
  browser = await launchChromium();
}, 60_000);

afterAll(async () => {
  await browser.close();
  await Promise.all([alice.stop(), bob.stop()]);
  scratch[Symbol.dispose]();
});

const origin = (): URL => new URL(bob.status.ui ?? '');

/** Status of a request to Bob's UI with headers of our choice. */
function statusOf(path: string, headers: RequestOptions['headers'] = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port: origin().port, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).on('error', reject);
  });
}

async function openUi(): Promise<{ page: Page; complaints: string[] }> {
  const { url } = await bob.json<{ url: string }>('ui');
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
  return { page, complaints };
}

test('in the UI - a contact is accepted, a share browsed, a folder downloaded with its progress', async () => {
  const address = `127.0.0.1:${bob.status.udp[0]?.split(':').at(-1)}`;
  await alice.json('share', scratch.path('Holiday'));
  await alice.json('add', bob.status.key, '--at', address, '--yes');
  const { page, complaints } = await openUi();

  await page.getByRole('button', { name: 'Accept Alice' }).click();
  await until(
    async () => (await alice.json<ContactInfo[]>('peers'))[0]?.online === true,
    'Alice sees Bob',
    60_000,
  );
  await until(
    async () => (await alice.json<ShareInfo[]>('shares'))[0]?.state === 'ready',
    'the folder is hashed',
    60_000,
  );
  await page.goto(`${origin().href}#/files`);
  await page.getByRole('link', { name: 'Holiday' }).click();
  await page.getByText('map.pdf').waitFor();
  await page.getByRole('link', { name: 'day one' }).click();
  await page.getByText('photo 20.raw').waitFor();
  await page.goBack();
  await page.getByRole('button', { name: 'Download day one' }).click();

  await page.goto(`${origin().href}#/files/transfers`);
  const transfer = page.getByRole('article', { name: 'day one' });
  const seen = new Set<string>();
  await until(
    async () => {
      const bar = transfer.getByRole('progressbar');
      if ((await bar.count()) > 0) {
        seen.add(
          (await bar.getAttribute('aria-valuetext', { timeout: 500 }).catch(() => '')) ?? '',
        );
      }
      return (await transfer.getByText('Done').count()) > 0;
    },
    'the folder is downloaded',
    90_000,
  );
  expect([...seen].some((text) => text !== '')).toBe(true);
  expect(complaints).toEqual([]);

  const fetched = await treeHashes(scratch.path('downloads', 'day one'));
  expect(fetched.size).toBe(20);
  expect(fetched).toEqual(await treeHashes(scratch.path('Holiday', 'day one')));
}, 180_000);

test('in the UI - without a token, with a used one, or from a foreign Host or Origin there is no way in', async () => {
  const page = await browser.newPage();
  await page.goto(origin().href);
  await page.getByText('skerry ui').waitFor();
  expect(await page.getByRole('button', { name: 'Add a peer' }).count()).toBe(0);

  const { url } = await bob.json<{ url: string }>('ui');
  const own = await browser.newContext();
  const first = await own.newPage();
  await first.goto(url);
  await first.getByRole('button', { name: 'Add a peer' }).waitFor();
  const thief = await (await browser.newContext()).newPage();
  await thief.goto(url);
  await thief.getByText('skerry ui').waitFor();

  expect(await statusOf('/', { host: 'evil.example' })).toBe(403);
  expect(await statusOf('/', { host: `127.0.0.1.evil.example:${origin().port}` })).toBe(403);
  expect(await statusOf('/session')).toBe(401);
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  };
  expect(await statusOf('/api', { ...upgrade, origin: origin().origin })).toBe(401);
  expect(await statusOf('/api', { ...upgrade, origin: 'http://evil.example' })).toBe(403);
});
