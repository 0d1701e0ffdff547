import type { Command } from 'commander';
import type { ContactInfo, ShareInfo } from '../../api/contract.ts';
import { withPeer } from '../connection.ts';
import { action, examples } from '../context.ts';
import { bytesText, countText, shortKey } from '../output/human.ts';
import { contentStateText } from '../output/content-state.ts';
import { printable } from '../output/printable.ts';
import type { Terminal } from '../output/terminal.ts';
import { findShare } from '../resolve.ts';

/** `everyone`, or the names of the contacts. */
function audienceText(audience: ShareInfo['audience'], contacts: readonly ContactInfo[]): string {
  if (audience === 'everyone') return 'everyone';
  const names = new Map(contacts.map(({ key, name }) => [key, name]));
  return audience.map((key) => printable(names.get(key) ?? shortKey(key))).join(', ');
}

function shareLines(
  terminal: Terminal,
  shares: readonly ShareInfo[],
  contacts: readonly ContactInfo[],
): string[] {
  if (shares.length === 0) return ['Nothing is shared. Share something with: skerry share <path>'];
  return terminal.table<ShareInfo>(
    [
      { title: 'NAME', cell: ({ name }) => printable(name), shrinkTo: 8 },
      { title: 'SIZE', cell: ({ bytes }) => bytesText(bytes), align: 'right' },
      { title: 'FILES', cell: ({ files }) => countText(files), align: 'right' },
      { title: 'STATE', cell: contentStateText },
      { title: 'WITH', cell: ({ audience }) => audienceText(audience, contacts), shrinkTo: 8 },
      { title: 'ID', cell: ({ id }) => shortKey(id) },
    ],
    shares,
  );
}

export function addShares(program: Command): void {
  program
    .command('shares')
    .description('list what this peer shares')
    .addHelpText('after', examples('skerry shares'))
    .action(
      action(async ({ home, terminal }) => {
        const { shares, contacts } = await withPeer(home, async (api) => ({
          shares: await api.call('shares.list', {}),
          contacts: terminal.json ? [] : await api.call('contacts.list', {}),
        }));
        terminal.result(shares, () => shareLines(terminal, shares, contacts));
      }),
    );
  program
    .command('unshare')
    .description('stop sharing something, at once; the files stay')
    .argument('<share>', 'name, id or start of the id')
    .addHelpText('after', examples('skerry unshare docs'))
    .action(
      action(async ({ home, terminal }, text: string) => {
        const { name, result } = await withPeer(home, async (api) => {
          const share = await findShare(api, text);
          return { name: share.name, result: await api.call('shares.remove', { id: share.id }) };
        });
        terminal.result(result, () => [`${printable(name)} is no longer shared.`]);
      }),
    );
}
