import type { Command } from 'commander';
import { withPeer } from '../connection.ts';
import { action, examples } from '../context.ts';
import { factLines } from '../output/facts.ts';
import { printable } from '../output/printable.ts';

export function addId(program: Command): void {
  program
    .command('id')
    .description('show the key and the name of this peer')
    .addHelpText('after', examples('skerry id'))
    .action(
      action(async ({ home, terminal }) => {
        const { key, name } = await withPeer(home, (api) => api.call('status.get', {}));
        terminal.result({ key, name }, () =>
          factLines(terminal, [
            ['key', [key]],
            ['name', [printable(name)]],
          ]),
        );
      }),
    );
}
