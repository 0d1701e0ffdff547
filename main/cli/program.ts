import { Command } from 'commander';
import { addAdd } from './commands/add.ts';
import { addDoctor } from './commands/doctor.ts';
import { addExpose } from './commands/expose.ts';
import { addForward } from './commands/forward.ts';
import { addGet } from './commands/get.ts';
import { addId } from './commands/id.ts';
import { addInbox } from './commands/inbox.ts';
import { addInvite } from './commands/invite.ts';
import { addLinks } from './commands/links.ts';
import { addLs } from './commands/ls.ts';
import { addName } from './commands/name.ts';
import { addNearby } from './commands/nearby.ts';
import { addPeers } from './commands/peers.ts';
import { addPipe } from './commands/pipe.ts';
import { addRouter } from './commands/router.ts';
import { addServices } from './commands/services.ts';
import { addShare } from './commands/share.ts';
import { addShares } from './commands/shares.ts';
import { addStatus } from './commands/status.ts';
import { addStop } from './commands/stop.ts';
import { addTransfers } from './commands/transfers.ts';
import { addUi } from './commands/ui.ts';
import { addUp } from './commands/up.ts';
import { addGlobals, examples } from './context.ts';
import type { Streams } from './output/terminal.ts';
import { packageVersion } from '../base/version.ts';

const GROUPS: readonly [heading: string, commands: readonly ((program: Command) => void)[]][] = [
  ['This peer:', [addUp, addStop, addStatus, addDoctor, addUi, addId, addName]],
  ['Contacts:', [addInvite, addAdd, addNearby, addPeers, addLinks]],
  ['What you share:', [addShare, addShares]],
  ['What others share:', [addInbox, addLs, addGet, addTransfers]],
  ['Services:', [addExpose, addServices, addForward, addPipe]],
  ['NATS:', [addRouter]],
];

/** The whole command line. Nothing is printed and nobody exits but by what `run` does with the outcome. */
export function createProgram(streams: Streams): Command {
  const program = new Command('skerry')
    .description('Share files with the people you chose, end to end encrypted.')
    .version(packageVersion())
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => streams.stdout.write(text),
      writeErr: (text) => streams.stderr.write(text),
      outputError: () => undefined,
    })
    .exitOverride()
    .addHelpText('after', examples('skerry up', 'skerry invite', 'skerry share ~/photos'));
  addGlobals(program, streams);
  for (const [heading, commands] of GROUPS) {
    program.commandsGroup(heading);
    for (const add of commands) add(program);
  }
  program.addHelpCommand(
    new Command('help')
      .argument('[command]')
      .description('show the help of a command')
      .helpOption(false)
      .helpGroup('Help:'),
  );
  return program;
}
