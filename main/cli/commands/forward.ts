import type { Command } from 'commander';
import type { ForwardInfo } from '../../api/contract.ts';
import { withPeer } from '../connection.ts';
import { action, type Context, examples } from '../context.ts';
import { CliError } from '../errors.ts';
import { countText, shortKey } from '../output/human.ts';
import { printable } from '../output/printable.ts';
import type { Terminal } from '../output/terminal.ts';
import { type Kind, matching, only } from '../resolve.ts';
import { serviceOfTarget } from '../service-target.ts';

interface ForwardOptions {
  readonly allowRemote?: true;
  readonly list?: true;
}

const forwardKind: Kind<ForwardInfo> = {
  word: 'forward',
  missing: 'forward-not-found',
  id: ({ id }) => id,
  name: ({ listen }) => listen,
};

function nameOf({ peerName, service }: ForwardInfo): string {
  return `${printable(peerName)}/${printable(service)}`;
}

function forwardLines(terminal: Terminal, forwards: readonly ForwardInfo[]): string[] {
  if (forwards.length === 0) {
    return ['Nothing is forwarded. Reach a service with: skerry forward <peer>/<service>'];
  }
  const failures = forwards.flatMap((forward) =>
    forward.error === null ? [] : [`${forward.listen}: ${forward.error.message}`],
  );
  return [
    ...terminal.table<ForwardInfo>(
      [
        { title: 'LISTEN', cell: ({ listen }) => printable(listen) },
        { title: 'SERVICE', cell: nameOf, shrinkTo: 8 },
        {
          title: 'STATE',
          cell: ({ state }) => state,
          paint: (cell, { state }) => (state === 'failed' ? terminal.paint('red', cell) : cell),
        },
        { title: 'IN USE', cell: ({ connections }) => countText(connections), align: 'right' },
        { title: 'FOR', cell: ({ remote }) => (remote ? 'other computers, too' : 'this computer') },
        { title: 'ID', cell: ({ id }) => shortKey(id) },
      ],
      forwards,
    ),
    ...failures.map((line) => printable(line)),
  ];
}

async function forward(
  { home, terminal }: Context,
  target: string | undefined,
  listen: string | undefined,
  { allowRemote, list }: ForwardOptions,
): Promise<void> {
  if (list === true) {
    if (target !== undefined) throw new CliError('usage', '--list takes no service.');
    const forwards = await withPeer(home, (api) => api.call('forwards.list', {}));
    terminal.result(forwards, () => forwardLines(terminal, forwards));
    return;
  }
  if (target === undefined) {
    throw new CliError('usage', 'Say which service of which contact: <peer>/<service>.', {
      hint: 'See `skerry forward --help`.',
    });
  }
  const made = await withPeer(home, async (api) => {
    const { peer, service } = await serviceOfTarget(api, target);
    return api.call('forwards.add', {
      peer,
      service,
      ...(listen !== undefined && { listen }),
      allowRemote: allowRemote === true,
    });
  });
  if (made.remote) {
    terminal.note(
      `Warning: whoever can connect to ${printable(made.listen)} uses ${nameOf(made)} in your name.`,
    );
  }
  terminal.result(made, () => [`${nameOf(made)} is at ${printable(made.listen)}.`]);
}

export function addForward(program: Command): void {
  program
    .command('forward')
    .description('reach a service of a contact at a local address, now and after each start')
    .argument('[service]', '<peer>/<service>')
    .argument('[listen]', 'port, address:port, or unix: and a path (default: any free port)')
    .option('--allow-remote', 'let other computers connect to the address, too')
    .option('--list', 'list the forwards')
    .addHelpText(
      'after',
      examples('skerry forward ada/web 9000', 'skerry forward ada/app unix:/tmp/app.sock'),
    )
    .action(action(forward));
  program
    .command('unforward')
    .description('close a local address; its connections are cut')
    .argument('<forward>', 'its address, id or start of the id')
    .addHelpText('after', examples('skerry unforward 127.0.0.1:9000'))
    .action(
      action(async ({ home, terminal }, text: string) => {
        const { gone, result } = await withPeer(home, async (api) => {
          const found = matching(forwardKind, await api.call('forwards.list', {}), text);
          const one = only(forwardKind, found, text);
          return { gone: one, result: await api.call('forwards.remove', { id: one.id }) };
        });
        terminal.result(result, () => [`${printable(gone.listen)} is closed.`]);
      }),
    );
}
