import { describe, expect, test } from 'vitest';
import type { InvitePreview } from '../../../main/api/contract.ts';
import { SkerryError } from '../../../main/base/errors.ts';
import { contact, keyOf, link, NOW } from '../support/samples.ts';
import { eventually } from '../support/eventually.ts';
import type { UiBench } from '../support/ui.ts';

const INVITE = 'skerry://invite/pGFhWCDq3v8Zk1nYx';
const DAY = 86_400_000;

export function describePeers(open: UiBench['open']): void {
  describe('peers', () => {
    test('request - is accepted, and the contact moves to the others', async () => {
      const accepted: string[] = [];
      const stranger = contact({ state: 'requested', name: 'Delphine', key: keyOf('DEL') });
      const { page, problems } = await open({
        handlers: {
          'contacts.list': () => Promise.resolve([stranger]),
          'contacts.accept': ({ key }) => {
            accepted.push(key);
            return Promise.resolve({ ...stranger, state: 'accepted' as const });
          },
        },
      });
      const requests = page.getByRole('list', { name: 'Requests' });
      await requests.getByText('Delphine').waitFor();
      await page.getByRole('button', { name: 'Accept Delphine' }).click();
      await page.getByRole('list', { name: 'Contacts' }).getByText('Delphine').waitFor();
      expect(await requests.count()).toBe(0);
      expect(accepted).toEqual([stranger.key]);
      expect(problems).toEqual([]);
    });

    test('request - that cannot be accepted says why and what to do', async () => {
      const table = { 'no-space': { meaning: 'Full.', hint: 'Free some space.' } };
      const { page } = await open({
        handlers: {
          'contacts.list': () =>
            Promise.resolve([contact({ state: 'requested', name: 'Delphine' })]),
          'contacts.accept': () =>
            Promise.reject(new SkerryError(table, 'no-space', 'The disk is full.')),
        },
      });
      await page.getByRole('button', { name: 'Accept Delphine' }).click();
      const alert = page.getByRole('alert');
      await alert.waitFor();
      expect(await alert.textContent()).toContain('The disk is full.');
      expect(await page.getByRole('button', { name: 'Accept Delphine' }).isEnabled()).toBe(true);
    });

    test('contact - that cannot be reached is examined, and what to do is said', async () => {
      const anouk = contact({ name: 'Anouk' });
      const asked: (string | undefined)[] = [];
      const { page, problems } = await open({
        width: 360,
        place: `#/peers/${anouk.key}`,
        handlers: {
          'contacts.list': () => Promise.resolve([anouk]),
          'links.diagnose': ({ key }) => {
            asked.push(key);
            return Promise.resolve({
              self: [{ subject: 'UDP port', state: 'ok', says: 'Open.', advice: null }],
              contact: [
                {
                  subject: 'udp [2001:db8:1234:5678:9abc:def0:1234:5678]:50210',
                  state: 'wrong',
                  says: 'Nothing answered.',
                  advice: 'Is a firewall between you?',
                },
              ],
            });
          },
        },
      });
      await page.getByRole('button', { name: 'Examine' }).click();
      const wrong = page.getByRole('listitem').filter({ hasText: 'Nothing answered.' });
      await wrong.getByText('Is a firewall between you?').waitFor();
      expect(await wrong.innerText()).toContain('Wrong:');
      expect(asked).toEqual([anouk.key]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
      expect(problems).toEqual([]);
    });

    test('contact - shows presence, path and round trip as they change', async () => {
      const anouk = contact({ name: 'Anouk' });
      const { page, peer } = await open({
        handlers: { 'contacts.list': () => Promise.resolve([anouk]) },
      });
      const row = page.getByRole('link', { name: /Anouk/ });
      await row.getByText('Last seen 5 h ago').waitFor();
      peer.emit({ event: 'link', subject: anouk.key, data: link({ path: 'udp', rttMs: 1.8 }) });
      await row.getByText('UDP').waitFor();
      expect((await row.innerText()).split('\n').join(' ')).toMatch(/Online.*UDP.*1\.8 ms/);
    });

    test('contact - relaying is switched on, and off again when that fails', async () => {
      const anouk = contact({ name: 'Anouk' });
      const asked: unknown[] = [];
      const { page, problems } = await open({
        place: `#/peers/${anouk.key}`,
        handlers: {
          'contacts.list': () => Promise.resolve([anouk]),
          'contacts.relay': (params) => {
            asked.push(params);
            if (asked.length > 1) return Promise.reject(new Error('no'));
            return Promise.resolve({ ...anouk, relay: params.on });
          },
        },
      });
      const box = page.getByRole('checkbox', { name: /Help each other to reach others/ });
      await box.check();
      await eventually(() => asked).toEqual([{ key: anouk.key, on: true }]);
      await box.click();
      await page.getByText('The setting was not changed').waitFor();
      await eventually(async () => expect(await box.isChecked()).toBe(true));
      expect(problems).toEqual([]);
    });

    test('invite - is looked at before it is added', async () => {
      const added: unknown[] = [];
      const preview: InvitePreview = {
        key: keyOf('CYRIL'),
        name: 'Cyril’s NAS',
        expiresAt: NOW + DAY - 60_000,
        expired: false,
        ways: ['udp 192.0.2.9:41641', 'nats nats://hub.example:4222 skerry'],
        state: null,
      };
      const { page, problems } = await open({
        handlers: {
          'invites.preview': ({ link }) =>
            link === INVITE ? Promise.resolve(preview) : Promise.reject(new Error('another link')),
          'contacts.add': (params) => {
            added.push(params);
            return Promise.resolve(contact({ key: preview.key, name: preview.name }));
          },
        },
      });
      await page.getByRole('button', { name: 'Add a peer' }).click();
      await page.getByLabel('Invite link or peer key').fill(`  ${INVITE}\n`);
      await page.getByRole('button', { name: 'Continue' }).click();
      const dialog = page.getByRole('dialog', { name: 'Add this peer?' });
      await dialog.getByText('Cyril’s NAS').waitFor();
      const text = await dialog.innerText();
      expect(text).toContain(`${preview.key.slice(0, 4)} ${preview.key.slice(4, 8)} …`);
      expect(text).toContain('udp 192.0.2.9:41641');
      expect(text).toContain('in 23 h');
      expect(added).toEqual([]);

      await dialog.getByRole('button', { name: 'Add peer' }).click();
      await page.getByRole('list', { name: 'Contacts' }).getByText('Cyril’s NAS').waitFor();
      expect(added).toEqual([{ target: INVITE }]);
      expect(await dialog.count()).toBe(0);
      expect(problems).toEqual([]);
    });

    test('invite - that has expired cannot be added', async () => {
      const { page } = await open({
        place: `#/peers/add/${encodeURIComponent(INVITE)}`,
        handlers: {
          'invites.preview': () =>
            Promise.resolve({
              key: keyOf('CYRIL'),
              name: 'Cyril',
              expiresAt: NOW - 1000,
              expired: true,
              ways: [],
              state: null,
            }),
        },
      });
      await page.getByText('has expired: ask for a new invite').waitFor();
      expect(await page.getByRole('button', { name: 'Add peer' }).isDisabled()).toBe(true);
      await page.keyboard.press('Escape');
      await eventually(() => page.getByRole('dialog').count()).toBe(0);
      expect(page.url()).toMatch(/#\/peers$/);
    });

    test('key - alone is added with an address, as a request', async () => {
      const added: unknown[] = [];
      const { page } = await open({
        handlers: {
          'contacts.add': (params) => {
            added.push(params);
            return Promise.resolve(
              contact({ state: 'invited', name: 'Farida', key: keyOf('FAR') }),
            );
          },
        },
      });
      await page.getByRole('button', { name: 'Add a peer' }).click();
      await page.getByLabel('Invite link or peer key').fill(keyOf('FAR'));
      await page.getByLabel('Address (optional)').fill('192.0.2.7:4711');
      await page.getByRole('button', { name: 'Send a request' }).click();
      await page.getByRole('link', { name: /Farida Waiting for their answer/ }).waitFor();
      expect(added).toEqual([{ target: keyOf('FAR'), at: '192.0.2.7:4711' }]);
    });

    test('invite - is made with a link to copy, a QR code and its end', async () => {
      const { page, problems } = await open({
        handlers: {
          'invites.create': () => Promise.resolve({ link: INVITE, expiresAt: NOW + DAY - 60_000 }),
        },
      });
      await page.getByRole('button', { name: 'Make an invite' }).click();
      const dialog = page.getByRole('dialog', { name: 'Invite someone' });
      await dialog.getByRole('img', { name: 'The invite as a QR code' }).waitFor();
      expect(await dialog.getByLabel('Invite link').inputValue()).toBe(INVITE);
      expect(await dialog.getByText('Expires in 23 h').count()).toBe(1);
      await dialog.getByRole('button', { name: 'Copy link' }).click();
      await dialog.getByRole('button', { name: 'Copied' }).waitFor();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(INVITE);
      expect(problems).toEqual([]);
    });

    test('contact - is removed only after a confirmation', async () => {
      const removed: string[] = [];
      const anouk = contact({ name: 'Anouk' });
      const { page } = await open({
        place: `#/peers/${anouk.key}`,
        handlers: {
          'contacts.list': () => Promise.resolve([anouk]),
          'contacts.remove': ({ key }) => {
            removed.push(key);
            return Promise.resolve({});
          },
        },
      });
      await page.getByRole('heading', { name: 'Anouk', level: 1 }).waitFor();
      expect((await page.getByTestId('peer-key').innerText()).replace(/\s/g, '')).toBe(anouk.key);
      await page.getByRole('button', { name: 'Remove' }).click();
      await page.keyboard.press('Escape');
      await eventually(() => page.getByRole('dialog').count()).toBe(0);
      expect(removed).toEqual([]);

      await page.getByRole('button', { name: 'Remove' }).click();
      const dialog = page.getByRole('dialog', { name: 'Remove this contact?' });
      await dialog.getByRole('button', { name: 'Remove' }).click();
      await page.getByText('No contacts yet').waitFor();
      expect(removed).toEqual([anouk.key]);
    });
  });
}
