import { CommanderError, type Command } from 'commander';
import { exitCodes } from './exit-codes.ts';
import { errorInfoOf, exitCodeOf, failureLine } from './failure.ts';
import type { Streams } from './output/terminal.ts';
import { createProgram } from './program.ts';

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

/** Runs one command line, `skerry` left out, and returns the exit code. */
export async function run(words: readonly string[], streams: Streams): Promise<number> {
  const json = wantsJson(words);
  const program = createProgram(streams);
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
    streams.stderr.write(failureLine(errorInfoOf(error, commandOf(program, words)), json));
    return exitCodeOf(error);
  }
}
