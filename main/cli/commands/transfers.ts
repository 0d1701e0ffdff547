import type { Command } from 'commander';
import type { TransferInfo } from '../../api/contract.ts';
import { withPeer } from '../connection.ts';
import { action, examples } from '../context.ts';
import { bytesText, clockText, rateText, shortKey } from '../output/human.ts';
import { printable } from '../output/printable.ts';
import type { Terminal } from '../output/terminal.ts';
import { findTransfer } from '../resolve.ts';
import { whatOf } from '../transfer-report.ts';

function percentText({ bytes, state }: TransferInfo): string {
  if (bytes.total === 0) return state === 'done' ? '100%' : '-';
  return `${Math.floor((bytes.done / bytes.total) * 100)}%`;
}

function paceText({ state, rateBytesPerSecond, etaSeconds }: TransferInfo): string {
  if (state !== 'transferring') return '';
  const rate = rateText(rateBytesPerSecond);
  return etaSeconds === null ? rate : `${rate} ${clockText(etaSeconds)}`;
}

function transferLines(terminal: Terminal, transfers: readonly TransferInfo[]): string[] {
  if (transfers.length === 0) return ['No transfers.'];
  const table = terminal.table<TransferInfo>(
    [
      { title: 'ID', cell: ({ id }) => shortKey(id) },
      { title: 'FROM', cell: ({ peerName }) => printable(peerName), shrinkTo: 8 },
      {
        title: 'STATE',
        cell: ({ state }) => state,
        paint: (cell, { state }) =>
          state === 'failed'
            ? terminal.paint('red', cell)
            : state === 'done'
              ? terminal.paint('green', cell)
              : cell,
      },
      { title: 'DONE', cell: percentText, align: 'right' },
      { title: 'SIZE', cell: ({ bytes }) => bytesText(bytes.total), align: 'right' },
      { title: 'RATE, LEFT', cell: paceText },
      { title: 'WHAT', cell: (transfer) => printable(whatOf(transfer)), shrinkTo: 8 },
    ],
    transfers,
  );
  const reasons = transfers.flatMap(({ id, state, error }) =>
    state === 'failed' && error !== null
      ? [`${shortKey(id)}: ${printable(`${error.message} ${error.hint}`)}`]
      : [],
  );
  return [...table, ...reasons];
}

export function addTransfers(program: Command): void {
  const transfers = program
    .command('transfers')
    .description('list downloads, or act on one')
    .addHelpText('after', examples('skerry transfers', 'skerry transfers retry 4f2a'))
    .action(
      action(async ({ home, terminal }) => {
        const list = await withPeer(home, (api) => api.call('transfers.list', {}));
        terminal.result(list, () => transferLines(terminal, list));
      }),
    );
  const changes = [
    ['cancel', 'stop a download; what arrived is kept for going on', 'Cancelled'],
    ['retry', 'go on with a download that failed or was cancelled', 'Going on with'],
  ] as const;
  for (const [name, description, said] of changes) {
    transfers
      .command(name)
      .description(description)
      .argument('<transfer>', 'id or start of the id')
      .addHelpText('after', examples(`skerry transfers ${name} 4f2a`))
      .action(
        action(async ({ home, terminal }, text: string) => {
          const transfer = await withPeer(home, async (api) => {
            const { id } = await findTransfer(api, text);
            return await api.call(`transfers.${name}`, { id });
          });
          terminal.result(transfer, () => [`${said} ${printable(whatOf(transfer))}.`]);
        }),
      );
  }
  transfers
    .command('remove')
    .description('forget a download that has ended; files that arrived stay, parts go')
    .argument('<transfer>', 'id or start of the id')
    .addHelpText('after', examples('skerry transfers remove 4f2a'))
    .action(
      action(async ({ home, terminal }, text: string) => {
        const { what, result } = await withPeer(home, async (api) => {
          const transfer = await findTransfer(api, text);
          const call = api.call('transfers.remove', { id: transfer.id });
          return { what: whatOf(transfer), result: await call };
        });
        terminal.result(result, () => [`Removed ${printable(what)}.`]);
      }),
    );
}
