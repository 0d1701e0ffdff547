/** What a running server can be told, by Unix signals or over its control channel. */

export const COMMANDS = ['stop', 'quit', 'term', 'reopen', 'reload', 'ldm'] as const;
export type Command = (typeof COMMANDS)[number];

/** As nats-server maps them: `stop` ends the process without asking it. */
export const SIGNALS: Readonly<Record<Command, NodeJS.Signals>> = {
  stop: 'SIGKILL',
  quit: 'SIGINT',
  term: 'SIGTERM',
  reopen: 'SIGUSR1',
  reload: 'SIGHUP',
  ldm: 'SIGUSR2',
};

export function isCommand(text: string): text is Command {
  return (COMMANDS as readonly string[]).includes(text);
}

/** The signals that the process listens to. On Windows there are but these two. */
export function handledSignals(platform: NodeJS.Platform): [NodeJS.Signals, Command][] {
  const commands: Command[] =
    platform === 'win32' ? ['quit', 'term'] : ['quit', 'term', 'reopen', 'reload', 'ldm'];
  return commands.map((command) => [SIGNALS[command], command]);
}
