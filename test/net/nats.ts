import type { Attachment } from './segment.ts';
import type { NodeProcess } from './node.ts';

export interface NetNats {
  readonly url: string;
  kill(): Promise<void>;
  /** Again, at the same address. */
  start(): Promise<void>;
}

/** A real nats-server on a machine's address. */
export async function startNats({ node, v4 = '' }: Attachment): Promise<NetNats> {
  const address = ['-a', v4, '-p', '4222'];
  let server: NodeProcess | undefined;
  const start = async (): Promise<void> => {
    server = node.start('nats-server', address);
    await server.seen('stderr', /Server is ready/);
  };
  await start();
  return { url: `nats://${v4}:4222`, start, kill: async () => server?.kill() };
}
