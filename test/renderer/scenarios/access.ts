import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { Handlers } from '../../../main/api/contract.ts';
import {
  contact,
  entry,
  forward,
  keyOf,
  offer,
  remoteService,
  service,
  share,
  status,
  transfer,
} from '../support/samples.ts';
import { eventually } from '../support/eventually.ts';
import { go, type UiBench } from '../support/ui.ts';

const WIDE = 'Ｗ'.repeat(64);
const HOSTILE = '<img src=x onerror=alert(1)>\u202Egnp.exe';
const LONG = `${'W'.repeat(240)}.tar.gz`;
const failure = { code: 'x', message: LONG, hint: WIDE };

/** Everything at once, with the worst names. */
const full: Partial<Handlers> = {
  'status.get': () =>
    Promise.resolve(
      status({
        name: WIDE,
        home: `/${LONG}`,
        nats: [{ server: `nats://${LONG}`, prefix: 'p', state: 'refused', error: failure }],
      }),
    ),
  'contacts.list': () =>
    Promise.resolve([
      contact({ name: WIDE }),
      contact({ name: HOSTILE, key: keyOf('BO'), state: 'requested' }),
      contact({ name: 'שלום'.repeat(12), key: keyOf('CY'), state: 'blocked' }),
    ]),
  'shares.list': () =>
    Promise.resolve([
      share({ name: LONG, path: `/${LONG}`, state: 'failed', error: failure }),
      share({
        id: 's2',
        name: HOSTILE,
        state: 'hashing',
        hashedBytes: 1,
        skipped: { count: 2, examples: [LONG] },
      }),
    ]),
  'offers.list': () =>
    Promise.resolve([
      offer({ name: LONG, peerName: WIDE }),
      offer({ id: 'o2', name: HOSTILE, kind: 'file' }),
    ]),
  'offers.browse': () =>
    Promise.resolve({
      entries: [entry({ path: LONG }), entry({ path: HOSTILE, kind: 'folder' })],
      next: '1',
    }),
  'transfers.list': () =>
    Promise.resolve([
      transfer({ shareName: LONG, peerName: WIDE }),
      transfer({ id: 't2', shareName: HOSTILE, state: 'failed', error: failure }),
      transfer({ id: 't3', path: LONG, state: 'done', target: `/${LONG}` }),
    ]),
  'services.list': () =>
    Promise.resolve([
      service({ name: 'w'.repeat(63), target: `unix:/${LONG}`, audience: [keyOf('ANOUK')] }),
      service({ connections: 12 }),
    ]),
  'services.remote': () =>
    Promise.resolve([
      remoteService({ name: 'w'.repeat(63), peerName: WIDE }),
      remoteService({ peerName: HOSTILE, online: false }),
    ]),
  'forwards.list': () =>
    Promise.resolve([
      forward({ service: 'w'.repeat(63), peerName: HOSTILE, remote: true, connections: 3 }),
      forward({ id: 'f2', listen: `unix:/${LONG}`, state: 'failed', error: failure }),
    ]),
};

const places = [
  '#/peers',
  `#/peers/${keyOf('ANOUK')}`,
  '#/files/offers',
  `#/files/offers/${keyOf('ANOUK')}/o1/${LONG}`,
  '#/files/shares',
  '#/files/transfers',
  '#/services',
  '#/settings',
];

/** Controls, pictures and progress that a screen reader could not name, by Chromium's own accessibility tree. */
async function nameless(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  const roles = [
    'button',
    'link',
    'textbox',
    'radio',
    'checkbox',
    'progressbar',
    'dialog',
    'image',
    'navigation',
  ];
  const without = nodes.filter(
    ({ ignored, role, name }) => !ignored && roles.includes(String(role?.value)) && !name?.value,
  );
  await session.detach();
  return without.map((node) => `${String(node.role?.value)} ${node.nodeId}`);
}

async function arrive(page: Page, place: string): Promise<void> {
  await go(page, place);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await eventually(() => page.getByText('Loading').count()).toBe(0);
}

export function describeAccess(open: UiBench['open']): void {
  describe('access', () => {
    test('access - nothing scrolls sideways at 360 pixels, whatever the names', async () => {
      const { page, problems } = await open({ handlers: full, width: 360 });
      const widths: Record<string, number> = {};
      for (const place of places) {
        await arrive(page, place);
        widths[place] = await page.evaluate(() => document.documentElement.scrollWidth);
      }
      expect(widths).toEqual(Object.fromEntries(places.map((place) => [place, 360])));
      expect(await page.locator('img[src="x"]').count()).toBe(0);
      expect(problems).toEqual([]);
    });

    test('access - every control has a name, and every place one main heading', async () => {
      const { page } = await open({ handlers: full });
      for (const place of places) {
        await arrive(page, place);
        expect({ place, nameless: await nameless(page) }).toEqual({ place, nameless: [] });
        expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
        expect(await page.getByRole('main').count()).toBe(1);
      }
    });

    test('access - a dialog takes the focus, keeps it, and gives it back', async () => {
      const { page } = await open();
      const button = page.getByRole('button', { name: 'Add a peer' });
      await button.focus();
      await page.keyboard.press('Enter');
      const field = page.getByLabel('Invite link or peer key');
      await field.waitFor();
      expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
      expect(await nameless(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await eventually(() => page.getByRole('dialog').count()).toBe(0);
      expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
    });

    test('access - a new place has the focus on its heading and its name in the title', async () => {
      const { page } = await open();
      await page.getByRole('link', { name: 'Settings' }).focus();
      await page.keyboard.press('Enter');
      const heading = page.getByRole('heading', { name: 'Settings', level: 1 });
      await heading.waitFor();
      await eventually(() =>
        heading.evaluate((element) => element === document.activeElement),
      ).toBe(true);
      expect(await page.title()).toBe('Settings · Skerry');
    });

    test('access - the keyboard reaches the content past the navigation', async () => {
      const { page } = await open();
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      const focused = await page.evaluate(() => document.activeElement?.textContent.trim());
      expect(focused).toBe('Make an invite');
    });
  });
}
