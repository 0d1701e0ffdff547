import type { Command } from 'commander';
import type { RemoteServiceInfo } from '../../api/contract.ts';
import { withPeer } from '../connection.ts';
import { action, examples } from '../context.ts';
import { printable } from '../output/printable.ts';
import type { Terminal } from '../output/terminal.ts';
import { findContact, isChosen } from '../resolve.ts';

function serviceLines(terminal: Terminal, services: readonly RemoteServiceInfo[]): string[] {
  if (services.length === 0) return ['Nobody exposes a service to you.'];
  return terminal.table<RemoteServiceInfo>(
    [
      { title: 'FROM', cell: ({ peerName }) => printable(peerName), shrinkTo: 8 },
      { title: 'SERVICE', cell: ({ name }) => printable(name) },
      {
        title: 'STATE',
        cell: ({ online }) => (online ? 'online' : 'offline'),
        paint: (cell, { online }) => (online ? terminal.paint('green', cell) : cell),
      },
    ],
    services,
  );
}

export function addServices(program: Command): void {
  program
    .command('services')
    .description('list the services that contacts expose to you')
    .argument('[peer]', 'of this contact alone')
    .addHelpText('after', examples('skerry services', 'skerry forward ada/web 9000'))
    .action(
      action(async ({ home, terminal }, peer: string | undefined) => {
        const services = await withPeer(home, async (api) => {
          const key = peer === undefined ? null : (await findContact(api, peer, isChosen)).key;
          const all = await api.call('services.remote', {});
          return all.filter((service) => key === null || service.peer === key);
        });
        terminal.result(services, () => serviceLines(terminal, services));
      }),
    );
}
