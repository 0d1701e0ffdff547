import type { Command } from 'commander';
import type { LinkInfo, PathInfo } from '../../api/contract.ts';
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
        cell: ({ rttMs }) => rttText(rttMs),
        align: 'right',
      },
      { title: 'SENT', cell: ({ sentBytes }) => bytesText(sentBytes), align: 'right' },
      { title: 'RECEIVED', cell: ({ receivedBytes }) => bytesText(receivedBytes), align: 'right' },
      { title: 'UP', cell: ({ since }) => spanText(now - since), align: 'right' },
    ],
    links,
  );
}

interface PathRow extends PathInfo {
  readonly name: string;
}

function pathLines(terminal: Terminal, links: readonly LinkInfo[]): string[] {
  if (links.length === 0) return linkLines(terminal, links);
  const rows = links.flatMap(({ name, paths }) => paths.map((path) => ({ ...path, name })));
  return terminal.table<PathRow>(
    [
      { title: 'NAME', cell: ({ name }) => printable(name), shrinkTo: 8 },
      { title: 'PATH', cell: ({ kind }) => kind },
      { title: 'REMOTE', cell: ({ remote }) => printable(remote), shrinkTo: 12 },
      { title: 'STATE', cell: ({ state }) => state },
      {
        title: 'RTT',
        cell: ({ rttMs, state }) => (state === 'silent' ? '' : rttText(rttMs)),
        align: 'right',
      },
      {
        title: 'LOSS',
        cell: ({ loss, state }) => (state === 'silent' ? '' : `${(loss * 100).toFixed(1)} %`),
        align: 'right',
      },
    ],
    rows,
  );
}

const rttText = (rttMs: number): string => `${rttMs.toFixed(rttMs < 10 ? 1 : 0)} ms`;

export function addLinks(program: Command): void {
  program
    .command('links')
    .description('list the contacts that are linked now, with path and traffic')
    .option('--paths', 'every path of every link, also those that are not in use')
    .addHelpText('after', examples('skerry links', 'skerry links --paths'))
    .action(
      action(async ({ home, terminal }, options: { paths?: boolean }) => {
        const links = await withPeer(home, (api) => api.call('links.list', {}));
        const lines = options.paths === true ? pathLines : linkLines;
        terminal.result(links, () => lines(terminal, links));
      }),
    );
}
