import { resolve } from 'node:path';
import type { Command } from 'commander';
import { defaultHome } from '../peer/default-home.ts';
import { type Streams, Terminal } from './output/terminal.ts';

/** What every command knows besides its own arguments. */
export interface Context {
  /** The peer's home folder, absolute. */
  readonly home: string;
  readonly terminal: Terminal;
}

/** Where a program prints, by its root command. */
const streamsOf = new WeakMap<Command, Streams>();

/** The options every command takes, before or after its name, and where all of them print. */
export function addGlobals(program: Command, streams: Streams): void {
  streamsOf.set(program, streams);
  program
    .option('--home <dir>', 'home folder of the peer (default: SKERRY_HOME or the system’s)')
    .option('--json', 'answer with one line of JSON on stdout, errors as JSON on stderr');
}

/**
 * Turns a command's work into what commander calls: the context first, then the command's own operands and
 * options, as commander passes them.
 */
export function action<Args extends unknown[]>(
  work: (context: Context, ...args: Args) => Promise<void>,
): (...args: [...Args, Command]) => Promise<void> {
  return async (...args) => {
    const command = args.pop() as Command;
    const { home, json } = command.optsWithGlobals<{ home?: string; json?: boolean }>();
    const context: Context = {
      home: home === undefined ? defaultHome() : resolve(home),
      terminal: new Terminal(json === true, streamsOf.get(rootOf(command)) ?? process),
    };
    await work(context, ...(args as unknown[] as Args));
  };
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}

/** Help's last lines. */
export function examples(...lines: readonly string[]): string {
  return `\n${lines.length === 1 ? 'Example' : 'Examples'}:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
}
