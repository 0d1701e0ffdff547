import { describe, expect, test } from 'vitest';
import { contact } from '../support/samples.ts';
import { eventually } from '../support/eventually.ts';
import type { UiBench } from '../support/ui.ts';

export function describeSession(open: UiBench['open']): void {
  describe('session', () => {
    const handlers = { 'contacts.list': () => Promise.resolve([contact({ name: 'Anouk' })]) };

    test('session - a token becomes a cookie, leaves the address bar, and outlives a reload', async () => {
      const { page, context, server, problems } = await open({ handlers });
      await page.getByRole('link', { name: /Anouk/ }).waitFor();
      expect(page.url()).toBe(server.url);
      const cookies = await context.cookies();
      expect(cookies).toMatchObject([{ httpOnly: true, sameSite: 'Strict' }]);

      await page.reload();
      await page.getByRole('link', { name: /Anouk/ }).waitFor();
      expect(problems).toEqual([]);
    });

    test('session - without one, the page says how to get a new address', async () => {
      const { page } = await open({ handlers, address: (server) => server.url });
      await page.getByRole('heading', { name: 'This page needs a new address' }).waitFor();
      expect(await page.getByText('skerry ui').count()).toBe(1);
      expect(await page.getByRole('navigation').count()).toBe(0);
    });

    test('session - a token that is wrong opens nothing and is not kept', async () => {
      const { page, server } = await open({ handlers, address: ({ url }) => `${url}#token=wrong` });
      await page.getByRole('heading', { name: 'This page needs a new address' }).waitFor();
      expect(page.url()).toBe(server.url);
    });

    test('session - a new address opened in the same tab is enough', async () => {
      const { page, server } = await open({ handlers, address: ({ url }) => url });
      await page.getByRole('heading', { name: 'This page needs a new address' }).waitFor();
      await page.evaluate((url) => window.location.assign(url), server.mintUrl());
      await page.getByRole('link', { name: /Anouk/ }).waitFor();
      expect(page.url()).toBe(server.url);
    });

    test('session - an address that is opened again in a signed-in browser is no trouble', async () => {
      const { page, server } = await open({ handlers });
      await page.evaluate((url) => window.location.assign(url), `${server.url}#token=used`);
      await eventually(() => page.url()).toBe(server.url);
      expect(await page.getByRole('heading', { name: 'Peers' }).count()).toBe(1);
    });
  });
}
