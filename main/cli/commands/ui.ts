import type { Command } from 'commander';
import { withPeer } from '../connection.ts';
import { action, examples } from '../context.ts';

export function addUi(program: Command): void {
  program
    .command('ui')
    .description('print a fresh address of the UI; it opens once, in a browser on this machine')
    .addHelpText('after', examples('skerry ui', 'xdg-open "$(skerry ui)"'))
    .action(
      action(async ({ home, terminal }) => {
        const opened = await withPeer(home, (api) => api.call('ui.open', {}));
        terminal.result(opened, () => [opened.url]);
      }),
    );
}
