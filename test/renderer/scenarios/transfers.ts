import { describe, expect, test } from 'vitest';
import type { TransferInfo } from '../../../main/api/contract.ts';
import { transfer } from '../support/samples.ts';
import { eventually } from '../support/eventually.ts';
import type { UiBench } from '../support/ui.ts';

export function describeTransfers(open: UiBench['open']): void {
  describe('transfers', () => {
    test('transfer - shows stage, what is left, rate and estimate, and speaks only of stages', async () => {
      const { page, peer, problems } = await open({
        place: '#/files/transfers',
        handlers: { 'transfers.list': () => Promise.resolve([transfer({ state: 'waiting' })]) },
      });
      const say = (change: Partial<TransferInfo>) =>
        peer.emit({ event: 'transfer', subject: 't1', data: transfer(change) });
      const row = page.getByRole('article', { name: 'Tide tables' });
      const bar = row.getByRole('progressbar', { name: 'Download of Tide tables' });
      const spoken = page.getByTestId('spoken');
      await row.getByText('Waiting', { exact: true }).waitFor();
      expect(await bar.getAttribute('value')).toBeNull();

      say({ state: 'verifying', stage: { done: 40e6, total: 90e6 } });
      await row.getByText('40 MB of 90 MB').waitFor();
      expect(await bar.getAttribute('aria-valuetext')).toBe('Verifying, 44%');
      expect(await spoken.textContent()).toContain('verifying');

      say({ bytes: { done: 203e6, total: 812e6 } });
      await row.getByText('609 MB left').waitFor();
      expect(await bar.getAttribute('aria-valuetext')).toBe('Transferring, 25%');
      for (const fact of ['74.6 MB/s', '6 s to go', '2,210 of 5,312 files']) {
        expect(await row.getByText(fact).count()).toBe(1);
      }
      const words = await spoken.textContent();
      say({ bytes: { done: 406e6, total: 812e6 } });
      await row.getByText('406 MB left').waitFor();
      expect(await spoken.textContent()).toBe(words);

      say({ state: 'done', bytes: { done: 812e6, total: 812e6 } });
      await row.getByText('/home/mara/Downloads/Skerry/Tide tables').waitFor();
      expect(await bar.count()).toBe(0);
      expect(problems).toEqual([]);
    });

    test('transfer - that failed says why and what to do, and can be tried again', async () => {
      const error = {
        code: 'unshared',
        message: 'Anouk no longer shares this.',
        hint: 'Ask Anouk.',
      };
      const { page } = await open({
        place: '#/files/transfers',
        handlers: {
          'transfers.list': () => Promise.resolve([transfer({ state: 'failed', error })]),
          'transfers.retry': () => Promise.resolve(transfer()),
        },
      });
      const row = page.getByRole('article', { name: 'Tide tables' });
      await row.getByText('Anouk no longer shares this.').waitFor();
      expect(await row.getByText('Ask Anouk.').count()).toBe(1);
      await row.getByRole('button', { name: 'Retry Tide tables' }).click();
      await row.getByRole('progressbar').waitFor();
    });

    test('transfer - is cancelled, then removed', async () => {
      const { page } = await open({
        place: '#/files/transfers',
        handlers: {
          'transfers.list': () => Promise.resolve([transfer()]),
          'transfers.cancel': () => Promise.resolve(transfer({ state: 'cancelled' })),
          'transfers.remove': () => Promise.resolve({}),
        },
      });
      await page.getByRole('button', { name: 'Cancel Tide tables' }).click();
      await page.getByRole('article', { name: 'Tide tables' }).getByText('Cancelled').waitFor();
      await page.getByRole('button', { name: 'Remove Tide tables from the list' }).click();
      await page.getByText('No transfers').waitFor();
      expect(await page.getByRole('article').count()).toBe(0);
    });

    test('transfers - by the thousand are shown a page at a time', async () => {
      const many = Array.from({ length: 1000 }, (_, index) =>
        transfer({ id: `t${index}`, shareName: `Share ${index}`, startedAt: 1e12 - index }),
      );
      const { page } = await open({
        place: '#/files/transfers',
        handlers: { 'transfers.list': () => Promise.resolve(many) },
      });
      await page.getByText('Page 1 of 20').waitFor();
      expect(await page.getByRole('article').count()).toBe(50);
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByRole('article', { name: 'Share 50', exact: true }).waitFor();
    });

    test('notice - is shown, leads to its subject, and can be dismissed', async () => {
      const { page, peer } = await open();
      const notice = { peer: null, transfer: 't1', body: '812 MB from Anouk.' };
      const say = (title: string, kind: 'download-done' | 'download-failed') =>
        peer.emit({ event: 'notice', subject: '', data: { ...notice, kind, title } });
      const messages = page.getByRole('region', { name: 'Messages' });
      say('Tide tables has arrived', 'download-done');
      await messages.getByText('Tide tables has arrived').waitFor();
      await messages.getByRole('link', { name: 'Show' }).click();
      await eventually(() => page.url()).toMatch(/#\/files\/transfers$/);
      expect(await messages.getByRole('listitem').count()).toBe(0);

      // Each waits for the other: the peer sends one notice in 100 ms.
      say('It failed', 'download-failed');
      await messages.getByText('It failed').waitFor();
      await messages.getByRole('button', { name: 'Dismiss' }).click();
      expect(await messages.getByRole('listitem').count()).toBe(0);
    });
  });
}
