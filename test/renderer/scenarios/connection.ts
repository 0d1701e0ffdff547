import type { WebSocketRoute } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { ContactInfo } from '../../../main/api/contract.ts';
import { contact, keyOf } from '../support/samples.ts';
import { eventually } from '../support/eventually.ts';
import type { UiBench } from '../support/ui.ts';

export function describeConnection(open: UiBench['open'], serve: UiBench['serve']): void {
  describe('connection', () => {
    test('connection - when it is lost a banner says so, and all lists are fetched again', async () => {
      let contacts: ContactInfo[] = [contact({ name: 'Anouk' })];
      const { page, peer } = await open({
        handlers: { 'contacts.list': () => Promise.resolve(contacts) },
      });
      const sockets: WebSocketRoute[] = [];
      let reachable = true;
      await page.routeWebSocket('**/api', (socket) => {
        if (!reachable) return void socket.close();
        socket.connectToServer();
        sockets.push(socket);
      });
      await page.reload();
      await page.getByRole('link', { name: /Anouk/ }).waitFor();

      reachable = false;
      contacts = [contact({ name: 'Bo', key: keyOf('BO') })];
      await sockets[0]?.close();
      await page.getByText('Connection to the peer lost, trying again').waitFor();
      expect(await page.getByRole('link', { name: /Anouk/ }).isVisible()).toBe(true);

      reachable = true;
      await page.getByRole('link', { name: /Bo/ }).waitFor();
      expect(await page.getByRole('link', { name: /Anouk/ }).count()).toBe(0);
      expect(await page.getByText('Connection to the peer lost').count()).toBe(0);

      peer.emit({
        event: 'contact',
        subject: keyOf('BO'),
        data: contact({ name: 'Bo the second', key: keyOf('BO') }),
      });
      await page.getByRole('link', { name: /Bo the second/ }).waitFor();
    });

    test('connection - to a peer that was started anew needs a new address', async () => {
      const { page, server } = await open();
      await server.close();
      await page.getByText('Connection to the peer lost, trying again').waitFor();
      await serve({}, server.port);
      await page.getByRole('heading', { name: 'This page needs a new address' }).waitFor();
      expect(await page.getByRole('navigation').count()).toBe(0);
    });

    test('connection - an event that overtakes a list wins over it', async () => {
      const list = Promise.withResolvers<ContactInfo[]>();
      const { page, peer, problems } = await open({
        handlers: { 'contacts.list': () => list.promise },
        address: (server) => server.mintUrl(),
      });
      await eventually(() => peer.listeners()).toBe(1);
      peer.emit({ event: 'contact', subject: keyOf('ANOUK'), data: contact({ name: 'Newer' }) });
      peer.emit({ event: 'contact', subject: keyOf('GONE'), data: null });
      // The events are sent at most 100 ms after they were said.
      await page.waitForTimeout(250);
      list.resolve([
        contact({ name: 'Older' }),
        contact({ name: 'Gone', key: keyOf('GONE') }),
        contact({ name: 'Other', key: keyOf('OTHER') }),
      ]);
      await page.getByRole('link', { name: /Other/ }).waitFor();
      expect(await page.getByRole('link', { name: /Newer/ }).count()).toBe(1);
      expect(await page.getByRole('link', { name: /Older|Gone/ }).count()).toBe(0);
      expect(problems).toEqual([]);
    });
  });
}
