import { describe, expect, test } from 'vitest';
import type { NearbyInfo } from '../../../main/api/contract.ts';
import { SkerryError } from '../../../main/base/errors.ts';
import { eventually } from '../support/eventually.ts';
import { contact, keyOf, NOW } from '../support/samples.ts';
import type { UiBench } from '../support/ui.ts';

const FINGERPRINT = {
  words: ['fresh', 'hard', 'debate', 'mask', 'kid', 'worth'],
  icons: ['scissors', 'gem', 'book', 'feather'],
};

function nearby(change: Partial<NearbyInfo> = {}): NearbyInfo {
  return {
    key: keyOf('IRIS'),
    name: 'Iris',
    state: null,
    seenAt: NOW,
    addresses: ['192.168.1.44:41641'],
    fingerprint: null,
    ...change,
  };
}

export function describeNearby(open: UiBench['open']): void {
  describe('nearby', () => {
    test('stranger - appears, is asked after a confirmation, and both words and pictures are shown', async () => {
      const asked: string[] = [];
      const { page, peer, problems } = await open({
        handlers: {
          'nearby.ask': ({ key }) => {
            asked.push(key);
            return Promise.resolve(contact({ key, name: 'Iris', state: 'invited' }));
          },
        },
      });
      await page.getByText('Nobody new is here.').waitFor();
      const iris = nearby();
      peer.emit({ event: 'nearby', subject: iris.key, data: iris });
      await page.getByRole('button', { name: 'Ask Iris' }).click();
      const dialog = page.getByRole('dialog', { name: 'Ask to become contacts?' });
      await dialog.waitFor();
      expect(asked).toEqual([]);
      await page.keyboard.press('Enter');
      const compare = page.getByRole('dialog', { name: 'Compare, to be sure' });
      await compare.waitFor();
      expect(asked).toEqual([iris.key]);
      const drawn = { ...iris, state: 'invited' as const, fingerprint: FINGERPRINT };
      peer.emit({ event: 'nearby', subject: iris.key, data: drawn });
      const words = compare.getByRole('list', { name: 'Words' }).getByRole('listitem');
      await eventually(() => words.count()).toBe(6);
      expect((await words.allInnerTexts()).join(' ')).toMatch(/fresh[^]*worth/);
      const pictures = compare.getByRole('list', { name: 'Pictures' }).getByRole('listitem');
      expect(await pictures.allInnerTexts()).toEqual(FINGERPRINT.icons);
      await compare.getByRole('button', { name: 'Done' }).click();
      await page.getByRole('button', { name: 'Compare with Iris' }).waitFor();
      peer.emit({ event: 'nearby', subject: iris.key, data: null });
      await page.getByText('Nobody new is here.').waitFor();
      expect(problems).toEqual([]);
    });

    test('stranger - whose words differ is forgotten', async () => {
      const removed: string[] = [];
      const iris = nearby({ state: 'invited', fingerprint: FINGERPRINT });
      const { page } = await open({
        handlers: {
          'nearby.list': () => Promise.resolve([iris]),
          'contacts.list': () => Promise.resolve([contact({ key: iris.key, state: 'invited' })]),
          'contacts.remove': ({ key }) => {
            removed.push(key);
            return Promise.resolve({});
          },
        },
      });
      await page.getByRole('button', { name: 'Compare with Iris' }).click();
      await page.getByRole('button', { name: 'They differ' }).click();
      await eventually(() => page.getByRole('dialog').count()).toBe(0);
      expect(removed).toEqual([iris.key]);
    });

    test('stranger - that cannot be asked says why', async () => {
      const table = { gone: { meaning: 'Gone.', hint: 'Wait for them.' } };
      const { page } = await open({
        handlers: {
          'nearby.list': () => Promise.resolve([nearby({ name: null })]),
          'nearby.ask': () => Promise.reject(new SkerryError(table, 'gone', 'They have left.')),
        },
      });
      await page.getByRole('button', { name: /^Ask AIRI/ }).click();
      await page.getByRole('button', { name: 'Send a request' }).click();
      await page.getByRole('alert').getByText('They have left.').waitFor();
      expect(await page.getByRole('button', { name: 'Send a request' }).isEnabled()).toBe(true);
    });

    test('request - of a peer nearby shows what the asker sees', async () => {
      const key = keyOf('IRIS');
      const { page } = await open({
        handlers: {
          'contacts.list': () =>
            Promise.resolve([contact({ key, name: 'Iris', state: 'requested' })]),
          'nearby.list': () =>
            Promise.resolve([
              nearby({ state: 'requested', seenAt: null, fingerprint: FINGERPRINT }),
            ]),
        },
      });
      const requests = page.getByRole('list', { name: 'Requests' });
      await requests.getByText('debate').waitFor();
      expect(await requests.getByRole('button', { name: 'Accept Iris' }).count()).toBe(1);
      await page.getByText('Nobody new is here.').waitFor();
    });

    test('visibility - is chosen, and the name with it', async () => {
      const set: unknown[] = [];
      let settings = { lan: 'contacts' as 'everyone' | 'contacts' | 'off', name: false };
      const { page } = await open({
        handlers: {
          'nearby.settings': () => Promise.resolve(settings),
          'nearby.set': (change) => {
            set.push(change);
            settings = { lan: change.lan ?? settings.lan, name: change.name ?? settings.name };
            return Promise.resolve(settings);
          },
        },
      });
      const choice = page.getByLabel('On this network you are found by');
      await choice.waitFor();
      expect(await choice.inputValue()).toBe('contacts');
      expect(await page.getByLabel('by my name').count()).toBe(0);
      await choice.selectOption('everyone');
      await page.getByLabel('by my name').check();
      await eventually(() => set).toEqual([{ lan: 'everyone' }, { name: true }]);
    });
  });
}
