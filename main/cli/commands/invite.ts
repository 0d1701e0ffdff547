import type { Command } from 'commander';
import { withPeer } from '../connection.ts';
import { action, examples } from '../context.ts';
import { timeText } from '../output/human.ts';

export function addInvite(program: Command): void {
  program
    .command('invite')
    .description('make an invite: a link that makes one other peer and this one contacts')
    .addHelpText('after', examples('skerry invite', 'skerry add "skerry://invite/…"   # there'))
    .action(
      action(async ({ home, terminal }) => {
        const invite = await withPeer(home, (api) => api.call('invites.create', {}));
        terminal.result(invite, () => [invite.link]);
        terminal.note(
          `Send it to one person, secretly. It works once, until ${timeText(invite.expiresAt)}.`,
        );
      }),
    );
}
