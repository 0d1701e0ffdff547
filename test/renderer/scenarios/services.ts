import { describe, expect, test } from 'vitest';
import { SkerryError } from '../../../main/base/errors.ts';
import { contact, forward, keyOf, remoteService, service } from '../support/samples.ts';
import { eventually } from '../support/eventually.ts';
import type { UiBench } from '../support/ui.ts';

const anouk = contact({ name: 'Anouk', online: true });

export function describeServices(open: UiBench['open']): void {
  describe('services', () => {
    test('services - a program is exposed to a chosen contact by keyboard, and taken back', async () => {
      const asked: unknown[] = [];
      const { page, problems } = await open({
        place: '#/services',
        handlers: {
          'contacts.list': () => Promise.resolve([anouk]),
          'services.add': (params) => {
            asked.push(params);
            return Promise.resolve(service({ ...params }));
          },
          'services.remove': (params) => {
            asked.push(params);
            return Promise.resolve({});
          },
        },
      });
      await page.getByRole('button', { name: 'Expose a program' }).focus();
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog', { name: 'Expose a program' });
      await dialog.waitFor();
      // The first field has the focus already.
      await page.keyboard.type('8080');
      await page.keyboard.press('Tab');
      await page.keyboard.type('web');
      expect(await dialog.getByRole('button', { name: 'Expose' }).isDisabled()).toBe(true);
      await dialog.getByRole('checkbox', { name: 'Anouk' }).focus();
      await page.keyboard.press('Space');
      await dialog.getByLabel('Name').focus();
      await page.keyboard.press('Enter');
      await eventually(() => page.getByRole('dialog').count()).toBe(0);

      const mine = page.getByRole('list', { name: 'Exposed by you' });
      await mine.getByText(/for .*Anouk/).waitFor();
      await mine.getByRole('button', { name: 'Take web back' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
      await page.getByText('No services yet').waitFor();
      expect(asked).toEqual([
        { name: 'web', target: '8080', audience: [anouk.key] },
        { name: 'web' },
      ]);
      expect(problems).toEqual([]);
    });

    test('services - one of a contact is forwarded from its page; what fails is said in the dialog', async () => {
      const asked: unknown[] = [];
      const table = { 'forward-in-use': { meaning: 'Taken.', hint: 'Choose another port.' } };
      const { page, peer, problems } = await open({
        place: `#/peers/${anouk.key}`,
        handlers: {
          'contacts.list': () => Promise.resolve([anouk]),
          'services.remote': () => Promise.resolve([remoteService()]),
          'forwards.add': (params) => {
            asked.push(params);
            return params.listen === '80'
              ? Promise.reject(new SkerryError(table, 'forward-in-use', '80 is in use.'))
              : Promise.resolve(forward());
          },
          'forwards.remove': (params) => {
            asked.push(params);
            return Promise.resolve({});
          },
        },
      });
      await page.getByRole('button', { name: 'Forward wiki of Anouk' }).click();
      const dialog = page.getByRole('dialog', { name: 'Forward wiki' });
      await dialog.getByLabel('Address or port').fill('80');
      await dialog.getByRole('button', { name: 'Forward' }).click();
      await dialog.getByRole('alert').getByText('80 is in use.').waitFor();
      await dialog.getByLabel('Address or port').fill('');
      await dialog.getByRole('button', { name: 'Forward' }).click();

      const local = page.getByRole('list', { name: 'On this computer' });
      await local.getByText('127.0.0.1:9000').waitFor();
      peer.emit({ event: 'forward', subject: 'f1', data: forward({ connections: 2 }) });
      await local.getByText('2 connections now').waitFor();
      await local.getByRole('button', { name: 'Close 127.0.0.1:9000' }).click();
      await eventually(() => local.count()).toBe(0);
      const { key } = anouk;
      expect(asked).toEqual([
        { peer: key, service: 'wiki', listen: '80', allowRemote: false },
        { peer: key, service: 'wiki', listen: '127.0.0.1:0', allowRemote: false },
        { id: 'f1' },
      ]);
      expect(problems).toEqual([]);
    });

    test('services - come and go as contacts say', async () => {
      const { page, peer } = await open({ place: '#/services' });
      await page.getByText('No services yet').waitFor();
      const subject = `${keyOf('ANOUK')}/wiki`;
      peer.emit({ event: 'remote-service', subject, data: remoteService() });
      const list = page.getByRole('list', { name: 'Of your contacts' });
      await list.getByText('Online').waitFor();
      peer.emit({ event: 'remote-service', subject, data: remoteService({ online: false }) });
      await list.getByText('Offline').waitFor();
      peer.emit({ event: 'remote-service', subject, data: null });
      await page.getByText('No services yet').waitFor();
    });
  });
}
