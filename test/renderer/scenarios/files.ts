import { describe, expect, test } from 'vitest';
import type { EntryInfo, Handlers, ShareInfo } from '../../../main/api/contract.ts';
import { contact, entry, keyOf, offer, share, transfer } from '../support/samples.ts';
import { eventually } from '../support/eventually.ts';
import type { UiBench } from '../support/ui.ts';

type BrowseParams = Parameters<Handlers['offers.browse']>[0];

/** A folder of `count` files and one folder, paged as the peer does it. */
function folder(count: number) {
  const entries: EntryInfo[] = [
    entry({ path: 'North Sea', kind: 'folder', files: 12 }),
    ...Array.from({ length: count }, (_, index) =>
      entry({ path: `table-${String(index).padStart(4, '0')}.csv` }),
    ),
  ];
  const asked: BrowseParams[] = [];
  const browse = (params: BrowseParams) => {
    asked.push(params);
    if (params.path !== '') {
      return Promise.resolve({ entries: [entry({ path: `${params.path}/deep.csv` })], next: null });
    }
    const start = params.after === undefined ? 0 : Number(params.after);
    const end = start + params.limit;
    return Promise.resolve({
      entries: entries.slice(start, end),
      next: end < entries.length ? String(end) : null,
    });
  };
  return { browse, asked };
}

