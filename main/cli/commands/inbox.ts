import type { Command } from 'commander';
import type { OfferInfo } from '../../api/contract.ts';
import { withPeer } from '../connection.ts';
import { action, examples } from '../context.ts';
import { contentStateText } from '../output/content-state.ts';
import { bytesText, countText, shortKey } from '../output/human.ts';
import { printable } from '../output/printable.ts';
import type { Terminal } from '../output/terminal.ts';

/** A table of offers, as `inbox` and `ls <peer>` show it. */
export function offerLines(terminal: Terminal, offers: readonly OfferInfo[]): string[] {
  return terminal.table<OfferInfo>(
    [
      { title: 'FROM', cell: ({ peerName }) => printable(peerName), shrinkTo: 8 },
      {
        title: 'NAME',
        cell: ({ name, kind }) => `${printable(name)}${kind === 'folder' ? '/' : ''}`,
        shrinkTo: 8,
      },
      { title: 'SIZE', cell: ({ bytes }) => bytesText(bytes), align: 'right' },
      { title: 'FILES', cell: ({ files }) => countText(files), align: 'right' },
      {
        title: 'STATE',
        cell: (offer) => (offer.online ? contentStateText(offer) : 'offline'),
      },
      { title: 'ID', cell: ({ id }) => shortKey(id) },
    ],
    offers,
  );
}

export function addInbox(program: Command): void {
  program
    .command('inbox')
    .description('list what contacts offer you')
    .addHelpText('after', examples('skerry inbox', 'skerry get ada/photos'))
    .action(
      action(async ({ home, terminal }) => {
        const offers = await withPeer(home, (api) => api.call('offers.list', {}));
        terminal.result(offers, () =>
          offers.length === 0 ? ['Nobody offers you anything yet.'] : offerLines(terminal, offers),
        );
      }),
    );
}
