import { CommanderError, type Command } from 'commander';
import { codeOf } from '../base/errors.ts';
import { exitCodes, exitCodeOfSignal } from './exit-codes.ts';
import { errorInfoOf, exitCodeOf, failureLine } from './failure.ts';
import { createProgram } from './program.ts';

/** How long an ended program may take to let go of its handles before it is ended. */
const LINGER_MS = 1_000;

/** Whether errors are to be JSON; asked of the raw words, because they may not parse. */
function wantsJson(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return words.slice(0, end === -1 ? undefined : end).includes('--json');
}

/** `skerry get`: the command whose help tells more about a usage error. */
function commandOf(program: Command, words: readonly string[]): string {
  const names = new Set(program.commands.map((command) => command.name()));
  const name = words.find((word) => names.has(word));
  return name === undefined ? program.name() : `${program.name()} ${name}`;
}

/** Runs one command line and returns the exit code. */
async function run(words: readonly string[]): Promise<number> {
  const json = wantsJson(words);
  const program = createProgram();
  if (json) program.configureOutput({ writeErr: () => undefined });
  try {
    await program.parseAsync(words, { from: 'user' });
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version are printed by then; help in place of a missing command is a usage error.
      if (error.exitCode === 0) return exitCodes.ok;
      if (error.code === 'commander.help' && !json) return exitCodes.usage;
    }
    process.stderr.write(failureLine(errorInfoOf(error, commandOf(program, words)), json));
    return exitCodeOf(error);
  }
}

for (const stream of [process.stdout, process.stderr]) {
  // The reader has gone (`skerry ls … | head`): end as the signal would, without a word.
  stream.on('error', (error) => {
    process.exit(codeOf(error) === 'EPIPE' ? exitCodeOfSignal('SIGPIPE') : exitCodes.failure);
  });
}

process.exitCode = await run(process.argv.slice(2));
setTimeout(() => process.exit(), LINGER_MS).unref();
