import type { Command } from 'commander';
import { examples } from '../context.ts';
import { CliError } from '../errors.ts';

/** For the help alone: main.ts starts the router before anything of this is loaded. */
export function addRouter(program: Command): void {
  program
    .command('router')
    .description('run a NATS server with the options of nats-server; `skerry router -h` lists them')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText(
      'after',
      examples('skerry router -p 4222', 'skerry router -c nats.conf', 'skerry router -h'),
    )
    .action(() => {
      throw new CliError('usage', '"router" has to be the first word: its options are its own.');
    });
}