export function describeFiles(open: UiBench['open']): void {
  describe('files', () => {
    test('browse - a long folder comes a page at a time, forth and back', async () => {
      const { browse, asked } = folder(450);
      const { page, problems } = await open({
        place: '#/files/offers',
        handlers: { 'offers.list': () => Promise.resolve([offer()]), 'offers.browse': browse },
      });
      await page.getByRole('link', { name: 'Tide tables' }).click();
      const rows = page.getByRole('list', { name: 'Entries' }).getByRole('listitem');
      await page.getByText('table-0000.csv').waitFor();
      expect(await rows.count()).toBe(200);

      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByText('table-0199.csv').waitFor();
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByText('table-0449.csv').waitFor();
      expect(await rows.count()).toBe(51);
      expect(await page.getByRole('button', { name: 'Next' }).isDisabled()).toBe(true);
      await page.getByRole('button', { name: 'Previous' }).click();
      await page.getByText('table-0199.csv').waitFor();
      expect(asked.map(({ after }) => after)).toEqual([undefined, '200', '400', '200']);
      expect(problems).toEqual([]);
    });

    test('browse - goes down by folders and up by breadcrumbs', async () => {
      const { browse } = folder(3);
      const { page } = await open({
        place: `#/files/offers/${keyOf('ANOUK')}/o1`,
        handlers: { 'offers.list': () => Promise.resolve([offer()]), 'offers.browse': browse },
      });
      await page.getByRole('link', { name: 'North Sea' }).click();
      await page.getByText('deep.csv').waitFor();
      expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('North Sea');
      await page
        .getByRole('navigation', { name: 'Breadcrumbs' })
        .getByRole('link', { name: 'Tide tables' })
        .click();
      await page.getByText('table-0002.csv').waitFor();
      await page.goBack();
      await page.getByText('deep.csv').waitFor();
    });

    test('download - of a file, a folder and the whole share asks for exactly that', async () => {
      const { browse } = folder(3);
      const started: unknown[] = [];
      const { page } = await open({
        place: `#/files/offers/${keyOf('ANOUK')}/o1`,
        handlers: {
          'offers.list': () => Promise.resolve([offer()]),
          'offers.browse': browse,
          'transfers.start': (params) => {
            started.push(params);
            return Promise.resolve(transfer({ id: `t${started.length}`, path: params.path }));
          },
        },
      });
      await page.getByRole('button', { name: 'Download table-0001.csv' }).click();
      await page
        .getByRole('listitem')
        .filter({ hasText: 'table-0001.csv' })
        .getByText('41%')
        .waitFor();
      await page.getByRole('button', { name: 'Download North Sea' }).click();
      await page.getByRole('button', { name: 'Download Tide tables' }).click();
      await eventually(() => started).toEqual([
        { peer: keyOf('ANOUK'), share: 'o1', path: 'table-0001.csv' },
        { peer: keyOf('ANOUK'), share: 'o1', path: 'North Sea' },
        { peer: keyOf('ANOUK'), share: 'o1', path: '' },
      ]);
    });

    test('offer - that is taken back is gone from the list and from where it is browsed', async () => {
      const { browse } = folder(3);
      const { page, peer } = await open({
        place: `#/files/offers/${keyOf('ANOUK')}/o1`,
        handlers: { 'offers.list': () => Promise.resolve([offer()]), 'offers.browse': browse },
      });
      await page.getByText('table-0001.csv').waitFor();
      peer.emit({ event: 'offer', subject: `${keyOf('ANOUK')}/o1`, data: null });
      await page.getByText('No longer offered').waitFor();
      await page.getByRole('link', { name: 'All offers' }).click();
      await page.getByText('Nothing is offered to you yet').waitFor();
    });

    test('share - is chosen in the folders of the peer’s machine, for chosen contacts', async () => {
      const added: unknown[] = [];
      const { page, peer, problems } = await open({
        place: '#/files/shares',
        handlers: {
          'contacts.list': () => Promise.resolve([contact({ name: 'Anouk' })]),
          'host.folder': ({ path = '/home/mara' }) =>
            Promise.resolve({
              path,
              parent: '/home',
              entries: [
                { name: 'Music', path: `${path}/Music`, kind: 'folder' as const, bytes: 0 },
                {
                  name: 'letter.odt',
                  path: `${path}/letter.odt`,
                  kind: 'file' as const,
                  bytes: 31_200,
                },
              ],
              truncated: false,
            }),
          'shares.add': (params) => {
            added.push(params);
            const hashing: ShareInfo = share({
              name: 'A letter',
              state: 'hashing',
              hashedBytes: 0,
            });
            return Promise.resolve(hashing);
          },
        },
      });
      await page.getByRole('button', { name: 'Share something' }).click();
      await page.getByRole('button', { name: 'Music' }).click();
      await page.getByLabel('Folder on the peer’s computer').and(page.locator('[id]')).waitFor();
      await eventually(() => page.getByLabel('Folder on the peer’s computer').inputValue()).toBe(
        '/home/mara/Music',
      );
      await page.getByRole('button', { name: /letter\.odt/ }).click();
      await page.getByRole('button', { name: 'Choose letter.odt' }).click();
      await page.getByLabel('Name').fill('A letter');
      await page.getByLabel('Only contacts I choose').check();
      expect(await page.getByRole('button', { name: 'Share', exact: true }).isDisabled()).toBe(
        true,
      );
      await page.getByRole('checkbox', { name: 'Anouk' }).check();
      await page.getByRole('button', { name: 'Share', exact: true }).click();

      const row = page.getByRole('list', { name: 'My shares' }).getByRole('listitem');
      await row.getByText('Hashing, 0%').waitFor();
      expect(added).toEqual([
        { path: '/home/mara/Music/letter.odt', name: 'A letter', audience: [keyOf('ANOUK')] },
      ]);
      peer.emit({
        event: 'share',
        subject: 's1',
        data: share({ state: 'hashing', hashedBytes: 3_210_000_000 }),
      });
      await row.getByText('Hashing, 50%').waitFor();
      expect(await row.getByRole('progressbar').getAttribute('aria-valuetext')).toBe('50%');
      expect(problems).toEqual([]);
    });

    test('share - is taken back after a confirmation', async () => {
      const removed: string[] = [];
      const { page } = await open({
        place: '#/files/shares',
        handlers: {
          'shares.list': () => Promise.resolve([share({ name: 'Ledger' })]),
          'shares.remove': ({ id }) => {
            removed.push(id);
            return Promise.resolve({});
          },
        },
      });
      await page.getByRole('button', { name: 'Unshare Ledger' }).click();
      const dialog = page.getByRole('dialog', { name: 'Stop sharing this?' });
      await dialog.getByRole('button', { name: 'Unshare' }).click();
      await page.getByText('You share nothing yet').waitFor();
      expect(removed).toEqual(['s1']);
    });
  });
}
