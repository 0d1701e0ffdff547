import type { Command } from 'commander';
import type { LinkInfo } from '../../api/contract.ts';
import { withPeer } from '../connection.ts';
import { action, examples } from '../context.ts';
import { bytesText, spanText } from '../output/human.ts';
import { printable } from '../output/printable.ts';
import type { Terminal } from '../output/terminal.ts';

function linkLines(terminal: Terminal, links: readonly LinkInfo[]): string[] {
  if (links.length === 0) return ['No links: no accepted contact is online.'];
  const now = Date.now();
  return terminal.table<LinkInfo>(
    [
      { title: 'NAME', cell: ({ name }) => printable(name), shrinkTo: 8 },
      { title: 'PATH', cell: ({ path }) => path },
      { title: 'REMOTE', cell: ({ remote }) => printable(remote), shrinkTo: 12 },
      {
        title: 'RTT',
        cell: ({ rttMs }) => `${rttMs.toFixed(rttMs < 10 ? 1 : 0)} ms`,
        align: 'right',
      },
      { title: 'SENT', cell: ({ sentBytes }) => bytesText(sentBytes), align: 'right' },
      { title: 'RECEIVED', cell: ({ receivedBytes }) => bytesText(receivedBytes), align: 'right' },
      { title: 'UP', cell: ({ since }) => spanText(now - since), align: 'right' },
    ],
    links,
  );
}

export function addLinks(program: Command): void {
  program
    .command('links')
    .description('list the contacts that are linked now, with path and traffic')
    .addHelpText('after', examples('skerry links'))
    .action(
      action(async ({ home, terminal }) => {
        const links = await withPeer(home, (api) => api.call('links.list', {}));
        terminal.result(links, () => linkLines(terminal, links));
      }),
    );
}
