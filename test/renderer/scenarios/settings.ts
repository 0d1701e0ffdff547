import { describe, expect, test } from 'vitest';
import { status } from '../support/samples.ts';
import type { UiBench } from '../support/ui.ts';

export function describeSettings(open: UiBench['open']): void {
  describe('settings', () => {
    test('settings - the name is changed, and the rest can be read', async () => {
      const saved: unknown[] = [];
      const { page, problems } = await open({
        place: '#/settings',
        handlers: {
          'status.get': () =>
            Promise.resolve(
              status({
                nats: [
                  {
                    server: 'nats://hub.example:4222',
                    prefix: 'skerry',
                    state: 'refused',
                    error: {
                      code: 'auth',
                      message: 'The server refused us.',
                      hint: 'Check creds.',
                    },
                  },
                ],
              }),
            ),
          'settings.set': (params) => {
            saved.push(params);
            return Promise.resolve({ name: 'The study', downloads: status().downloads });
          },
        },
      });
      const name = page.getByLabel('Display name');
      await name.waitFor();
      expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
      await name.fill(' The study ');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Name saved').waitFor();
      expect(saved).toEqual([{ name: 'The study' }]);
      expect(await name.inputValue()).toBe('The study');

      await page.getByRole('button', { name: 'Copy key' }).click();
      await page.getByRole('button', { name: 'Copied' }).waitFor();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(status().key);
      const text = await page.getByRole('main').innerText();
      for (const fact of [
        status().home,
        status().downloads,
        '192.168.1.20:41641',
        'nats://hub.example:4222',
        'The server refused us.',
        'Encrypted with your passphrase.',
        'Skerry 0.1.0',
      ]) {
        expect(text).toContain(fact);
      }
      expect(problems).toEqual([]);
    });

    test('settings - pause and resume, with a banner between', async () => {
      const { page } = await open({
        place: '#/settings',
        handlers: {
          'peer.pause': () => Promise.resolve(status({ state: 'paused', links: 0 })),
          'peer.resume': () => Promise.resolve(status()),
        },
      });
      const main = page.getByRole('main');
      await main.getByRole('button', { name: 'Pause' }).click();
      await main.getByText('No links to anyone, and downloads wait.').waitFor();
      await main.getByRole('button', { name: 'Resume' }).first().click();
      await main.getByRole('button', { name: 'Pause' }).waitFor();
      expect(await main.getByText('No links to anyone').count()).toBe(0);
    });
  });
}
