import { describe, expect, test } from 'vitest';
import { contact, keyOf, NOW, status } from '../support/samples.ts';
import { eventually } from '../support/eventually.ts';
import type { UiBench } from '../support/ui.ts';

/** What `preload/preload.ts` gives the page, with canned answers of the peer behind its ports. */
const bridge = `
  const answers = ${JSON.stringify({
    'status.get': status({ ui: null }),
    'contacts.list': [contact({ name: 'Anouk' })],
    'shares.list': [],
    'offers.list': [],
    'transfers.list': [],
    'services.list': [],
    'services.remote': [],
    'forwards.list': [],
    'invites.preview': {
      key: keyOf('CYRIL'),
      name: 'Cyril',
      expiresAt: NOW + 3_600_000,
      expired: false,
      ways: [],
      state: null,
    },
  })};
  window.pagePorts = [];
  addEventListener('message', ({ ports }) => window.pagePorts.push(...ports));
  window.skerry = {
    platform: 'linux',
    requestPort() {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => {
        const { id, call } = JSON.parse(data);
        if (id !== undefined) port1.postMessage(JSON.stringify({ id, result: answers[call] }));
      };
      window.postMessage('skerry-port', location.origin, [port2]);
      return Promise.resolve();
    },
    pickPaths: (kind) => Promise.resolve(['/home/mara/' + kind]),
    onDeepLink(listener) {
      window.openLink = listener;
      return () => {};
    },
  };
`;

declare global {
  interface Window {
    pagePorts: MessagePort[];
    openLink: (link: string) => void;
  }
}

export function describeDesktop(open: UiBench['open']): void {
  describe('desktop', () => {
    const options = { script: bridge, address: ({ url }: { url: string }) => url };

    test('desktop - reaches the peer by a port, without a session, and again when it closes', async () => {
      const { page, problems } = await open(options);
      await page.getByRole('link', { name: /Anouk/ }).waitFor();
      // Electron says so when the other end is gone; Chromium alone does not.
      await page.evaluate(() => window.pagePorts[0]?.dispatchEvent(new Event('close')));
      await eventually(() => page.evaluate(() => window.pagePorts.length)).toBe(2);
      await eventually(() => page.getByText('Connection to the peer lost').count()).toBe(0);
      expect(await page.getByRole('link', { name: /Anouk/ }).count()).toBe(1);
      expect(problems).toEqual([]);
    });

    test('desktop - a link that was opened is shown for confirmation', async () => {
      const { page } = await open(options);
      await page.getByRole('link', { name: /Anouk/ }).waitFor();
      await page.evaluate(() => window.openLink('skerry://invite/abc'));
      const dialog = page.getByRole('dialog', { name: 'Add this peer?' });
      await dialog.getByText('Cyril').waitFor();
      await dialog.getByRole('button', { name: 'Close' }).click();
      expect(page.url()).not.toContain('invite');
    });

    test('desktop - what is shared is chosen with the system’s own picker', async () => {
      const { page } = await open(options);
      await page.getByRole('link', { name: 'Files' }).click();
      await page.getByRole('button', { name: 'Share something' }).click();
      await page.getByRole('button', { name: 'Choose a folder…' }).click();
      await page.getByText('/home/mara/folder').waitFor();
      expect(await page.getByLabel('Name').inputValue()).toBe('folder');
    });
  });
}
