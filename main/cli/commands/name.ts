import type { Command } from 'commander';
import { withPeer } from '../connection.ts';
import { action, examples } from '../context.ts';
import { printable } from '../output/printable.ts';

export function addName(program: Command): void {
  program
    .command('name')
    .description('show or change the name that contacts see')
    .argument('[new]', 'the new name, at most 64 characters')
    .addHelpText('after', examples('skerry name', 'skerry name "Ada’s laptop"'))
    .action(
      action(async ({ home, terminal }, name: string | undefined) => {
        const settings = await withPeer(home, (api) =>
          name === undefined ? api.call('settings.get', {}) : api.call('settings.set', { name }),
        );
        terminal.result(settings, () => [printable(settings.name)]);
      }),
    );
}
