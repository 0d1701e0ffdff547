import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Command } from 'commander';
import { withPeer } from '../connection.ts';
import { action, type Context, examples } from '../context.ts';
import { serviceOfTarget } from '../service-target.ts';

/** Opens the pipe's socket. The error that is thrown here is the system's: the peer has just made the socket. */
async function enter(path: string): Promise<Socket> {
  const socket = connect({ path, allowHalfOpen: true });
  await once(socket, 'connect');
  // How the pipe ended is the peer's to say.
  socket.on('error', () => undefined);
  return socket;
}

/** Everything from the socket to the output; resolves when the system has all of it, also when the socket broke. */
async function deliver(socket: Socket, output: NodeJS.WritableStream): Promise<void> {
  socket.pipe(output, { end: false });
  await new Promise<unknown>((resolve) => socket.once('end', resolve).once('close', resolve));
  await new Promise<void>((resolve) => output.write('', () => resolve()));
}

async function pipe({ home, terminal }: Context, target: string): Promise<void> {
  await withPeer(home, async (api) => {
    const { peer, service } = await serviceOfTarget(api, target);
    const { id, path } = await api.call('pipes.open', { peer, service });
    const socket = await enter(path);
    const end = api.call('pipes.end', { id });
    const { stdin } = process;
    const { promise: unreadable, reject }: PromiseWithResolvers<never> = Promise.withResolvers();
    stdin.once('error', reject);
    // The end of the input ends the socket's writing half alone.
    stdin.pipe(socket);
    try {
      await Promise.race([Promise.all([end, deliver(socket, terminal.stdout)]), unreadable]);
    } finally {
      stdin.unpipe(socket).destroy();
      socket.destroy();
    }
  });
}

export function addPipe(program: Command): void {
  program
    .command('pipe')
    .description('connect stdin and stdout to a service of a contact')
    .argument('<service>', '<peer>/<service>')
    .addHelpText(
      'after',
      examples(
        'skerry pipe ada/backup < backup.tar',
        "ssh -o ProxyCommand='skerry pipe ada/ssh' ada",
      ),
    )
    .action(action(pipe));
}
