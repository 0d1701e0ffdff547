import type { Command } from 'commander';
import { codeOf } from '../../base/errors.ts';
import { withPeer } from '../connection.ts';
import { action, examples } from '../context.ts';
import { processEnd } from '../process-end.ts';

/** A peer stops within its own bounds; this is for one whose process stays for another reason. */
const PROCESS_END_MS = 15_000;

export function addStop(program: Command): void {
  program
    .command('stop')
    .description('stop the running peer; returns when it has ended')
    .addHelpText('after', examples('skerry stop', 'skerry stop && skerry up'))
    .action(
      action(async ({ home, terminal }) => {
        const { pid } = await withPeer(home, async (api) => {
          const status = await api.call('status.get', {});
          // A peer that hangs up before it has answered has stopped as well.
          await api.call('peer.stop', {}).catch((error: unknown) => {
            if (codeOf(error) !== 'connection-lost') throw error;
          });
          await api.closed.catch(() => undefined);
          return status;
        });
        await processEnd(pid, PROCESS_END_MS);
        terminal.result({}, () => ['Stopped.']);
      }),
    );
}
